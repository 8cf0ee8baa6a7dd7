"""What the default experiment would take the way the notes ran it: a run per setting of epochs, padded, in float32.

From the time per epoch of the measured pairs, per comment, added up over all runs of the plan.
"""

from pathlib import Path
from typing import Any

import material
import pandas as pd
from foxhound.plan import Plan

WORD_VECTORS = 100 + 100  # operations per step grow with inputs and states: word2vec's against MiniLM's
TOKEN_VECTORS = 384 + 100


def epochs_of(plan: Plan, family: str) -> float:
    """Epochs that a family trains in all when each setting is a run of its own, in epochs of the measured size."""
    total = 0.0
    models, protocols = plan.config["lstm"]["models"], plan.config["protocols"]
    for run, epochs in plan.runs.items():
        if run.family != family:
            continue
        protocol = protocols[run.protocol]
        if family == "lstm":
            size = 1.0  # all are folds, or as large
            if models[run.model]["embedding"] == "word2vec":
                size = WORD_VECTORS / TOKEN_VECTORS
        else:
            train = protocol.get("train", 1376)
            scored = protocol.get("validation", 0) + protocol["test"] if "test" in protocol else 152
            size = (3 * train + scored) / (3 * 700 + 170)  # a training step is three passes
        total += size * sum(epochs)
    return total


def elapsed(folder: Path) -> float | None:
    """Seconds from the first job's start to the last one's end; true where the experiment ran in one piece."""
    files = [*folder.rglob("*.tsv")]
    if not files:
        return None
    seconds = [pd.read_csv(file, sep="\t", na_values="NA")["s"].iloc[0] for file in files]
    ends = [file.stat().st_mtime for file in files]
    return max(ends) - min(end - took for end, took in zip(ends, seconds, strict=True))


def compared(rows: list[Any], cores: int) -> str:
    """The sentence on the whole experiment."""
    plan = Plan(material.config())
    by = {row.against.split(":")[0].split(",")[0]: row.median("theirs") for row in rows}
    lstm = epochs_of(plan, "lstm") * by["the notes' loop"]
    tuned = epochs_of(plan, "finetune") * by["transformers' Trainer"]
    notes = f"The default experiment the notes' way: {(lstm + tuned) / 60:.0f} min on {cores} cores"
    parts = f"LSTMs {lstm / 60:.0f}, fine-tuning {tuned / 60:.0f}; added up from the pairs above"
    own = elapsed(material.ROOT / "results" / "benchmarks")
    if own is None:
        return f"{notes} ({parts}). Ours: not measured, no finished results (run `make report` first)."
    return (
        f"{notes} ({parts}). Ours, from the first job to the last of the results here: {own / 60:.0f} min, "
        f"{(lstm + tuned) / own:.1f} times faster."
    )
