"""Run an LSTM layer's directions side by side, with the recurrence's gradient written out.

nn.LSTM runs one direction after the other and records every step for autograd. Here the input of all steps is
multiplied once (in bfloat16 where that is faster), both directions share each step's operations, and the backward pass
is one loop. Whether that still pays is measured in benchmarks/README.md; equality with nn.LSTM, and gradients, are
tested in tests/unit/models/test_lstm_layer.py.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn


class _Recurrence(torch.autograd.Function):
    """Compute h[t] of an LSTM (Hochreiter & Schmidhuber 1997, with forget gates) from its projected inputs.

    inputs: (directions, steps, batch, 4 hidden), gates in the order input, forget, output, cell.
    weight: (directions, hidden, 4 hidden). Returns (directions, steps, batch, hidden). Starts from zeros.
    """

    @staticmethod
    def forward(context: Any, inputs: Tensor, weight: Tensor) -> Tensor:
        directions, steps, batch, _ = inputs.shape
        hidden = weight.shape[1]
        gates = torch.empty_like(inputs)
        cells = inputs.new_zeros(directions, steps + 1, batch, hidden)
        squashed = inputs.new_empty(directions, steps, batch, hidden)
        states = inputs.new_zeros(directions, steps + 1, batch, hidden)
        for step in range(steps):
            gate = torch.baddbmm(inputs[:, step], states[:, step], weight)
            gate[..., : 3 * hidden].sigmoid_()
            gate[..., 3 * hidden :].tanh_()
            gates[:, step] = gate
            enter, forget, leave, new = gate.split(hidden, dim=-1)
            cell = (forget * cells[:, step]).addcmul_(enter, new)
            cells[:, step + 1] = cell
            squash = cell.tanh()
            squashed[:, step] = squash
            states[:, step + 1] = leave * squash
        context.save_for_backward(gates, cells, squashed, states, weight)
        return states[:, 1:]

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        gates, cells, squashed, states, weight = context.saved_tensors
        outer = gradients[0]
        directions, steps, batch, width = gates.shape
        hidden = width // 4
        inner = torch.empty_like(gates)
        from_state = outer.new_zeros(directions, batch, hidden)
        from_cell = outer.new_zeros(directions, batch, hidden)
        transposed = weight.transpose(1, 2).contiguous()
        for step in reversed(range(steps)):
            enter, forget, leave, new = gates[:, step].split(hidden, dim=-1)
            squash = squashed[:, step]
            state = outer[:, step] + from_state
            # d tanh(x) = 1 - tanh(x)^2, d sigmoid(x) = sigmoid(x) (1 - sigmoid(x))
            leaving = state * leave
            cell = (from_cell + leaving).addcmul_(leaving * squash, squash, value=-1)
            into = cell * enter
            remaining = cell * forget
            gate = inner[:, step]
            entering = into * new
            torch.addcmul(entering, entering, enter, value=-1, out=gate[..., :hidden])
            forgetting = remaining * cells[:, step]
            torch.addcmul(forgetting, forgetting, forget, value=-1, out=gate[..., hidden : 2 * hidden])
            leaving = leaving * squash
            torch.addcmul(leaving, leaving, leave, value=-1, out=gate[..., 2 * hidden : 3 * hidden])
            torch.addcmul(into, into * new, new, value=-1, out=gate[..., 3 * hidden :])
            from_cell = remaining
            from_state = torch.bmm(gate, transposed)
        before = states[:, :-1].reshape(directions, steps * batch, hidden)
        weight_gradient = before.transpose(1, 2) @ inner.view(directions, steps * batch, width)
        return inner, weight_gradient


class LSTMLayer(nn.Module):
    """Run one LSTM layer in one or two directions; initialised as nn.LSTM is, with one bias in place of two."""

    def __init__(self, dimensions: int, hidden: int, bidirectional: bool) -> None:
        super().__init__()
        self.directions = 1 + bidirectional
        self.project = nn.Parameter(torch.empty(self.directions, dimensions, 4 * hidden))
        self.bias = nn.Parameter(torch.empty(self.directions, 1, 4 * hidden))
        self.weight = nn.Parameter(torch.empty(self.directions, hidden, 4 * hidden))
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -1 / math.sqrt(hidden), 1 / math.sqrt(hidden))

    def forward(self, vectors: Tensor, back: Tensor) -> Tensor:
        """Return states (steps, batch, directions x hidden), both directions in reading order.

        Args:
            vectors: (directions, steps, batch, dimensions); the second direction is given back to front, each row
                starting with its last real step, so that nothing is read across padding.
            back: (steps, batch) the step at which a row's reversed states stand for each step.
        """
        directions, steps, batch, dimensions = vectors.shape
        projected = torch.bmm(vectors.reshape(directions, steps * batch, dimensions), self.project)
        inputs = (projected.to(self.weight.dtype) + self.bias).view(directions, steps, batch, -1)
        states = _Recurrence.apply(inputs, self.weight)
        if directions == 1:
            return states[0]
        index = back[:, :, None].expand_as(states[1])
        return torch.cat([states[0], states[1].gather(0, index)], dim=-1)
