"""The three LSTM classifiers of the notes, with padding masked, or counted as the notes counted it."""

import torch
from torch import Tensor, nn

from foxhound.models.attention import AttentionPooling
from foxhound.models.lstm_layer import LSTMLayer

ARCHITECTURES = ("base", "bidirectional", "bidirectional-attention")
PADDINGS = ("masked", "summed")


class LSTMClassifier(nn.Module):
    """One LSTM layer, pooling over time, Linear - ReLU - Linear to one logit.

    `padding="masked"` reads real tokens only: without attention the states are averaged. `padding="summed"` is what the
    notes did: the LSTM runs on over the padding, and its states there are summed (or attended to) like any other.
    """

    def __init__(
        self,
        dimensions: int,
        architecture: str,
        hidden: int,
        attention: int,
        head: int,
        padding: str = "masked",
    ) -> None:
        super().__init__()
        bidirectional = architecture != "base"
        width = hidden * (1 + bidirectional)
        self.padding = padding
        self.lstm = LSTMLayer(dimensions, hidden, bidirectional)
        self.attention = AttentionPooling(width, attention) if architecture.endswith("attention") else None
        self.head = nn.Sequential(nn.Linear(width, head), nn.ReLU(), nn.Linear(head, 1))

    def forward(self, vectors: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor | None]:
        """Logits (batch,) and, with attention, its weights (batch, steps), from what `Sequences.gather_steps` gathers.

        Args:
            vectors: (directions, steps, batch, dimensions), zero on padding.
            lengths: (batch,) real steps of each row.
        """
        steps = torch.arange(vectors.shape[1], device=vectors.device)[:, None]
        if self.padding == "summed":
            lengths = torch.full_like(lengths, len(steps))
        mask = steps < lengths
        states = self.lstm(vectors, torch.where(mask, lengths - 1 - steps, steps))
        weights = None
        if self.attention is not None:
            pooled, weights = self.attention(states.transpose(0, 1), mask.T)
        else:
            pooled = (states * mask[:, :, None]).sum(dim=0)
            if self.padding == "masked":
                pooled = pooled / lengths[:, None]
        return self.head(pooled).squeeze(-1).float(), weights
