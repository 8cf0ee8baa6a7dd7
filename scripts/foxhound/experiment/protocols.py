"""Say what each protocol is: its definition in the configuration says so, its name need not."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from foxhound.corpus.split_sizes import TRAIN, draw_sizes
from foxhound.names import AT_HALF, AUROC, CONTIGUOUS, DRAWS, GROUPED, STRATIFIED, TUNED


def comments_to_divide(definition: Mapping[str, Any], comments: pd.DataFrame) -> int:
    """Return how many comments a draw protocol has to divide, once the classes are balanced."""
    hateful = int(comments["label"].sum())
    return len(comments) if definition["rebalance"] == "none" else hateful + min(hateful, len(comments) - hateful)


def primary_measure(definition: Mapping[str, Any]) -> str:
    """Return what models are compared by under a protocol: one of the measures in foxhound/names.py.

    Models differ in what a probability of .5 means to them, so F1 at .5 compares thresholds along with models. Where
    held-out training comments are there (the other folds, or a validation part), it is F1 at a threshold chosen on
    them. A draw without a validation part has none: F1 at .5 there if the classes are balanced in training, so that .5
    means the same to all, else AUROC, which needs no threshold.
    """
    if "folds" in definition or definition["validation"]:
        return TUNED
    return AUROC if definition["rebalance"] == "none" else AT_HALF


def describe_protocols(
    definitions: Mapping[str, Mapping[str, Any]], comments: pd.DataFrame | None = None
) -> dict[str, dict[str, Any]]:
    """Return the facts of each protocol, which become columns of the table `scores`.

    Args:
        definitions: name -> definition as in config.yaml, adapted to the corpus.
        comments: the comments table; None as long as it has to be fetched.

    Returns:
        name -> `protocol_kind` (one of foxhound/names.py); `folds`, how many there are, and `grouped_by`, the column
        whose groups they keep whole; `rebalance` and `train` (how many comments train: fewer than asked for on a small
        corpus) of draws; `primary`, what models are compared by. A fact that does not apply is None.
    """
    return {name: _describe(definition, comments) for name, definition in definitions.items()}


def _describe(definition: Mapping[str, Any], comments: pd.DataFrame | None) -> dict[str, Any]:
    facts = dict.fromkeys(("folds", "grouped_by", "rebalance", "train")) | {"primary": primary_measure(definition)}
    if "folds" in definition:
        kind = CONTIGUOUS if definition.get("contiguous") else GROUPED if "group" in definition else STRATIFIED
        return facts | {
            "protocol_kind": kind,
            "folds": definition["folds"],
            "grouped_by": definition.get("group"),
        }
    train = definition["train"]
    if comments is not None:
        train = draw_sizes(definition, comments_to_divide(definition, comments))[0][TRAIN]
    return facts | {"protocol_kind": DRAWS, "rebalance": definition["rebalance"], "train": train}
