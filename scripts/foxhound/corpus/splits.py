"""Who trains and who is scored: folds and balanced splits, written once and shared by every model."""

import logging
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold, StratifiedKFold, train_test_split

from foxhound.corpus.split_sizes import SMALLEST_PART, TEST, TRAIN, draw_sizes, most_folds
from foxhound.errors import FoxhoundError

log = logging.getLogger(__name__)


def fold_assignment(comments: pd.DataFrame, definition: dict[str, Any]) -> np.ndarray:
    """The fold (0-based) in which each comment is scored.

    Args:
        comments: columns label, thread, user.
        definition: `folds`, `seed`, and optional `group`: "thread" or "user", whose members stay in one fold. With as
            many folds as articles, `group: thread` leaves one article out at a time. With `contiguous: true` the
            comments are shuffled and cut into blocks of equal size, as the notes did.

    Returns:
        Integer array of shape (comments,); -1 where a comment is left over by contiguous blocks.

    Raises:
        FoxhoundError: there are more folds than groups, or than comments of a class.
    """
    labels = comments["label"].to_numpy()
    folds, group = definition["folds"], definition.get("group")
    # Numbered as they come, and not by name: a user's pseudonym is another one in another folder of results.
    groups = pd.factorize(comments[group].fillna(""))[0] if group else None
    most, what = most_folds(comments, group)
    if most < folds:
        raise FoxhoundError(
            f"Protocol with {folds} folds: there are only {most} {what}. "
            f"Set `folds` to at most {most} in config.yaml, under `protocols`, or do not select it."
        )
    if definition.get("contiguous"):
        size = len(comments) // folds
        assignment = np.full(len(comments), -1)
        used = np.random.default_rng(definition["seed"]).permutation(len(comments))[: folds * size]
        assignment[used] = np.repeat(np.arange(folds), size)
        return assignment
    if group == "thread":
        # Articles differ in size and share of hate; folds of whole articles are as even as they get by size.
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
    """The partition (columns id, part) that scores `fold` and trains on the others; what is left over does neither.

    Raises:
        FoxhoundError: it scores nothing, or trains on one class only.
    """
    train, scored = (assignment >= 0) & (assignment != fold), assignment == fold
    classes = comments["label"][train].nunique()
    if not scored.any() or classes < 2:
        raise FoxhoundError(
            f"Fold {fold + 1} scores {scored.sum()} comments and trains on {classes} of the two classes: its groups "
            "are too few. Give fewer `folds` in config.yaml, under `protocols`, or do not select this protocol."
        )
    parts = pd.DataFrame({"id": comments["id"], "part": np.where(scored, TEST, TRAIN)})
    return parts[assignment >= 0]


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
    generator = np.random.default_rng(seed)
    kept = balance(labels, definition["rebalance"], generator)
    sizes, asked = draw_sizes(definition, len(kept))
    if asked > len(kept):
        log.warning("Split of %d comments asked for, the rebalanced corpus has %d: using %s.", asked, len(kept), sizes)
    if min(sizes.values()) < SMALLEST_PART:
        raise FoxhoundError(
            f"Split {sizes}: every part needs at least {SMALLEST_PART} comments, and the rebalanced corpus has "
            f"{len(kept)}. Bring more labelled comments or give other counts in config.yaml, under `protocols`."
        )
    rows, parts = [], []
    for part, size in sizes.items():
        chosen, kept = kept, kept[:0]
        if len(chosen) - size == 1:  # one comment left over cannot be stratified
            chosen = generator.permutation(chosen)[:size]
        elif size < len(chosen):
            chosen, kept = train_test_split(chosen, train_size=size, stratify=labels[chosen], random_state=seed)
        rows.append(np.sort(chosen))
        parts += [part] * len(chosen)
    return pd.DataFrame({"id": comments["id"].to_numpy()[np.concatenate(rows)], "part": parts})
