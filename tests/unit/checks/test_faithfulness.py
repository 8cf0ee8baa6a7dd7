from dataclasses import replace

import numpy as np
import pytest
import torch
from foxhound.checks.faithfulness import RANDOM, attention_falls, compare_with_random, size_left_out
from foxhound.compute.out_of_memory import Halving
from foxhound.errors import FoxhoundError
from foxhound.features.embedding_store import TokenVectors
from foxhound.models.lstm_training import Sequences, predict_lstm, train_lstm
from tiny_models import LSTM_SETTINGS

COMMENTS, TOKENS, WIDTH = 80, 10, 6
LABELS = (np.arange(COMMENTS) % 2).astype(np.int8)
SETTING = replace(LSTM_SETTINGS, max_steps=TOKENS, batch_size=16, hidden=12, attention=12, head=12)
EVERYONE = np.arange(COMMENTS)


@pytest.fixture(scope="module")
def vectors() -> TokenVectors:
    """Return noise with one token per comment that gives its label away; the last comment has no other token."""
    generator = np.random.default_rng(0)
    lengths = np.full(COMMENTS, TOKENS)
    lengths[-1] = 1
    starts = np.concatenate([[0], np.cumsum(lengths)])
    values = generator.normal(scale=0.1, size=(starts[-1], WIDTH)).astype(np.float16)
    for comment, label in enumerate(LABELS):
        values[starts[comment] + generator.integers(lengths[comment]), label] = 3
    return TokenVectors(values, starts)


@pytest.fixture(scope="module")
def model(vectors):
    trained = train_lstm(
        vectors, LABELS, EVERYONE, EVERYONE, 40, "bidirectional-attention", SETTING, 1, torch.device("cpu")
    )
    assert ((trained.predictions[40] >= 0.5) == LABELS).mean() > 0.95
    return trained.model


@pytest.mark.parametrize("sign", [1, -1])
def test_attention_on_the_word_that_decides_is_faithful_and_attention_on_others_is_not(
    sign, model, vectors, monkeypatch
):
    """Set attention by hand: a trained LSTM may attend elsewhere, because its states carry on what it read."""

    def attending(model, sequences, positions, size, halving):
        odds, attention = predict_lstm(model, sequences, positions, size, halving)
        if len(positions) == COMMENTS:
            attention = [sign * np.abs(vectors[comment]).max(axis=1) for comment in EVERYONE]
        return odds, attention

    monkeypatch.setattr("foxhound.checks.faithfulness.predict_lstm", attending)
    falls = attention_falls(model, vectors, EVERYONE, SETTING, 0)
    assert len(falls["attention"]) == len(falls[RANDOM]) == COMMENTS - 1  # one comment has a single token
    [row] = compare_with_random(falls, 200, 0).to_dict("records")
    assert (row["low"] > 0.5) if sign == 1 else (row["high"] < -0.5)


def test_a_fall_is_what_the_shorter_comment_costs_the_class_that_was_chosen(model, vectors):
    def odds(rows: np.ndarray) -> tuple[float, np.ndarray]:
        alone = Sequences(TokenVectors(rows, np.array([0, len(rows)])), 2, SETTING, torch.device("cpu"))
        log_odds, attention = predict_lstm(model, alone, np.array([0]), 1, Halving("predicting"))
        return float(log_odds[0]), attention[0]

    for comment in (0, 1):
        whole, attention = odds(vectors[comment])
        shorter, _ = odds(np.delete(vectors[comment], np.argsort(-attention)[: size_left_out(TOKENS)], axis=0))
        falls = attention_falls(model, vectors, EVERYONE[comment : comment + 1], SETTING, 0)["attention"]
        # bfloat16 keeps eight bits, and in a batch of another size it rounds others.
        assert falls == pytest.approx([np.sign(whole) * (whole - shorter)], rel=2**-8, abs=1e-4)


def test_a_fifth_is_left_out_and_at_least_one():
    assert [size_left_out(read) for read in (2, 4, 10, 100)] == [1, 1, 2, 20]


def test_one_comment_is_too_few():
    with pytest.raises(FoxhoundError, match="Too few comments"):
        compare_with_random({"attention": [1.0], RANDOM: [0.5]}, 100, 0)
