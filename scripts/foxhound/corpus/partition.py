"""One partition as models read it: its comments, and which of them train."""

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

    comments: a frame in file order, with column `part`; positions below count its rows.
    train, scored: positions of the training comments, and of all others (validation and test).
    """

    comments: pd.DataFrame
    name: str

    @property
    def train(self) -> np.ndarray:
        return np.flatnonzero(self.comments["part"] == "train")

    @property
    def scored(self) -> np.ndarray:
        return np.flatnonzero(self.comments["part"] != "train")

    @property
    def labels(self) -> np.ndarray:
        return self.comments["label"].to_numpy()


def load_partition(columns: Mapping[str, str], partition: str | Path) -> Partition:
    """The partition's comments with `columns` (column -> file); named `protocol/partition` after its path."""
    frame = load_columns(columns)
    parts = read_table(partition, "partition").set_index("id")["part"]
    if lost := sorted(set(parts.index) - set(frame["id"])):
        raise FoxhoundError(f"{partition}: comment {lost[0]} is not in the corpus. Delete the partition and run again.")
    frame["part"] = frame["id"].map(parts)
    path = Path(partition)
    kept = frame[frame["part"].notna()].reset_index(drop=True)
    return Partition(kept, f"{path.parent.name}/{path.stem}")
