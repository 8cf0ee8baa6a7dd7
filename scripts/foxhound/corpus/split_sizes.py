"""How many folds and how large parts a corpus has room for.

Imports nothing of what reads a corpus: partitions are made with this, and a line there must not make them stale.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

TRAIN, VALIDATION, TEST = "train", "validation", "test"
SMALLEST_PART = 4  # comments of a split: two of each class
FEWEST_FOLDS = 2


def most_folds(comments: pd.DataFrame, group: str | None) -> tuple[int, str]:
    """How many folds the comments (columns label, and `group` if any) have room for, and what limits them."""
    smaller = int(comments["label"].value_counts().reindex([0, 1], fill_value=0).min()), "comments of the smaller class"
    if group is None:
        return smaller
    names = comments[group].fillna("")
    spread = min(names[comments["label"] == label].nunique() for label in (0, 1))
    if spread < FEWEST_FOLDS:
        return spread, f"values of {group} with comments of the smaller class"  # without which a fold trains on one
    different = names.nunique(), f"different values of {group}"
    return different if group == "thread" else min(different, smaller)


def draw_sizes(definition: Mapping[str, Any], kept: int) -> tuple[dict[str, int], int]:
    """How many comments each part of a draw gets, shrunk in proportion where there are fewer than asked for; how many
    are asked for."""
    sizes = {part: definition[part] for part in (TRAIN, VALIDATION, TEST) if definition[part]}
    asked = sum(sizes.values())
    return {part: min(size, size * kept // asked) for part, size in sizes.items()}, asked
