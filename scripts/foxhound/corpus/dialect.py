"""Hold what CSV, TSV and their kin differ in: separators, quoting, and what stands before the rows."""

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, TextIO

LONGEST_FIELD = 1 << 24  # characters
HOW: dict[str, dict[str, Any]] = {
    "quotes": {"quoting": csv.QUOTE_MINIMAL},
    "backslash": {"quoting": csv.QUOTE_MINIMAL, "doublequote": False, "escapechar": "\\"},
    "none": {"quoting": csv.QUOTE_NONE},
}
"""Value of `quoting` -> what the csv module is told."""
END_OF_FILE = "\x1a"  # how DOS ended a text

Open = Callable[[], AbstractContextManager[TextIO]]


@dataclass(frozen=True)
class Head:
    """What stands before the rows.

    skipped: lines before the header.
    commented: whether the header begins with a `#` that is no part of its first name.
    separator: a character.
    spaced: whether a space after a separator is no part of the field.
    """

    skipped: int
    commented: bool
    separator: str
    spaced: bool = False
    notes: list[str] = field(default_factory=list)


def read_lines(file: TextIO) -> Iterator[str]:
    """Yield the lines of a file; refuse one that is longer than any field may be.

    A file that was put together from others may begin with several byte order marks: the first is gone already.
    """
    first = True
    while line := file.readline(LONGEST_FIELD):
        if len(line) == LONGEST_FIELD:
            raise csv.Error(f"a line of more than {LONGEST_FIELD:,} characters")
        if line.startswith(END_OF_FILE) and line.strip() == END_OF_FILE:
            return
        yield line.lstrip("\ufeff") if first else line
        first = False


def skip_head(file: TextIO, head: Head) -> None:
    """Leave out the lines before the header."""
    for _ in range(head.skipped):
        file.readline(LONGEST_FIELD)


def csv_reader(lines: Iterable[str], head: Head, quoting: str) -> Any:
    """Return the csv module's reader of the lines from the header on."""
    return csv.reader(lines, delimiter=head.separator, strict=True, skipinitialspace=head.spaced, **HOW[quoting])
