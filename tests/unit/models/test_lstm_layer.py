"""Check the LSTM layer, and its gradient, against nn.LSTM on packed sequences."""

import numpy as np
import pytest
import torch
from foxhound.features.embedding_store import TokenVectors
from foxhound.models.lstm_layer import LSTMLayer
from foxhound.models.lstm_training import LSTMSettings, Sequences
from reference_lstm import PARAMETERS, nn_lstm
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

HIDDEN, DIMENSIONS = 5, 7
LENGTHS = [6, 1, 4]
MASKED = LSTMSettings(max_steps=99)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_states_and_gradients_equal_a_packed_lstm(bidirectional: bool) -> None:
    torch.manual_seed(0)
    layer = LSTMLayer(DIMENSIONS, HIDDEN, bidirectional)
    lstm = nn_lstm(layer)
    values = torch.randn(sum(LENGTHS), DIMENSIONS).bfloat16()
    starts = np.concatenate([[0], np.cumsum(LENGTHS)])
    sequences = Sequences(TokenVectors(values.float().numpy(), starts), layer.directions, MASKED, torch.device("cpu"))
    gathered, lengths = sequences.gather_steps(np.arange(3))
    assert lengths.tolist() == LENGTHS

    rows = nn.utils.rnn.pad_sequence(list(values.float().split(LENGTHS)), batch_first=True)
    packed = pack_padded_sequence(rows, lengths, batch_first=True, enforce_sorted=False)
    expected, _ = pad_packed_sequence(lstm(packed)[0], batch_first=True)
    steps = torch.arange(max(LENGTHS))[:, None]
    mask = steps < lengths
    states = layer(gathered.float(), torch.where(mask, lengths - 1 - steps, steps)) * mask[:, :, None]
    torch.testing.assert_close(states.transpose(0, 1), expected)

    target = torch.randn_like(expected)
    (states.transpose(0, 1) * target).sum().backward()
    (expected * target).sum().backward()
    for direction in range(layer.directions):
        suffix = "_reverse" if direction else ""
        for theirs, ours in PARAMETERS.items():
            expected_gradient = getattr(lstm, f"{theirs}_l0{suffix}").grad
            gradient = getattr(layer, ours).grad[direction].view_as(expected_gradient)
            torch.testing.assert_close(gradient, expected_gradient)


def test_a_seed_stands_for_the_same_start_as_ever() -> None:
    torch.manual_seed(0)
    layer = LSTMLayer(DIMENSIONS, HIDDEN, True)
    torch.manual_seed(0)
    for parameter, width in ((layer.project, DIMENSIONS), (layer.bias[..., None], 1), (layer.weight, HIDDEN)):
        drawn = (torch.rand(2, width, 4 * HIDDEN) * 2 - 1) / HIDDEN**0.5
        for gate, was in enumerate((0, 1, 3, 2)):
            here, there = (slice(at * HIDDEN, (at + 1) * HIDDEN) for at in (gate, was))
            torch.testing.assert_close(parameter[:, here], drawn[..., there].transpose(1, 2))
