"""Read tables of unknown origin: the one way in for corpora, texts to score, HateCheck's cases and corrections.

No file is trusted: nothing in it is run, no more than `MOST_BYTES` is unpacked, and a mistake is named with its line.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from foxhound.corpus.delimited import open_delimited
from foxhound.corpus.encodings import find_encoding, open_text
from foxhound.corpus.formats import NAMES, find_format, format_of
from foxhound.corpus.json_rows import open_json
from foxhound.corpus.table_file import Reading, TableFile
from foxhound.corpus.unpacking import is_packed
from foxhound.errors import FoxhoundError
from foxhound.files import raise_system_error

if TYPE_CHECKING:  # pandas takes a second to import, which a text to score does not need
    import pandas as pd

MOST_ROWS = 1_000_000
SEPARATORS = {"csv": ",", "tsv": "\t", "txt": "\t"}


@contextmanager
def in_words(path: Path, format: str) -> Iterator[None]:
    """Turn what libraries say of a file into words."""
    import pyarrow as pa

    try:
        yield
    except (ValueError, OSError, EOFError, zlib.error, RecursionError, pa.ArrowException) as error:
        raise_system_error(error, path)
        raise FoxhoundError(f"{path}: cannot be read as {format}: {error}") from error


def check_readable(path: Path) -> None:
    """Refuse what is not there, and what can be read only once: whether that is a table takes several looks."""
    if not path.exists():
        raise FoxhoundError(f"{path}: there is no such file.")
    if not path.is_file() and not path.is_dir():
        raise FoxhoundError(
            f"{path}: a pipe or a device, and no file. Save what comes from it, and name that file; a text a line goes "
            "into: foxhound predict --file -"
        )


def open_table(
    path: str | Path, reading: Reading | None = None, name: str | Path | None = None, bounded: bool = True
) -> TableFile:
    """Look through a table, whatever its format; its rows can then be read.

    Args:
        reading: what the user says of it.
        name: what it is called, if not as its path.
        bounded: whether more than `MOST_BYTES`, once unpacked, is an error.

    Raises:
        FoxhoundError: the file cannot be read; the message names the line where that is known.
    """
    path, reading = Path(path), reading or Reading()
    if path.is_dir():
        raise FoxhoundError(
            f"{path}: a folder. Name a file; a folder is scored with: snakemake results/predictions. A corpus is one "
            "table: put texts and labels of several files into one, a row each."
        )
    check_readable(path)
    with in_words(path, reading.format or format_of(name or path) or "a table"):
        format, note = find_format(path, name or path, reading.format)
    with in_words(path, format):
        table = _open_as(path, format, reading, bounded)
    return replace(table, notes=[note, *table.notes]) if note else table


def _open_as(path: Path, format: str, reading: Reading, bounded: bool) -> TableFile:
    """Return the table in a file of this format."""
    if format in ("parquet", "workbook"):
        if is_packed(path):
            raise FoxhoundError(
                f"{path}: {NAMES[format]} in a packed file. Unpack it first: {format} is packed itself."
            )
        if format == "workbook":
            from foxhound.corpus.workbooks import open_workbook

            return open_workbook(path, reading.sheet)
        from foxhound.corpus.parquet_rows import open_parquet

        return open_parquet(path, bounded)
    encoding = find_encoding(path, reading.encoding, bounded)

    open_file = partial(open_text, path, encoding, bounded)
    if format == "jsonl":
        table = open_json(path, open_file)
    else:
        table = open_delimited(path, open_file, SEPARATORS[format], reading.quoting)
    if encoding.doubt:
        table.doubts.append(encoding.doubt)
    return table


def to_frame(path: str | Path, table: TableFile, columns: list[str] | None = None) -> "pd.DataFrame":
    """Return a table, or some of its columns, with `_line`: the line (or the number of the row) where each row starts.

    Raises:
        FoxhoundError: there are too many rows to compare models on, or the file is damaged.
    """
    import pandas as pd

    if table.count > MOST_ROWS:
        raise FoxhoundError(
            f"{path}: more than {MOST_ROWS:,} rows. Foxhound compares models on small corpora: use a sample."
        )
    names = table.columns if columns is None else columns
    lines: list[int] = []
    values: list[list] = [[] for _ in names]
    with in_words(Path(path), "a table"):
        for line, row in table.rows(names):
            lines.append(line)
            for column, value in zip(values, row, strict=True):
                column.append(value)
    return pd.DataFrame(dict(zip(names, values, strict=True)) | {"_line": lines}, dtype=object)


def read_raw(
    path: str | Path, format: str | None = None, encoding: str | None = None, quoting: str | None = None
) -> "pd.DataFrame":
    """Read a table as it is, with the column `_line`; raises as `open_table` and `to_frame` do."""
    return to_frame(path, open_table(path, Reading(format, encoding, quoting)))
