"""The comments as the rules read them: each column in a file of its own, named after its digest."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from foxhound.errors import FoxhoundError
from foxhound.tables import read_table

COLUMNS = ("text", "label", "title", "thread", "user", "masked")
"""masked: the text as the page shows it, with the names of users dotted out."""


def column_files(inputs: Any) -> dict[str, str]:
    """Those of a job's named inputs that are columns of the comments."""
    return {name: path for name, path in inputs.items() if name in COLUMNS}


def load_columns(files: Mapping[str, str]) -> pd.DataFrame:
    """The comments with `id` and these columns, in file order.

    Raises:
        FoxhoundError: two files hold different comments.
    """
    frames = {name: read_table(path, name).set_index("id") for name, path in files.items()}
    first, *others = frames.values()
    for name, frame in frames.items():
        if not frame.index.equals(first.index):
            raise FoxhoundError(f"{files[name]}: holds other comments than its sister files. Delete it and run again.")
    return pd.concat([first, *others], axis=1).reset_index()


def corpus_digests(files: Mapping[str, str]) -> dict[str, str]:
    """Column -> digest, as the files are named: what a result says of the corpus it was made from."""
    return {name: Path(path).stem for name, path in files.items()}
