"""Give nn.LSTM the weights of the LSTM layer, as a reference."""

import torch
from foxhound.models.lstm_layer import LSTMLayer
from torch import nn

PARAMETERS = {"weight_ih": "project", "weight_hh": "weight", "bias_ih": "bias"}
"""What nn.LSTM calls a parameter -> what the layer calls it."""


def nn_layout(gates: torch.Tensor) -> torch.Tensor:
    """Return a parameter of one direction as nn.LSTM holds it: transposed, gates input, forget, cell, output."""
    return torch.cat([gates.T.chunk(4, dim=0)[gate] for gate in (0, 1, 3, 2)])


def nn_lstm(layer: LSTMLayer) -> nn.LSTM:
    """Return nn.LSTM, batch first, with the layer's weights."""
    _, dimensions, width = layer.project.shape
    lstm = nn.LSTM(dimensions, width // 4, batch_first=True, bidirectional=layer.directions == 2)
    with torch.no_grad():
        for direction in range(layer.directions):
            suffix = "_reverse" if direction else ""
            for theirs, ours in PARAMETERS.items():
                values = nn_layout(getattr(layer, ours)[direction])
                getattr(lstm, f"{theirs}_l0{suffix}").copy_(values.squeeze(-1) if ours == "bias" else values)
            getattr(lstm, f"bias_hh_l0{suffix}").zero_()
    return lstm
