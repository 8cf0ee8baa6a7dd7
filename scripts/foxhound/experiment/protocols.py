"""Say what each protocol is: its definition in the configuration says so, its name need not."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from foxhound.corpus.split_sizes import TRAIN, draw_sizes
from foxhound.names import CONTIGUOUS, DRAWS, GROUPED, STRATIFIED


def comments_to_divide(definition: Mapping[str, Any], comments: pd.DataFrame) -> int:
    """Return how many comments a draw protocol has to divide, once the classes are balanced."""
    hateful = int(comments["label"].sum())
    return len(comments) if definition["rebalance"] == "none" else hateful + min(hateful, len(comments) - hateful)


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
        corpus) of draws. A fact that does not apply is None.
    """
    return {name: _describe(definition, comments) for name, definition in definitions.items()}


def _describe(definition: Mapping[str, Any], comments: pd.DataFrame | None) -> dict[str, Any]:
    facts = dict.fromkeys(("folds", "grouped_by", "rebalance", "train"))
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
