"""Give nn.LSTM the weights of the LSTM layer, as a reference."""

import torch
from foxhound.models.lstm_layer import LSTMLayer
from torch import nn

PARAMETERS = {"weight_ih": "project", "weight_hh": "weight", "bias_ih": "bias"}
"""What nn.LSTM calls a parameter -> what the layer calls it."""


def nn_lstm(layer: LSTMLayer) -> nn.LSTM:
    """Return nn.LSTM, batch first, with the layer's weights."""
    lstm = nn.LSTM(layer.project.shape[2], layer.hidden, batch_first=True, bidirectional=layer.directions == 2)
    with torch.no_grad():
        for direction in range(layer.directions):
            suffix = "_reverse" if direction else ""
            for theirs, ours in PARAMETERS.items():
                values = getattr(lstm, f"{theirs}_l0{suffix}")
                values.copy_(getattr(layer, ours)[direction].view_as(values))
            getattr(lstm, f"bias_hh_l0{suffix}").zero_()
    return lstm
