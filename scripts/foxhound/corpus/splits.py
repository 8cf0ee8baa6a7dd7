"""Decide which comments train and which are scored, in folds and in balanced draws; every model shares them."""

import logging
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold, StratifiedKFold, train_test_split

from foxhound.corpus.split_sizes import SMALLEST_PART, TEST, TRAIN, draw_sizes, most_folds
from foxhound.errors import FoxhoundError

log = logging.getLogger(__name__)


def fold_assignment(comments: pd.DataFrame, definition: dict[str, Any]) -> np.ndarray:
    """Return the fold (0-based) in which each comment is scored.

    Args:
        comments: columns label, thread, user.
        definition: `folds`, `seed`, and optional `group`: "thread" or "user", whose members stay in one fold. With as
            many folds as articles, `group: thread` leaves one article out at a time. With `contiguous: true` the
            comments are shuffled and cut into blocks of equal size, as in the published experiment.

    Returns:
        Integers of shape (comments,); -1 where contiguous blocks leave a comment over.

    Raises:
        FoxhoundError: there are more folds than groups, or than comments of a class.
    """
    labels = comments["label"].to_numpy()
    folds, group = definition["folds"], definition.get("group")
    # Numbered in file order, not by name: users have other pseudonyms in another folder of results.
    groups = pd.factorize(comments[group].fillna(""))[0] if group else None
    most, limit = most_folds(comments, group)
    if most < folds:
        raise FoxhoundError(
            f"Protocol with {folds} folds: there are only {most} {limit}. "
            f"Set `folds` to at most {most} in config.yaml, under `protocols`, or do not select the protocol."
        )
    if definition.get("contiguous"):
        size = len(comments) // folds
        assignment = np.full(len(comments), -1)
        shuffled = np.random.default_rng(definition["seed"]).permutation(len(comments))[: folds * size]
        assignment[shuffled] = np.repeat(np.arange(folds), size)
        return assignment
    if group == "thread":
        # Articles differ in size and in their share of hate: folds of whole articles are balanced by size alone.
        splitter: Any = GroupKFold(folds)
    elif group:
        splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=definition["seed"])
    else:
        splitter = StratifiedKFold(folds, shuffle=True, random_state=definition["seed"])
    assignment = np.full(len(comments), -1)
    for fold, (_, test) in enumerate(splitter.split(labels, labels, groups)):
        assignment[test] = fold
    return assignment


def fold_partition(comments: pd.DataFrame, assignment: np.ndarray, fold: int) -> pd.DataFrame:
    """Return the partition (columns id, part) that scores `fold` and trains on the others, without left-over comments.

    Raises:
        FoxhoundError: the fold scores nothing, or trains on one class only.
    """
    train, scored = (assignment >= 0) & (assignment != fold), assignment == fold
    classes = comments["label"][train].nunique()
    if not scored.any() or classes < 2:
        raise FoxhoundError(
            f"Fold {fold + 1} scores {scored.sum()} comments and trains on {classes} of the two classes: there "
            "are too few groups. Set fewer `folds` in config.yaml, under `protocols`, or do not select this protocol."
        )
    parts = pd.DataFrame({"id": comments["id"], "part": np.where(scored, TEST, TRAIN)})
    return parts[assignment >= 0]


def balance(labels: np.ndarray, rebalance: str, generator: np.random.Generator) -> np.ndarray:
    """Return the positions of all hateful comments and of as many others, sorted.

    `random` draws the others. `first` takes the first ones in file order, as in the published experiment: these come
    from four of ten articles, so that the article gives the label away. `none` takes all comments.
    """
    if rebalance == "none":
        return np.arange(len(labels))
    hateful, others = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
    chosen = (others if rebalance == "first" else generator.permutation(others))[: len(hateful)]
    return np.sort(np.concatenate([hateful, chosen]))


def draw_partition(comments: pd.DataFrame, definition: dict[str, Any], seed: int) -> pd.DataFrame:
    """Return one random split (columns id, part) of the rebalanced comments, stratified by label.

    Args:
        comments: columns id, label, in file order.
        definition: `rebalance`, and how many comments `train`, `validation` (0 for none) and `test` take. On a corpus
            with fewer comments than that, the three shrink in proportion, with a warning in the log.
        seed: of the draw.

    Raises:
        FoxhoundError: the rebalanced corpus is too small to give every part both classes.
    """
    labels = comments["label"].to_numpy()
    generator = np.random.default_rng(seed)
    rest = balance(labels, definition["rebalance"], generator)
    available = len(rest)
    sizes, total = draw_sizes(definition, available)
    if total > available:
        log.warning("The split takes %d comments, the rebalanced corpus has %d: using %s.", total, available, sizes)
    if min(sizes.values()) < SMALLEST_PART:
        raise FoxhoundError(
            f"Split {sizes}: every part needs at least {SMALLEST_PART} comments, and the rebalanced corpus has "
            f"{available}. Label more comments, or set smaller counts in config.yaml, under `protocols`."
        )
    rows, parts = [], []
    for part, size in sizes.items():
        chosen, rest = rest, rest[:0]
        if len(chosen) - size == 1:  # scikit-learn cannot stratify a single comment that is left over
            chosen = generator.permutation(chosen)[:size]
        elif size < len(chosen):
            chosen, rest = train_test_split(chosen, train_size=size, stratify=labels[chosen], random_state=seed)
        rows.append(np.sort(chosen))
        parts += [part] * len(chosen)
    return pd.DataFrame({"id": comments["id"].to_numpy()[np.concatenate(rows)], "part": parts})
