"""Write made-up columns and a partition of them, for the tests of what reads them."""

from pathlib import Path

import numpy as np
import pandas as pd
from foxhound.corpus.partition import Partition, load_partition
from foxhound.tables import write_table

COMMENTS = pd.DataFrame(
    {
        "id": list("abcdef"),
        "thread": ["x", "x", "y", "y", "z", "z"],
        "title": "t",
        "text": [f"text {letter}" for letter in "abcdef"],
        "label": np.array([0, 1, 0, 1, 0, 1], np.int8),
        "user": "u",
    }
)
PARTS = {"e": "test", "c": "validation", "a": "train", "b": "train", "f": "test"}


def write_columns(folder: Path, *names: str, comments: pd.DataFrame = COMMENTS) -> dict[str, str]:
    """Write columns of the comments, a file each; return column -> file."""
    for name in names:
        write_table(comments[["id", name]], folder / f"{name}.parquet", name, {})
    return {name: str(folder / f"{name}.parquet") for name in names}


def partition_of(folder: Path) -> Partition:
    """Write and load a partition of all comments but d."""
    parts = pd.DataFrame({"id": list(PARTS), "part": list(PARTS.values())})
    path = folder / "partitions" / "balanced" / "draw-1.parquet"
    write_table(parts, path, "partition", {})
    return load_partition(write_columns(folder, "label", "text", "thread"), path)
