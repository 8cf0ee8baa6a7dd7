"""Who trains and who is scored: folds and balanced splits, written once and shared by every model."""

import logging
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import LeaveOneGroupOut, StratifiedGroupKFold, StratifiedKFold, train_test_split

from foxhound.errors import FoxhoundError

log = logging.getLogger(__name__)
TRAIN, VALIDATION, TEST = "train", "validation", "test"


def fold_assignment(comments: pd.DataFrame, definition: dict[str, Any]) -> np.ndarray:
    """The fold (0-based) in which each comment is scored.

    Args:
        comments: columns label, thread, user.
        definition: `folds` (a number, or "thread" to leave one article out), optional `group` ("user" or "thread")
            whose members stay together, and `seed`.

    Returns:
        Integer array of shape (comments,).

    Raises:
        FoxhoundError: a class has fewer comments than there are folds.
    """
    labels = comments["label"].to_numpy()
    folds, group = definition["folds"], definition.get("group")
    column = folds if folds == "thread" else group
    groups = comments[column].fillna("").to_numpy() if column else None
    smallest = int(np.bincount(labels, minlength=2).min())
    if folds != "thread" and smallest < folds:
        raise FoxhoundError(
            f"Protocol with {folds} folds: only {smallest} comments of the smaller class. "
            f"Set `folds` to at most {smallest} in config.yaml, under `protocols`."
        )
    if folds == "thread":
        splitter: Any = LeaveOneGroupOut()
    elif group:
        splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=definition["seed"])
    else:
        splitter = StratifiedKFold(folds, shuffle=True, random_state=definition["seed"])
    assignment = np.full(len(comments), -1)
    for fold, (_, test) in enumerate(splitter.split(labels, labels, groups)):
        assignment[test] = fold
    return assignment


def fold_partition(ids: pd.Series, assignment: np.ndarray, fold: int) -> pd.DataFrame:
    """The partition (columns id, part) that scores `fold` and trains on the others."""
    return pd.DataFrame({"id": ids, "part": np.where(assignment == fold, TEST, TRAIN)})


def balance(labels: np.ndarray, rebalance: str, generator: np.random.Generator) -> np.ndarray:
    """Positions of the comments kept: all hateful ones and as many others.

    `random` draws the others; `first` takes the first ones in file order, which is the notes' mistake: they come
    from four of ten articles, so the article gives the label away; `none` keeps everything.
    """
    if rebalance == "none":
        return np.arange(len(labels))
    hateful, others = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
    kept = others[: len(hateful)] if rebalance == "first" else generator.permutation(others)[: len(hateful)]
    return np.sort(np.concatenate([hateful, kept]))


def draw_partition(comments: pd.DataFrame, definition: dict[str, Any], seed: int) -> pd.DataFrame:
    """One random split (columns id, part) of the rebalanced comments, stratified by label.

    Args:
        comments: columns id, label, in file order.
        definition: `rebalance`, and how many comments `train`, `validation` (0 for none) and `test` take. On a corpus
            with fewer comments than that, the three shrink in proportion, with a warning in the log.
        seed: of the draw.

    Raises:
        FoxhoundError: the rebalanced corpus is too small to give every part both classes.
    """
    labels = comments["label"].to_numpy()
    kept = balance(labels, definition["rebalance"], np.random.default_rng(seed))
    sizes = {part: definition[part] for part in (TRAIN, VALIDATION, TEST) if definition[part]}
    asked = sum(sizes.values())
    if asked > len(kept):
        sizes = {part: size * len(kept) // asked for part, size in sizes.items()}
        log.warning("Split of %d comments asked for, the rebalanced corpus has %d: using %s.", asked, len(kept), sizes)
    if min(sizes.values()) < 4:
        raise FoxhoundError(
            f"Split {sizes}: every part needs at least 4 comments, and the rebalanced corpus has {len(kept)}. "
            "Bring more labelled comments or give other counts in config.yaml, under `protocols`."
        )
    rows, parts = [], []
    for part, size in sizes.items():
        chosen, kept = kept, kept[:0]
        if size < len(chosen):
            chosen, kept = train_test_split(chosen, train_size=size, stratify=labels[chosen], random_state=seed)
        rows.append(np.sort(chosen))
        parts += [part] * len(chosen)
    return pd.DataFrame({"id": comments["id"].to_numpy()[np.concatenate(rows)], "part": parts})
