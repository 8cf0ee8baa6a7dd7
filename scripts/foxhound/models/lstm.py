"""Build the three LSTM classifiers of the published experiment, with padding masked, or counted as it did."""

import torch
from torch import Tensor, nn

from foxhound.models.attention import AttentionPooling
from foxhound.models.lstm_layer import LSTMLayer

ARCHITECTURES = ("base", "bidirectional", "bidirectional-attention")


class LSTMClassifier(nn.Module):
    """Classify by one LSTM layer, pooling over time, and Linear - ReLU - Linear to one logit.

    `padding="masked"` reads real tokens only: without attention the states are averaged. With `padding="summed"`, as
    published, the LSTM runs on over the padding, and its states there are summed (or attended to) like any other.
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
        """Return logits (batch,) and, with attention, its weights (batch, steps); without, None.

        Args:
            vectors: (directions, steps, batch, dimensions), as `Sequences.gather_steps` gathers them.
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
