"""The three LSTM classifiers of the notes, with padding masked, or counted as the notes counted it."""

import torch
from torch import Tensor, nn

from foxhound.attention import AttentionPooling

ARCHITECTURES = ("base", "bidirectional", "bidirectional-attention")
PADDINGS = ("masked", "summed")


def reverse_rows(vectors: Tensor, lengths: Tensor) -> Tensor:
    """Each row of `vectors` (batch, steps, width) with its first `lengths` steps in reverse; padding stays behind."""
    steps = torch.arange(vectors.shape[1], device=vectors.device)
    lengths = lengths[:, None].to(vectors.device)
    index = torch.where(steps < lengths, lengths - 1 - steps, steps)
    return vectors.gather(1, index[:, :, None].expand_as(vectors))


class LSTMClassifier(nn.Module):
    """One LSTM layer, pooling over time, Linear - ReLU - Linear to one logit.

    `padding="masked"` reads real tokens only: without attention the states are averaged. `padding="summed"` is what the
    notes did: the LSTM runs on over the padding, and its states there are summed (or attended to) like any other.
    """

    def __init__(
        self, dimensions: int, architecture: str, hidden: int, attention: int, head: int, padding: str = "masked"
    ) -> None:
        super().__init__()
        bidirectional = architecture != "base"
        width = hidden * (1 + bidirectional)
        self.padding = padding
        # Two LSTMs of one direction each on padded rows, not nn.LSTM on a PackedSequence: the packed path slices its
        # input at every step, and on the CPU the gradient of each slice fills a tensor as large as the whole input.
        # The states on real tokens are the same (tests/unit/test_lstm.py); see benchmarks/README.md for the time.
        self.forward_lstm = nn.LSTM(dimensions, hidden, batch_first=True)
        self.backward_lstm = nn.LSTM(dimensions, hidden, batch_first=True) if bidirectional else None
        self.attention = AttentionPooling(width, attention) if architecture.endswith("attention") else None
        self.head = nn.Sequential(nn.Linear(width, head), nn.ReLU(), nn.Linear(head, 1))

    def states(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """LSTM states (batch, steps, hidden x directions); those on padding mean nothing unless it is read."""
        states, _ = self.forward_lstm(vectors)
        if self.backward_lstm is None:
            return states
        backward, _ = self.backward_lstm(reverse_rows(vectors, lengths))
        return torch.cat([states, reverse_rows(backward, lengths)], dim=-1)

    def forward(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """Logits (batch,) of `vectors` (batch, steps, dimensions), zero from each row's `lengths` on."""
        if self.padding == "summed":
            lengths = torch.full_like(lengths, vectors.shape[1])
        lengths = lengths.to(vectors.device)
        mask = torch.arange(vectors.shape[1], device=vectors.device) < lengths[:, None]
        states = self.states(vectors, lengths)
        if self.attention is not None:
            pooled, _ = self.attention(states, mask)
        else:
            pooled = (states * mask[:, :, None]).sum(dim=1)
            if self.padding == "masked":
                pooled = pooled / lengths[:, None]
        return self.head(pooled).squeeze(-1)
