"""Run one LSTM layer in one or two directions over padded rows, each direction as PyTorch's one-way LSTM.

On packed sequences PyTorch slices its input at every step, which takes several times as long; a loop of our own over
the steps took up to twice as long (benchmarks/README.md). Equality with packed sequences is tested in
tests/unit/models/test_lstm_layer.py.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn


class _Reorder(torch.autograd.Function):
    """Give the steps of each row another order, one that gives them back when it is applied twice.

    Its gradient is then the same once more, where autograd would add up row by row.
    """

    @staticmethod
    def forward(context: Any, states: Tensor, order: Tensor) -> Tensor:
        """Return states (steps, batch, hidden), each from the row that `order` (steps x batch) names."""
        context.save_for_backward(order)
        return states.flatten(0, 1).index_select(0, order).view_as(states)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (order,) = context.saved_tensors
        return _Reorder.forward(context, gradients[0], order), None


class LSTMLayer(nn.Module):
    """Run one LSTM layer in one or two directions; initialised as nn.LSTM is, with one bias in place of two.

    Parameters are stacked by direction, and otherwise as nn.LSTM has them: input, forget, cell and output gate in rows.
    """

    def __init__(self, dimensions: int, hidden: int, bidirectional: bool) -> None:
        super().__init__()
        self.directions, self.hidden = 1 + bidirectional, hidden
        self.project = nn.Parameter(self._draw(dimensions))
        self.bias = nn.Parameter(self._draw(1).squeeze(-1))
        self.weight = nn.Parameter(self._draw(hidden))

    def _draw(self, width: int) -> Tensor:
        """Draw weights (directions, 4 hidden, width)."""
        limit = 1 / math.sqrt(self.hidden)
        drawn = torch.empty(self.directions, width, 4 * self.hidden).uniform_(-limit, limit)
        # The order in which this project has always drawn them, so that a seed stands for the same start as ever.
        enter, forget, leave, cell = drawn.transpose(1, 2).chunk(4, dim=1)
        return torch.cat([enter, forget, cell, leave], dim=1)

    def forward(self, vectors: Tensor, back: Tensor) -> Tensor:
        """Return states (steps, batch, directions x hidden), both directions in reading order.

        Args:
            vectors: (directions, steps, batch, dimensions); the second direction is given back to front, each row
                starting with its last real step, so that nothing is read across padding.
            back: (steps, batch) the step at which a row's reversed states stand for each step.
        """
        batch = vectors.shape[2]
        start = vectors.new_zeros(1, batch, self.hidden)
        stacked = zip(vectors, self.project, self.weight, self.bias, torch.zeros_like(self.bias), strict=True)
        states = [
            torch.lstm(
                rows, (start, start), weights, has_biases=True, num_layers=1, dropout=0.0,
                train=torch.is_grad_enabled(), bidirectional=False, batch_first=False,
            )[0]
            for rows, *weights in stacked
        ]  # fmt: skip
        if self.directions == 1:
            return states[0]
        order = (back * batch + torch.arange(batch, device=back.device)).flatten()
        return torch.cat([states[0], _Reorder.apply(states[1], order)], dim=-1)
