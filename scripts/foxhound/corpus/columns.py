"""Read the comments as the rules do: each column has a file of its own, named after its digest."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from foxhound.errors import FoxhoundError
from foxhound.tables import read_table

COLUMNS = ("text", "label", "title", "thread", "user", "masked")
"""masked: the text as the page shows it, with the names of users dotted out."""


def column_files(inputs: Any) -> dict[str, str]:
    """Return those of a job's named inputs that are columns of the comments: column -> file."""
    return {name: path for name, path in inputs.items() if name in COLUMNS}


def load_columns(files: Mapping[str, str]) -> pd.DataFrame:
    """Return the comments with `id` and these columns, in file order.

    Args:
        files: column -> file.

    Raises:
        FoxhoundError: two files hold different comments.
    """
    frames = {name: read_table(path, name).set_index("id") for name, path in files.items()}
    first, *others = frames.values()
    for name, frame in frames.items():
        if not frame.index.equals(first.index):
            raise FoxhoundError(
                f"{files[name]}: its comments are not those of the other columns. Delete it and run again."
            )
    return pd.concat([first, *others], axis=1).reset_index()


def corpus_digests(files: Mapping[str, str]) -> dict[str, str]:
    """Return column -> digest, taken from the files' names: a result says so what corpus it was made from."""
    return {name: Path(path).stem for name, path in files.items()}
