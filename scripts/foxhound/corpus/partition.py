"""Read a partition as models need it: its comments, and which of them train."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from foxhound.corpus.columns import load_columns
from foxhound.errors import FoxhoundError
from foxhound.tables import read_table


@dataclass
class Partition:
    """The comments of one partition.

    comments: a frame in file order, with the column `part`; positions count its rows.
    """

    comments: pd.DataFrame
    name: str

    @property
    def train(self) -> np.ndarray:
        """Return the positions of the training comments."""
        return np.flatnonzero(self.comments["part"] == "train")

    @property
    def scored(self) -> np.ndarray:
        """Return the positions of all others: validation and test."""
        return np.flatnonzero(self.comments["part"] != "train")

    @property
    def labels(self) -> np.ndarray:
        """Return the labels of all comments, in their order."""
        return self.comments["label"].to_numpy()


def load_partition(columns: Mapping[str, str], partition: str | Path) -> Partition:
    """Return the partition's comments with `columns` (column -> file), named `protocol/partition` after its path.

    Raises:
        FoxhoundError: the partition names a comment that the corpus does not have.
    """
    frame = load_columns(columns)
    parts = read_table(partition, "partition").set_index("id")["part"]
    if unknown := sorted(set(parts.index) - set(frame["id"])):
        raise FoxhoundError(
            f"{partition}: comment {unknown[0]} is not in the corpus. Delete the partition and run again."
        )
    frame["part"] = frame["id"].map(parts)
    path = Path(partition)
    members = frame[frame["part"].notna()].reset_index(drop=True)
    return Partition(members, f"{path.parent.name}/{path.stem}")
