"""Work out how many folds, and how large parts, a corpus has room for.

This imports nothing that reads a corpus: partitions depend on this code, and a change there must not make them stale.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

TRAIN, VALIDATION, TEST = "train", "validation", "test"
SMALLEST_PART = 4  # comments of a split: two of each class
FEWEST_FOLDS = 2


def most_folds(comments: pd.DataFrame, group: str | None) -> tuple[int, str]:
    """Return how many folds the comments (columns label, and `group` if any) have room for, and what limits them."""
    smaller = int(comments["label"].value_counts().reindex([0, 1], fill_value=0).min()), "comments of the smaller class"
    if group is None:
        return smaller
    names = comments[group].fillna("")
    spread = min(names[comments["label"] == label].nunique() for label in (0, 1))
    if spread < FEWEST_FOLDS:
        return spread, f"values of {group} with comments of the smaller class"  # without which a fold trains on one
    different = names.nunique(), f"different values of {group}"
    return different if group == "thread" else min(different, smaller)


def draw_sizes(definition: Mapping[str, Any], available: int) -> tuple[dict[str, int], int]:
    """Return how many comments each part of a draw gets, and how many the protocol asks for in all.

    Where fewer are available than that, all parts shrink in proportion.
    """
    sizes = {part: definition[part] for part in (TRAIN, VALIDATION, TEST) if definition[part]}
    total = sum(sizes.values())
    return {part: min(size, size * available // total) for part, size in sizes.items()}, total
