"""The one table every model writes, and the view of a partition every model reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from foxhound.comments import load_columns
from foxhound.errors import FoxhoundError
from foxhound.tables import read_table, table_schema

SETTINGS = [field.name for field in table_schema("predictions").field("settings").type]


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


def predictions_frame(
    partition: Partition,
    probabilities: dict[int, np.ndarray],
    model: str,
    seed: int,
    settings: dict[str, Any],
    attention: Sequence[np.ndarray] | None = None,
) -> pd.DataFrame:
    """The predictions table of one model on one partition.

    Args:
        probabilities: epoch (0 for a model without epochs) -> (scored,) probability of hateful.
        settings: any of the fields of the table's `settings` struct; the others become null.
        attention: per scored comment the weights of its tokens at the largest epoch.
    """
    unknown = set(settings) - set(SETTINGS)
    if unknown:
        raise ValueError(f"settings {sorted(unknown)} are not declared in schemas/tables.yaml")
    scored = partition.comments.iloc[partition.scored]
    frames = [
        pd.DataFrame(
            {
                "id": scored["id"],
                "label": scored["label"],
                "p_hateful": values.astype(np.float32),
                "fold_or_split": partition.name,
                "part": scored["part"],
                "seed": np.int32(seed),
                "epoch": np.int32(epoch),
                "model": model,
                "attention": attention if epoch == max(probabilities) else None,
                "settings": [{name: settings.get(name) for name in SETTINGS}] * len(scored),
            }
        )
        for epoch, values in probabilities.items()
    ]
    return pd.concat(frames, ignore_index=True)


def read_epochs(path: str, epochs: Sequence[int]) -> pd.DataFrame:
    """The predictions at `path` after the epochs of interest, without attention weights."""
    frame = read_table(path, "predictions", [name for name in table_schema("predictions").names if name != "attention"])
    lost = set(epochs) - set(frame["epoch"])
    if lost:
        raise FoxhoundError(f"{path}: no predictions after epoch {min(lost)}. Delete it and run Snakemake again.")
    return frame[frame["epoch"].isin(epochs)]
