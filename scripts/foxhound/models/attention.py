"""Pool an LSTM's states by attention."""

import torch
from torch import Tensor, nn


class AttentionPooling(nn.Module):
    """Average time steps, weighted by Linear - ReLU - Linear and a softmax over the unmasked steps."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.score = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, 1))

    def forward(self, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Pool `states` (batch, steps, width) to (batch, width), and return the weights (batch, steps) too.

        `mask` (batch, steps) is True where a step counts; every row needs at least one such step.
        """
        scores = self.score(states).squeeze(-1).masked_fill(~mask, float("-inf"))
        weights = torch.softmax(scores, dim=1)
        return torch.einsum("bs,bsw->bw", weights, states), weights
