"""Read the predictions that scores are computed from."""

from collections.abc import Sequence

import pandas as pd

from foxhound.errors import FoxhoundError
from foxhound.tables import read_table, table_schema


def read_epochs(path: str, epochs: Sequence[int]) -> pd.DataFrame:
    """The predictions at `path` after the epochs of interest, without attention weights."""
    frame = read_table(path, "predictions", [name for name in table_schema("predictions").names if name != "attention"])
    lost = set(epochs) - set(frame["epoch"])
    if lost:
        raise FoxhoundError(f"{path}: no predictions after epoch {min(lost)}. Delete it and run Snakemake again.")
    return frame[frame["epoch"].isin(epochs)]
