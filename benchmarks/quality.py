"""What bfloat16 costs: the angle between its vectors and float32's, and F1 of models that read them."""

from functools import partial
from unittest import mock

import material
import numpy as np
import pandas as pd
import torch
from foxhound.corpus.splits import fold_assignment
from foxhound.evaluation.bootstrap import THRESHOLD, resampling_weights
from foxhound.evaluation.paired_tests import Pair, difference_interval
from foxhound.features import encoding
from foxhound.features.embedding_store import TokenVectors
from foxhound.models.baselines import run_baseline
from foxhound.models.lstm_training import LSTMSettings, train_lstm
from sklearn.metrics import f1_score

FOLDS = 10
EPOCHS = 5


def _scores(vectors: TokenVectors) -> dict[str, np.ndarray]:
    """Out-of-fold probabilities of two readers, shape (comments,) each."""
    pooled = [vectors[row].astype(np.float32).mean(axis=0) for row in range(len(vectors.lengths))]
    frame = material.comments().assign(pooled=pooled)
    assignment = fold_assignment(frame, material.config()["protocols"]["stratified-10"])
    settings = LSTMSettings.from_config(material.config()["lstm"]["training"])
    found = {name: np.empty(len(frame)) for name in ("pooled-logistic", "LSTM with attention, 5 epochs")}
    for fold in range(FOLDS):
        train, scored = np.flatnonzero(assignment != fold), np.flatnonzero(assignment == fold)
        trained = train_lstm(
            vectors, material.labels(), train, scored, EPOCHS, "bidirectional-attention", settings, 1, material.CPU
        )
        rows = run_baseline("pooled-logistic", frame, train, scored, 1), trained.predictions[EPOCHS]
        for name, p in zip(found, rows, strict=True):
            found[name][scored] = p
    return found


def _difference(labels: np.ndarray, one: np.ndarray, other: np.ndarray) -> str:
    called = [(p >= THRESHOLD).astype(np.float32) for p in (one, other)]
    everything = np.arange(len(labels))
    pair = Pair(everything, labels.astype(np.float32), called[1], called[0])
    low, high = difference_interval([pair], resampling_weights(len(labels), 1000, 0), 0)
    scores = [f1_score(labels, p) for p in called]
    return f"{scores[0]:.3f} against {scores[1]:.3f}, difference {scores[0] - scores[1]:+.3f} [{low:+.3f}, {high:+.3f}]"


def _encoded(dtype: torch.dtype) -> TokenVectors:
    """Token vectors whose products are made in `dtype`, whichever is faster here."""
    cast = partial(torch.autocast, "cpu", dtype=dtype, enabled=dtype is not torch.float32)
    with mock.patch.object(encoding, "autocast", lambda device, model: cast()):
        return material.encoded()


def compared() -> str:
    """The sentences on bfloat16."""
    half, whole = (_encoded(dtype) for dtype in (torch.bfloat16, torch.float32))
    one, other = (vectors.values.astype(np.float64) for vectors in (half, whole))
    cosines = (one * other).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
    share = (cosines >= 0.999).mean()
    readers = pd.DataFrame({"half": _scores(half), "whole": _scores(whole)})
    labels = material.labels()
    lines = [f"{name} {_difference(labels, row['half'], row['whole'])}" for name, row in readers.iterrows()]
    return (
        f"bfloat16 against float32: cosine of a token's two vectors at least .999 for {100 * share:.2f} % of "
        f"{len(cosines):,} tokens, {cosines.min():.5f} at the least; pooled F1 over 10 folds of what reads them: "
        f"{'; '.join(lines)}."
    )
