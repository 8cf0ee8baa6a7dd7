"""The LSTM layer against nn.LSTM on packed sequences, and its gradient against finite differences."""

import numpy as np
import pytest
import torch
from foxhound.features.embedding_store import TokenVectors
from foxhound.models.lstm_layer import LSTMLayer, _Recurrence
from foxhound.models.lstm_training import LSTMSettings, Sequences
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

HIDDEN, DIMENSIONS = 5, 7
LENGTHS = [6, 1, 4]
MASKED = LSTMSettings(max_steps=99)


PLACES = {"weight_ih": "project", "weight_hh": "weight", "bias_ih": "bias"}
"""What nn.LSTM calls a parameter -> what the layer calls it."""


def as_nn_lstm(gates: torch.Tensor) -> torch.Tensor:
    """A parameter of one direction, or its gradient, as nn.LSTM holds it: transposed, gates input, forget, cell, output."""
    return torch.cat([gates.T.chunk(4, dim=0)[gate] for gate in (0, 1, 3, 2)])


def reference(layer: LSTMLayer) -> nn.LSTM:
    """nn.LSTM with the layer's weights."""
    lstm = nn.LSTM(DIMENSIONS, HIDDEN, batch_first=True, bidirectional=layer.directions == 2)
    with torch.no_grad():
        for direction in range(layer.directions):
            suffix = "_reverse" if direction else ""
            for theirs, ours in PLACES.items():
                values = as_nn_lstm(getattr(layer, ours)[direction])
                getattr(lstm, f"{theirs}_l0{suffix}").copy_(values.squeeze(-1) if ours == "bias" else values)
            getattr(lstm, f"bias_hh_l0{suffix}").zero_()
    return lstm


@pytest.mark.parametrize("bidirectional", [False, True])
def test_states_and_gradients_equal_a_packed_lstm(bidirectional: bool) -> None:
    torch.manual_seed(0)
    layer = LSTMLayer(DIMENSIONS, HIDDEN, bidirectional)
    lstm = reference(layer)
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
    found = layer(gathered.float(), torch.where(mask, lengths - 1 - steps, steps)) * mask[:, :, None]
    torch.testing.assert_close(found.transpose(0, 1), expected)

    target = torch.randn_like(expected)
    (found.transpose(0, 1) * target).sum().backward()
    (expected * target).sum().backward()
    for direction in range(layer.directions):
        suffix = "_reverse" if direction else ""
        for theirs, ours in PLACES.items():
            gradient = as_nn_lstm(getattr(layer, ours).grad[direction])
            wanted = getattr(lstm, f"{theirs}_l0{suffix}").grad
            torch.testing.assert_close(gradient.squeeze(-1) if ours == "bias" else gradient, wanted)


def test_gradient_against_finite_differences() -> None:
    torch.manual_seed(1)
    inputs = torch.randn(2, 4, 3, 4 * HIDDEN, dtype=torch.double, requires_grad=True)
    weight = torch.randn(2, HIDDEN, 4 * HIDDEN, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(_Recurrence.apply, (inputs, weight))


def test_gather_steps_reads_back_to_front_and_pads_with_any_vector_or_with_a_last_token() -> None:
    vectors = TokenVectors(np.arange(1, 5, dtype=np.float32)[:, None], np.array([0, 3, 4]))
    masked, _ = Sequences(vectors, 2, MASKED, torch.device("cpu")).gather_steps(np.array([0, 1]))
    assert masked.squeeze(-1).transpose(1, 2).tolist() == [[[1, 2, 3], [4, 1, 1]], [[3, 2, 1], [4, 1, 1]]]
    settings = LSTMSettings(padding="summed", padding_steps=5, max_steps=2)
    summed, lengths = Sequences(vectors, 2, settings, torch.device("cpu")).gather_steps(np.array([0, 1]))
    assert summed.squeeze(-1).transpose(1, 2).tolist() == [
        [[1, 2, 3, 3, 3], [4, 3, 3, 3, 3]],
        [[3, 3, 3, 2, 1], [3, 3, 3, 3, 4]],
    ]
    assert lengths.tolist() == [2, 1]
