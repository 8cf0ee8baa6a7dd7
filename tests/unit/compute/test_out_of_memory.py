"""Check that batches which do not fit into memory give the same results a piece at a time."""

import logging
import weakref
from dataclasses import replace

import numpy as np
import pytest
import torch
from foxhound.compute.out_of_memory import Halving, ran_out
from foxhound.errors import FoxhoundError
from foxhound.features.embedding_store import TokenVectors
from foxhound.features.encoder import load_encoder, load_tokenizer, place
from foxhound.features.encoding import encode
from foxhound.inference import batch_scoring
from foxhound.models import finetuning, lstm_training
from foxhound.models.lstm import LSTMClassifier
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import FILLER, LSTM_SETTINGS, save_model
from transformers import BertForSequenceClassification, BertModel

CPU = torch.device("cpu")
MESSAGE = "CUDA out of memory. Tried to allocate 20.00 MiB.\nGPU 0 has a total capacity of 79 GiB"


def fits(limit: int, seen: list[int]):
    """Return a function of one piece that runs out of memory with more than `limit` items."""

    def double(piece: np.ndarray) -> np.ndarray:
        if len(piece) > limit:
            raise torch.OutOfMemoryError(MESSAGE)
        seen.append(len(piece))
        return 2 * piece

    return double


@given(st.integers(1, 70), st.integers(1, 70))
def test_every_item_is_worked_on_once_and_in_its_order(size, limit):
    seen: list[int] = []
    results = Halving("testing").each(fits(limit, seen), np.arange(size))
    np.testing.assert_array_equal(np.concatenate(results), 2 * np.arange(size))
    assert sum(seen[-len(results) :]) == size


def test_what_fitted_is_remembered_and_each_halving_is_logged_once(caplog):
    caplog.set_level(logging.WARNING)
    halving, seen = Halving("fine-tuning"), []
    for batch in np.split(np.arange(64), 4):
        halving.each(fits(5, seen), batch)
    assert [record.message for record in caplog.records] == [
        f"fine-tuning: out of memory ({MESSAGE.splitlines()[0]}); from now on {size} comments at a time"
        for size in (8, 4)
    ]
    assert seen == [4] * 16


def test_work_starts_again_with_all_of_the_batch():
    calls: list[list[int]] = []

    def work(pieces: list[np.ndarray]) -> int:
        calls.append([len(piece) for piece in pieces])
        if len(calls) == 1:
            raise torch.OutOfMemoryError(MESSAGE)
        return 7

    assert Halving("testing")(work, np.arange(7)) == 7
    assert calls == [[7], [3, 2, 2]]


def test_what_the_failed_try_computed_is_gone_before_the_next():
    computed: list[weakref.ref] = []

    def work(piece: np.ndarray) -> None:
        assert all(old() is None for old in computed)
        values = torch.zeros(8)
        computed.append(weakref.ref(values))
        if len(piece) > 2:
            raise torch.OutOfMemoryError(MESSAGE)

    Halving("testing").each(work, np.arange(8))
    assert len(computed) == 2 + 4


def test_one_comment_that_does_not_fit_is_an_error_that_says_what_to_do():
    with pytest.raises(FoxhoundError, match=r"not even one comment.*CUDA out of memory.*nvidia-smi.*max_tokens") as one:
        Halving("encoding").each(fits(0, []), np.arange(4))
    assert "79 GiB" not in str(one.value)
    assert one.value.__context__ is None  # its traceback would hold what failed


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.OutOfMemoryError(MESSAGE), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), True),
        (RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_what_counts_as_out_of_memory(error, expected):
    assert ran_out(error) == expected


def test_any_other_error_passes():
    def wrong(piece: np.ndarray) -> None:
        raise RuntimeError("shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="multiplied"):
        Halving("testing").each(wrong, np.arange(8))


# The real work, on a CPU that behaves like a GPU on which no more than LIMIT comments fit.

LIMIT = 3  # of 7 in a batch, which makes pieces of unequal sizes
LABELS = np.arange(24, dtype=np.int8) % 3 // 2  # unbalanced, so that weights of the loss differ
TRAIN, SCORED = np.arange(16), np.arange(16, 24)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> str:
    return save_model(tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="module")
def texts() -> list[str]:
    generator = np.random.default_rng(0)
    return [" ".join(generator.choice(FILLER, length)) for length in generator.integers(1, 20, len(LABELS))]


@pytest.fixture(autouse=True)
def exact(monkeypatch) -> None:
    """Compute in float32, so that results of equal sums are equal up to rounding."""
    monkeypatch.setattr("foxhound.compute.device.bfloat16_is_fast", lambda cpu: False)


@pytest.fixture
def small(monkeypatch):
    """Return a function that makes a class of models refuse more than LIMIT comments, and lists the sizes it is given."""

    def shrink(kind: type[torch.nn.Module], axis: int = 0) -> list[int]:
        forward, sizes = kind.forward, []

        def limited(self, *inputs, **named):
            size = next(iter([*inputs, *named.values()])).shape[axis]
            sizes.append(size)
            result = forward(self, *inputs, **named)
            if size > LIMIT:
                raise torch.OutOfMemoryError(MESSAGE)
            return result

        monkeypatch.setattr(kind, "forward", limited)
        return sizes

    return shrink


def tuned(folder: str, texts: list[str], epochs: int) -> finetuning.Trained:
    settings = finetuning.FinetuneSettings("BertForSequenceClassification", batch_size=7, dropout=False)
    tokenizer = load_tokenizer(folder, 24)
    return finetuning.finetune(folder, tokenizer, texts, LABELS, TRAIN, SCORED, epochs, 1e-2, settings, 1, CPU)


def test_fine_tuning_in_pieces_gives_what_whole_batches_give(folder, texts, small):
    whole = tuned(folder, texts, 2)
    sizes = small(BertForSequenceClassification)
    pieces = tuned(folder, texts, 2)
    assert sizes.count(7) == sizes.count(8) == 1  # tried once in training and once in predicting, and never again
    assert whole.predictions[1].std() > 0.01
    for epoch in (1, 2):
        np.testing.assert_allclose(pieces.predictions[epoch], whole.predictions[epoch], atol=2e-5)
    np.testing.assert_allclose(pieces.losses, whole.losses, rtol=1e-5)


@pytest.mark.parametrize("padding", ["masked", "summed"])
def test_an_lstm_trained_in_pieces_is_the_one_trained_on_whole_batches(padding, small):
    lengths = 1 + LABELS + np.arange(len(LABELS)) % 5
    values = np.random.default_rng(0).normal(size=(lengths.sum(), 3)).astype(np.float32)
    vectors = TokenVectors(values, np.concatenate([[0], np.cumsum(lengths)]))
    settings = replace(LSTM_SETTINGS, padding=padding, batch_size=7, class_weights="balanced")

    def trained() -> lstm_training.Trained:
        kind = "bidirectional-attention"
        return lstm_training.train_lstm(vectors, LABELS, TRAIN, SCORED, 3, kind, settings, 1, CPU)

    whole = trained()
    sizes = small(LSTMClassifier, axis=2)
    pieces = trained()
    assert sizes.count(7) == 2
    for epoch in (1, 2, 3):
        np.testing.assert_allclose(pieces.predictions[epoch], whole.predictions[epoch], atol=1e-5)
    for one, other in zip(pieces.attention, whole.attention, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_scoring_in_pieces_gives_the_same_probabilities(folder, texts, small):
    torch.manual_seed(1)
    model = place(BertForSequenceClassification.from_pretrained(folder, num_labels=2).eval(), CPU)
    tokenizer = load_tokenizer(folder, 24)
    [whole] = batch_scoring.probabilities(model, tokenizer, texts, CPU)
    small(BertForSequenceClassification)
    [pieces] = batch_scoring.probabilities(model, tokenizer, texts, CPU)
    assert whole.std() > 0.02
    np.testing.assert_allclose(pieces, whole, atol=1e-5)


def test_encoding_in_pieces_gives_the_same_vectors(folder, texts, small):
    model, tokenizer = place(load_encoder(folder), CPU), load_tokenizer(folder, 24)
    whole = dict(encode(model, tokenizer, texts, None, -1, CPU))
    small(BertModel)
    pieces = dict(encode(model, tokenizer, texts, None, -1, CPU))
    assert list(pieces) == list(whole)
    for position, vectors in whole.items():
        np.testing.assert_allclose(pieces[position], vectors, atol=2e-3)  # float16
