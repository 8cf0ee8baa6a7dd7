"""Read texts to score, and tell which of them a model cannot score, and why."""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from foxhound.corpus.class_words import snake_case
from foxhound.corpus.headers import REMEDY, TEXT_NAMES, looks_like_row
from foxhound.corpus.traces import LOOK, describe_traces
from foxhound.errors import FoxhoundError, suggestion

LONGEST = 100_000  # characters; a model reads some 500 of them


def reason_unscorable(value: Any) -> str | None:
    """Return why `value` cannot be scored, or None where it can."""
    if not isinstance(value, str):
        # pandas' NA is known by its name, because importing pandas takes a second
        missing = value is None or type(value).__name__ == "NAType" or (isinstance(value, float) and value != value)
        return "no text" if missing else "not text"
    if not value.strip():
        return "empty"
    if len(value) > LONGEST:
        return f"longer than {LONGEST:,} characters"
    try:
        value.encode()
    except UnicodeEncodeError:
        return "half a character (an unpaired surrogate)"
    return None


def split_scorable(values: Sequence[Any]) -> tuple[list[str | None], list[str]]:
    """Return for each value why it cannot be scored (or None), and the values that can be."""
    reasons = [reason_unscorable(value) for value in values]
    return reasons, [value for value, reason in zip(values, reasons, strict=True) if reason is None]


@dataclass(frozen=True)
class Texts:
    """Texts to score, which can be read once, one at a time.

    values: a text (or what stands in its place) and the values of the other columns that are asked for.
    count: of texts; None where nobody knows before they have come.
    notes: what was decided or is in doubt about how the file is read.
    """

    values: Iterator[tuple[Any, list[Any]]]
    count: int | None
    notes: list[str] = field(default_factory=list)


def _decoded(line: bytes) -> str | bytes:
    """Return a line of standard input as text without its end, or the bytes where they are not UTF-8."""
    line = line.removesuffix(b"\n").removesuffix(b"\r")
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line


def _standard_input() -> Iterator[tuple[Any, list[Any]]]:
    """Yield the lines of standard input as they come."""
    for number, line in enumerate(sys.stdin.buffer):
        yield _decoded(line.removeprefix(b"\xef\xbb\xbf") if number == 0 else line), []


def _not_lines(path: Path, tabs: set[int]) -> FoxhoundError | None:
    """Return the error of what is a table and no text a line, or None.

    Args:
        tabs: numbers of tabs that lines hold.
    """
    if len(tabs) != 1 or tabs == {0}:
        return None
    return FoxhoundError(
        f"{path}: {tabs.pop()} tab(s) in every line, as in a table. If it is one, name the column of the texts: "
        "--format tsv --column NAME (its first line holds the names). If it is a text a line: --format txt"
    )


def _is_table(path: Path, column: str) -> bool:
    """Say whether a file of this name is a table: its ending says so, or its first line has names of columns.

    Spreadsheet programs write tables as "Unicode text", which ends in .txt.
    """
    from foxhound.corpus.formats import as_text, find_format, format_of
    from foxhound.corpus.unpacking import first_bytes

    if find_format(path, path)[0] in ("parquet", "workbook") or format_of(path) != "txt":
        return True
    start = (as_text(first_bytes(path)) or "").lstrip()
    first = re.split(r"[\r\n]", start)[0]
    header = first.split("\t")
    # Commas stand in sentences too, but hardly ever between single words one of which is that of a column.
    for separator in [",", ";", "|", *([" "] if first.startswith('"') and first.endswith('"') else [])]:
        names = [name.strip('"') for name in first.split(separator)]
        known = {column, *TEXT_NAMES} & {*names, *map(snake_case, names)}
        if known and len(names) > 1 and all(map(str.isidentifier, names)):
            return True
    # A sentence may begin with a bracket; `{"text"` it hardly does.
    return (len(header) > 1 and column in header) or bool(re.match(r'(\[\s*)?\{\s*"[^"]*"\s*:', start))


def _lines(path: Path, encoding: str | None, certain: bool) -> Texts:
    """Return the lines of a text without their ends.

    Args:
        certain: whether the user says that it is a text a line.

    Raises:
        FoxhoundError: it looks like a table.
    """
    from foxhound.corpus.encodings import find_encoding, open_text
    from foxhound.corpus.formats import as_text
    from foxhound.corpus.unpacking import first_bytes

    start = as_text(first_bytes(path)) or ""
    newline = "\r" if "\r" in start and "\n" not in start else "\n"  # str.splitlines breaks at other signs too
    found = find_encoding(path, encoding, bounded=False)

    def values() -> Iterator[tuple[Any, list[Any]]]:
        with open_text(path, found, bounded=False, newline=newline) as file:
            for line in file:
                yield line.removesuffix("\n").removesuffix("\r"), []

    count, tabs = 0, set()
    for text, _ in values():
        count += 1
        tabs |= {text.count("\t")} if text else set()
    if count > 1 and not certain and (error := _not_lines(path, tabs)):
        raise error
    traces = describe_traces([text for text, _ in islice(values(), LOOK)])
    return Texts(values(), count, [*([found.doubt] if found.doubt else []), *traces])


def _column_problem(path: Path, name: str, columns: list[str], remedy: str) -> FoxhoundError:
    if not columns:
        return FoxhoundError(f"{path}: an empty file.")
    usual = [column for column in columns if name in TEXT_NAMES and snake_case(column) in TEXT_NAMES]
    hint = f" Did you mean {usual[0]!r}?" if usual else suggestion(name, columns)
    if looks_like_row(columns):
        remedy = f" The first line looks like a row, not like names of columns. {REMEDY}"
    return FoxhoundError(f"{path}: no column {name!r}.{hint} Columns: {', '.join(columns)}.{remedy}")


def open_texts(
    path: str, column: str, keep: Sequence[str] = (), remedy: str = " Name it with --column.", **reading: str | None
) -> Texts:
    """Open a column of a table, or the lines of a .txt file; `-` is standard input, a text a line.

    Args:
        keep: other columns whose values come with the texts.
        remedy: what an error advises where there is no such column.
        reading: as in `Reading`.

    Raises:
        FoxhoundError: the file is missing or broken, its ending tells no format, or it has no such column.
    """
    if path == "-":
        if keep:
            raise FoxhoundError("Standard input is a text a line, and has no columns to keep.")
        return Texts(_standard_input(), None)
    from foxhound.corpus.readers import check_readable, in_words, open_table
    from foxhound.corpus.table_file import Reading

    file = Path(path)
    check_readable(file)
    certain = reading.get("format") == "txt"
    if file.is_file() and (certain or not reading.get("format")):
        with in_words(file, "text"):
            if certain or not _is_table(file, column):
                if keep:
                    raise FoxhoundError(f"{path}: a text a line, without columns to keep.")
                return _lines(file, reading.get("encoding"), certain)
    table = open_table(file, Reading(**reading), bounded=False)
    for name in (column, *keep):
        if name not in table.columns:
            raise _column_problem(file, name, table.columns, remedy)

    def values() -> Iterator[tuple[Any, list[Any]]]:
        with in_words(file, "a table"):
            for _, (text, *others) in table.rows([column, *keep]):
                yield text, others

    with in_words(file, "a table"):
        traces = describe_traces([text for _, (text,) in islice(table.rows([column]), LOOK)])
    return Texts(values(), table.count, [*table.notes, *table.doubts, *traces])


def read_texts(path: str, column: str) -> list[Any]:
    """Return all the texts that `open_texts` opens."""
    return [text for text, _ in open_texts(path, column).values]
