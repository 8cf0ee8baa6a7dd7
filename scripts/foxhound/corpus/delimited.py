"""Read fields with separators: CSV, TSV and their kin, as the file itself shows that they are written."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from foxhound.corpus.dialect import LONGEST_FIELD, Head, Open, csv_reader, read_lines, skip_head
from foxhound.corpus.headers import REMEDY, REPEATED, is_known, looks_like_row, repeats_header
from foxhound.corpus.heads import NAMES, find_head
from foxhound.corpus.problems import raise_problems
from foxhound.corpus.quoting import find_quoting
from foxhound.corpus.table_file import Row, TableFile
from foxhound.errors import FoxhoundError

OTHER_MARKS = ("''", "``", "`'", "\u2018\u2019", "\u201c\u201d", "\u201d\u201d", "\u201e\u201c", "\u00ab\u00bb")
"""Quotation marks that enclose no fields: the first and the last sign."""


def _header(path: Path, row: list[str], commented: bool, separator: str) -> list[str]:
    """Return the names of columns; those without one are called as pandas calls them.

    Raises:
        FoxhoundError: two columns have one name, or what encloses fields is not taken off.
    """
    if commented and row:
        row = [row[0].lstrip("#").strip(), *row[1:]]
    if len(row) == 1 and sum(map(is_known, row[0].split(separator))) > 1:
        raise FoxhoundError(
            f"{path}: each line as a whole stands in quotation marks ({row[0][:60]!r}), and so is one field. Take them "
            'off: sed -E \'s/^"(.*)"(\\r?)$/\\1\\2/; s/""/"/g\' FILE > NEW.csv'
        )
    if len(row) > 1 and all(len(name) > 2 and name[0] + name[-1] in OTHER_MARKS for name in row):
        raise FoxhoundError(
            f'{path}: names stand in {row[0][0]} and {row[0][-1]}, and only " encloses fields. Put that in place of '
            "the others, in every line."
        )
    names = [name or f"Unnamed: {number}" for number, name in enumerate(row)]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        remedy = f"It looks like a row. {REMEDY}" if looks_like_row(names) else "Rename or remove a column."
        raise FoxhoundError(f"{path}: the header has {repeated[0]!r} more than once. {remedy}")
    return names


def _fitted(row: list[str], header: list[str], raw_header: list[str]) -> list[str] | None:
    """Return a row as long as the header, or None where it is not: separators at the end are no fields."""
    width = len(header)
    if len(row) > width and not any(row[width:]):
        return row[:width]
    if len(row) < width and not any(raw_header[len(row) :]):
        return row + [""] * (width - len(row))
    return row if len(row) == width else None


@dataclass
class _Found:
    """What a look through all rows found.

    problems: rows that do not fit the header, in words. lengths: counts the fields of these.
    repeats: lines that repeat the header. blank: rows at the end that hold nothing but separators.
    """

    problems: list[str] = field(default_factory=list)
    lengths: Counter[int] = field(default_factory=Counter)
    repeats: list[int] = field(default_factory=list)
    blank: int = 0


class _Last:
    """Yield the lines of a file, and keep the last one: the csv module does not tell if an empty field is quoted."""

    def __init__(self, file: TextIO) -> None:
        self.file, self.line = file, ""

    def __iter__(self) -> Iterator[str]:
        """Yield the lines."""
        for line in read_lines(self.file):
            self.line = line
            yield line


def _each_row(path: Path, open_file: Open, head: Head, quoting: str, found: _Found) -> Iterator[tuple[int, list[str]]]:
    """Yield the header, and then every row that fits it, each with the line where it starts.

    Spreadsheets write the empty rows below a table too: those at the end that are empty in all columns are none.

    Raises:
        FoxhoundError: a mistake in the quotes, with the line it is in.
    """
    csv.field_size_limit(LONGEST_FIELD)
    with open_file() as file:
        skip_head(file, head)
        last, nothing = _Last(file), f"{head.separator} \r\n"
        reader = csv_reader(last, head, quoting)
        header: list[str] | None = None
        raw_header: list[str] = []
        line = head.skipped + 1
        blank: list[int] = []
        try:
            for row in reader:
                if row and header is None:
                    raw_header, header = row, _header(path, row, head.commented, head.separator)
                    yield line, header
                elif row and header is not None:
                    fitted = _fitted(row, header, raw_header)
                    if fitted is None:
                        found.lengths[len(row)] += 1
                        found.problems.append(f"line {line}: {len(row)} fields where the header has {len(header)}")
                    elif len(header) > 1 and not last.line.strip(nothing):
                        blank.append(line)
                    else:
                        found.repeats += [line] if repeats_header(fitted, header) else []
                        yield from ((empty, [""] * len(header)) for empty in blank)
                        blank.clear()
                        yield line, fitted
                line = head.skipped + reader.line_num + 1
        except csv.Error as error:
            remedy = "Double a quote inside quotes; or say that quotation marks are letters (`quoting: none`)."
            raise FoxhoundError(f"{path}: line {head.skipped + reader.line_num}: {error}. {remedy}") from error
        found.blank = len(blank)


def _remedy(head: Head, width: int, count: int, lengths: Counter[int]) -> str:
    """Return what to do where rows do not fit the header."""
    separator = NAMES.get(head.separator, repr(head.separator))
    remedy = f"Fields are separated by {separator} here; a text that holds one needs double quotes around it."
    if width == 1:
        remedy += " If each line is a text, and no table: foxhound predict --format txt."
    if count == 0 and len(lengths) == 1:
        [length] = lengths
        first = head.skipped + 1
        remedy += f" Or every row has {length} fields, and line {first} lacks names, or is no header: take it out then."
    return remedy


def open_delimited(path: Path, open_file: Open, usual: str, quoting: str | None = None) -> TableFile:
    """Look through a file of fields with separators.

    Args:
        open_file: opens its text.
        usual: the separator that its name tells.
        quoting: as in `Reading`; None is decided by the file.

    Raises:
        FoxhoundError: the header names a column twice, a row is too short or too long, or quotes do not match. Names
            lines.
    """
    csv.field_size_limit(LONGEST_FIELD)
    try:
        head = find_head(open_file, usual)
        how, notes, doubts = (quoting, [], []) if quoting else find_quoting(open_file, head)
    except csv.Error as error:
        raise FoxhoundError(f"{path}: {error}. It is no table, or a quotation mark is not closed.") from error
    found = _Found()
    every = _each_row(path, open_file, head, how, found)
    header = next(every, (1, []))[1]
    count = sum(1 for _ in every)
    raise_problems(path, found.problems, _remedy(head, len(header), count, found.lengths))
    notes += ["spaces after separators are no part of fields"] if head.spaced else []
    notes += [f"{found.blank} rows at the end hold nothing but separators, and are left out"] if found.blank else []
    doubts += [f"line {line} {REPEATED}" for line in found.repeats[:1]]

    def rows(columns: Sequence[str]) -> Iterator[Row]:
        positions = [header.index(name) for name in columns]
        again = _each_row(path, open_file, head, how, _Found())
        next(again, None)
        for line, row in again:
            yield line, [row[position] for position in positions]

    return TableFile(header, count, rows, [*head.notes, *notes], doubts)
