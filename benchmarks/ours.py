"""Foxhound's side of every measurement: what a job of the workflow calls, called the same way. Each returns seconds."""

import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

import material
import numpy as np
from foxhound.features.encoder import load_encoder, place
from foxhound.features.encoding import encode
from foxhound.features.vector_rows import row_key, to_arrow, to_bytes
from foxhound.inference.batch_scoring import probabilities
from foxhound.models.finetuning import FinetuneSettings, finetune
from foxhound.models.lstm_training import LSTMSettings, train_lstm
from foxhound.tables import write_table
from sklearn.metrics import f1_score


@cache
def _encoder() -> Any:
    return place(load_encoder(material.encoder()), material.CPU, frozen=True)


def embeddings(_: int) -> dict[str, float]:
    """Token vectors of all comments, written to Parquet."""
    texts, model, tokenizer = material.texts(), _encoder(), material.tokenizer()
    ids = material.comments()["id"].tolist()
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        keys = [row_key(text, None, {}) for text in texts]
        rows = {keys[item]: to_bytes(array) for item, array in encode(model, tokenizer, texts, None, -1, material.CPU)}
        write_table(to_arrow(ids, keys, rows), Path(folder) / "none.parquet", "embeddings", {})
        return {"seconds": time.perf_counter() - start}


def _train_lstm(epochs: int, comments: int | None = None) -> float:
    fold, settings = material.fold(), LSTMSettings.from_config(material.config()["lstm"]["training"])
    vectors, train = material.vectors(), fold.train[:comments]
    start = time.perf_counter()
    train_lstm(
        vectors, material.labels(), train, fold.scored, epochs, "bidirectional-attention", settings, 1, material.CPU
    )
    return time.perf_counter() - start


def lstm_epoch(_: int) -> dict[str, float]:
    """An epoch of one fold, with the prediction after it."""
    return {"seconds": _train_lstm(1)}


def lstm_all_epochs(_: int) -> dict[str, float]:
    """5, 10, 15 and 30 epochs from one run, on an eighth of a fold."""
    return {"seconds": _train_lstm(30, 172)}


def lstm_each_epochs(_: int) -> dict[str, float]:
    """The same, a run per setting."""
    return {"seconds": sum(_train_lstm(epochs, 172) for epochs in (5, 10, 15, 30))}


def finetune_epochs(seed: int, epochs: int = 1) -> dict[str, float]:
    """Seconds per epoch of 700 comments, and F1 on the 170 others after the last."""
    draw, labels = material.draw(seed), material.labels()
    training = material.config()["finetune"]["training"] | {"architecture": "BertForSequenceClassification"}
    settings = FinetuneSettings.from_config(training)
    start = time.perf_counter()
    trained = finetune(
        material.encoder(), material.tokenizer(), material.texts(), labels, draw.train, draw.scored, epochs,
        material.RATE, settings, seed, material.CPU,
    )  # fmt: skip
    seconds = time.perf_counter() - start
    called = trained.predictions[epochs] >= 0.5
    return {"seconds": seconds / epochs, "f1": float(f1_score(labels[draw.scored], called))}


@cache
def classifier() -> Any:
    """A model of two labels; what it says does not matter here."""
    from transformers import BertForSequenceClassification

    return place(BertForSequenceClassification.from_pretrained(material.encoder()).eval(), material.CPU, frozen=True)


def bulk(_: int) -> dict[str, float]:
    """Probabilities of all comments."""
    model, tokenizer, texts = classifier(), material.tokenizer(), material.texts()
    start = time.perf_counter()
    found = np.concatenate([*probabilities(model, tokenizer, texts, material.CPU)])
    assert len(found) == len(texts)
    return {"seconds": time.perf_counter() - start}
