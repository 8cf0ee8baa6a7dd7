"""Read the predictions that scores are computed from."""

from collections.abc import Sequence

import pandas as pd

from foxhound.errors import FoxhoundError
from foxhound.tables import read_table, table_schema


def read_epochs(path: str, epochs: Sequence[int]) -> pd.DataFrame:
    """Return the predictions at `path` after the epochs of interest, without attention weights.

    Raises:
        FoxhoundError: the file lacks one of the epochs.
    """
    frame = read_table(path, "predictions", [name for name in table_schema("predictions").names if name != "attention"])
    lacking = set(epochs) - set(frame["epoch"])
    if lacking:
        raise FoxhoundError(f"{path}: no predictions after epoch {min(lacking)}. Delete it and run Snakemake again.")
    return frame[frame["epoch"].isin(epochs)]
