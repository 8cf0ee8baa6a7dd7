"""Define what every reader of a format returns: a table whose rows can be read again and again, a row at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = tuple[int, list[Any]]
"""The line where a row starts (in Parquet, workbooks and JSON arrays: the number of the row), and its values."""


@dataclass(frozen=True)
class Reading:
    """How a file is to be read, where the user says so; None leaves it to the file.

    format: `csv`, `tsv`, `jsonl`, `parquet` or `workbook`.
    encoding: of text without a byte order mark.
    quoting: `quotes` (a field may stand in quotation marks, as in CSV), `backslash` (the same, and a backslash before a
        quotation mark inside) or `none` (a quotation mark is a letter).
    sheet: of a workbook.
    """

    format: str | None = None
    encoding: str | None = None
    quoting: str | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class TableFile:
    """A table that was looked through once.

    columns: their names, each once.
    count: of rows.
    rows: columns to read -> the rows, with a value for each of these columns.
    notes: what was decided that its owner may want to know.
    doubts: what its owner should look at.
    class_names: column -> the names that the file itself gives to its numbers 0, 1, 2 ...; `rows` gives the names.
    """

    columns: list[str]
    count: int
    rows: Callable[[Sequence[str]], Iterator[Row]]
    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    class_names: dict[str, list[str]] = field(default_factory=dict)
