"""Check the LSTM classifiers against nn.LSTM on each comment alone, pooled by plain formulas."""

import numpy as np
import pytest
import torch
from foxhound.features.embedding_store import TokenVectors
from foxhound.models.lstm import ARCHITECTURES, LSTMClassifier
from foxhound.models.lstm_training import LSTMSettings, Sequences
from reference_lstm import nn_lstm

DIMENSIONS, PADDED = 3, 8
LENGTHS = np.array([2, 5, 1, 4])
VECTORS = TokenVectors(
    np.random.default_rng(0).normal(scale=3, size=(LENGTHS.sum(), DIMENSIONS)).astype(np.float16),
    np.concatenate([[0], np.cumsum(LENGTHS)]),
)


@pytest.fixture(params=ARCHITECTURES)
def architecture(request, monkeypatch) -> str:
    monkeypatch.setattr("foxhound.compute.device.bfloat16_is_fast", lambda cpu: False)
    return request.param


@torch.inference_mode()
def classify(architecture: str, padding: str, padding_steps: int = PADDED):
    """Return the model, its logits of all comments together, and its attention."""
    torch.manual_seed(1)
    model = LSTMClassifier(DIMENSIONS, architecture, hidden=4, attention=3, head=5, padding=padding)
    settings = LSTMSettings(padding=padding, padding_steps=padding_steps, max_steps=5)
    sequences = Sequences(VECTORS, model.lstm.directions, settings, torch.device("cpu"))
    return model, *model(*sequences.gather_steps(np.arange(len(LENGTHS))))


@torch.inference_mode()
def expected(model: LSTMClassifier, rows: np.ndarray) -> tuple[float, np.ndarray | None]:
    """Return the logit and the attention of one comment, given the vectors that are read."""
    [states], _ = nn_lstm(model.lstm)(torch.from_numpy(rows.astype(np.float32))[None])
    weights = None
    if model.attention:
        weights = model.attention.score(states).softmax(dim=0).T
        pooled = weights @ states
    else:
        pooled = states.mean(dim=0) if model.padding == "masked" else states.sum(dim=0)
    return model.head(pooled).item(), weights


def test_a_masked_comment_is_what_its_own_steps_make_of_it(architecture):
    model, logits, attention = classify(architecture, "masked")
    for comment, length in enumerate(LENGTHS):
        logit, weights = expected(model, VECTORS[comment])
        assert logits[comment].item() == pytest.approx(logit, abs=1e-5)
        if weights is not None:
            np.testing.assert_allclose(attention[comment, :length], weights[0], atol=1e-5)
            assert not attention[comment, length:].any()
    assert (attention is None) == (architecture != "bidirectional-attention")
    assert logits.std() > 1e-3


def test_padding_that_is_summed_is_read_and_pooled_like_words(architecture):
    model, logits, attention = classify(architecture, "summed")
    for comment, length in enumerate(LENGTHS):
        last_token = VECTORS[0][-1:]  # stands for padding
        logit, weights = expected(model, np.concatenate([VECTORS[comment], *[last_token] * (PADDED - length)]))
        assert logits[comment].item() == pytest.approx(logit, abs=1e-5)
        if weights is not None:
            np.testing.assert_allclose(attention[comment], weights[0], atol=1e-5)
    _, longer, _ = classify(architecture, "summed", padding_steps=PADDED + 4)
    assert (longer != logits).all()
