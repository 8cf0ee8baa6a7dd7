"""What the default experiment would take as published: a run per setting of epochs, padded, in float32.

From the time per epoch of the measured pairs, per comment, added up over all runs of the plan. Beside it, the least
that this machine can take: the operations of our own plan over its rate of matrix products.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import limits
import material
import pandas as pd
from foxhound.experiment.plan import Plan, Run

WORD_VECTORS = 100 + 100  # operations per step grow with inputs and states: word2vec's against MiniLM's
TOKEN_VECTORS = 384 + 100
DRAW = 3 * 700 + 170  # passes of the measured fine-tuning epoch; a comment that trains takes three


def _size(plan: Plan, run: Run) -> float:
    """How large an epoch of a run is, in epochs of the measured pair."""
    if run.family == "lstm":  # all are folds, or as large
        word2vec = plan.config["lstm"]["models"][run.model]["embedding"] == "word2vec"
        return WORD_VECTORS / TOKEN_VECTORS if word2vec else 1.0
    protocol = plan.config["protocols"][run.protocol]
    if "folds" in protocol:
        comments = len(material.lengths())
        scored = comments / protocol["folds"]
        return (3 * (comments - scored) + scored) / DRAW
    return (3 * protocol["train"] + protocol["validation"] + protocol["test"]) / DRAW


def epochs_of(plan: Plan, family: str, count: Callable[[Sequence[int]], int]) -> float:
    """Epochs of the measured size that a family trains in all.

    Args:
        count: how many epochs a run trains, given its epochs of interest.
    """
    return sum(_size(plan, run) * count(epochs) for run, epochs in plan.runs.items() if run.family == family)


def least(plan: Plan, rate: float) -> float:
    """Seconds of matrix products alone, each run trained once, nothing padded, at `rate`."""
    lengths, fold = material.lengths(), material.fold()
    settings = plan.config["lstm"]["training"]
    mean = limits.encoder_operations(lengths) / len(lengths)
    lstm = limits.lstm_training_operations(lengths[fold.train], settings["hidden"], settings["attention"])
    return (epochs_of(plan, "finetune", max) * DRAW * mean + epochs_of(plan, "lstm", max) * lstm) / rate


def elapsed(folder: Path) -> float | None:
    """Seconds from the first job's start to the last one's end; true where the experiment ran in one piece."""
    files = [*folder.rglob("*.tsv")]
    if not files:
        return None
    seconds = [pd.read_csv(file, sep="\t", na_values="NA")["s"].iloc[0] for file in files]
    ends = [file.stat().st_mtime for file in files]
    return max(ends) - min(end - took for end, took in zip(ends, seconds, strict=True))


def compared(rows: list[Any], rate: float, cores: int) -> str:
    """The sentence on the whole experiment."""
    plan = Plan(material.config())
    by = {row.against.split(":")[0].split(",")[0]: row.median("theirs") for row in rows}
    lstm = epochs_of(plan, "lstm", sum) * by["the published loop"] / 60
    tuned = epochs_of(plan, "finetune", sum) * by["transformers' Trainer"] / 60
    notes = (
        f"The default experiment as published: {lstm + tuned:.0f} min on {cores} cores (LSTMs {lstm:.0f}, "
        f"fine-tuning {tuned:.0f}; added up from the pairs above). The matrix products of our way alone, at this "
        f"machine's rate: {least(plan, rate) / 60:.0f} min."
    )
    own = elapsed(material.ROOT / "results" / "benchmarks")
    if own is None:
        return f"{notes} Ours: not measured, no finished results (run `make report` first)."
    ratio = (lstm + tuned) * 60 / own
    return f"{notes} Ours, from the first job to the last: {own / 60:.0f} min, {ratio:.1f} times faster."
