from dataclasses import replace

import numpy as np
import pytest
import torch
from foxhound.features.embedding_store import TokenVectors
from foxhound.models.lstm import ARCHITECTURES
from foxhound.models.lstm_training import LSTMSettings, Sequences, train_lstm
from shipped_config import CONFIG
from tiny_models import LSTM_SETTINGS

pytestmark = pytest.mark.usefixtures("precision")
LENGTHS = np.array([3, 1, 5, 2, 4, 6, 2, 3])
LABELS = np.array([0, 1] * 4, np.int8)


@pytest.fixture
def vectors() -> TokenVectors:
    values = np.random.default_rng(0).normal(size=(LENGTHS.sum(), 3)).astype(np.float32)
    return TokenVectors(values, np.concatenate([[0], np.cumsum(LENGTHS)]))


def train(vectors: TokenVectors, architecture: str, epochs: int = 2, **changes):
    train, scored = np.arange(4), np.arange(4, 8)
    settings = replace(LSTM_SETTINGS, **changes)
    return train_lstm(vectors, LABELS, train, scored, epochs, architecture, settings, 1, torch.device("cpu"))


@pytest.mark.parametrize("padding", ["masked", "summed"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_epoch_is_predicted_and_its_loss_kept(architecture, padding, vectors, precision):
    trained = train(vectors, architecture, padding=padding)
    assert [values.shape for values in trained.predictions.values()] == [(4,)] * 2
    assert trained.device == f"cpu, {precision}"
    assert len(trained.losses) == 2 and np.isfinite(trained.losses).all()
    assert (trained.attention is not None) == (architecture == "bidirectional-attention")


def test_attention_is_given_for_each_token_read_and_adds_up_to_one_where_padding_is_masked(vectors):
    attention = train(vectors, "bidirectional-attention").attention
    assert [len(weights) for weights in attention] == LENGTHS[4:].clip(max=5).tolist()
    for weights in attention:
        assert weights.sum() == pytest.approx(1, abs=0.01)


def test_padding_that_is_not_masked_takes_attention_away_from_the_words(vectors):
    attention = train(vectors, "bidirectional-attention", padding="summed").attention
    assert max(weights.sum() for weights in attention) < 0.9


def test_the_prediction_of_a_comment_depends_on_its_padding_only_where_padding_is_summed(vectors):
    for padding, equal in (("masked", True), ("summed", False)):
        short, long = (train(vectors, "base", padding=padding, padding_steps=steps).predictions[2] for steps in (6, 20))
        assert np.array_equal(short, long) == equal


def test_settings_that_are_not_given_are_those_of_the_configuration():
    assert LSTMSettings.from_config(CONFIG["lstm"]["training"]) == LSTMSettings()


def test_gather_steps_reads_back_to_front_and_pads_with_any_vector_or_with_a_last_token():
    vectors = TokenVectors(np.arange(1, 5, dtype=np.float32)[:, None], np.array([0, 3, 4]))
    masked, _ = Sequences(vectors, 2, LSTMSettings(max_steps=99), torch.device("cpu")).gather_steps(np.array([0, 1]))
    assert masked.squeeze(-1).transpose(1, 2).tolist() == [[[1, 2, 3], [4, 1, 1]], [[3, 2, 1], [4, 1, 1]]]
    settings = LSTMSettings(padding="summed", padding_steps=5, max_steps=2)
    summed, lengths = Sequences(vectors, 2, settings, torch.device("cpu")).gather_steps(np.array([0, 1]))
    assert summed.squeeze(-1).transpose(1, 2).tolist() == [
        [[1, 2, 3, 3, 3], [4, 3, 3, 3, 3]],
        [[3, 3, 3, 2, 1], [3, 3, 3, 3, 4]],
    ]
    assert lengths.tolist() == [2, 1]
