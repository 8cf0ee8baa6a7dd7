"""Read fields with separators: CSV, TSV and their kin, with the separator and the quoting that the file itself shows.

Whether quotation marks enclose fields is decided by the whole file. Read with the wrong answer, a mark at the start of
a text swallows the rows up to the next one.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from foxhound.corpus.headers import REMEDY, looks_like_row
from foxhound.corpus.problems import raise_problems
from foxhound.corpus.table_file import Row, TableFile
from foxhound.errors import FoxhoundError

LONGEST_FIELD = 1 << 24  # characters
SEPARATORS = (",", "\t", ";", "|")
NAMES = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars", " ": "spaces"}
LOOK = 200  # rows that tell the separator
HOW = {
    "quotes": {"quoting": csv.QUOTE_MINIMAL},
    "backslash": {"quoting": csv.QUOTE_MINIMAL, "doublequote": False, "escapechar": "\\"},
    "none": {"quoting": csv.QUOTE_NONE},
}
"""Value of `quoting` -> what the csv module is told."""
NUMBER = re.compile(r"[-+]?\d[\d.,:eE+-]*")

Open = Callable[[], AbstractContextManager[TextIO]]


@dataclass(frozen=True)
class Head:
    """What stands before the rows.

    skipped: lines before the header.
    commented: whether the header begins with a `#` that is no part of its first name.
    separator: a character.
    """

    skipped: int
    commented: bool
    separator: str
    notes: list[str] = field(default_factory=list)


@dataclass
class _Plain:
    """What a file's lines show, each cut at every separator.

    ragged: lines with another number of fields than the header.
    marks, escaped: whether there are quotation marks, and some with a backslash before them.
    quoted: fields in quotation marks that need none, by column.
    bare: other fields that are words, by column; a writer that quotes all texts leaves none.
    needed: fields in quotation marks with a doubled one inside, which nobody writes but to quote.
    """

    lines: int = 0
    ragged: int = 0
    marks: bool = False
    escaped: bool = False
    needed: int = 0
    quoted: Counter[int] = field(default_factory=Counter)
    bare: Counter[int] = field(default_factory=Counter)

    @property
    def uneven(self) -> bool:
        """Say whether some column has fields in quotation marks that need none, and others without."""
        return any(self.bare[column] for column in self.quoted)


@dataclass
class _Parsed:
    """What the csv module made of a file: rows, those of a wrong length, those over several lines, its refusal."""

    rows: int = 0
    ragged: int = 0
    joined: int = 0
    first_joined: int = 0
    error: str | None = None


def _lines(file: TextIO) -> Iterator[str]:
    """Yield the lines of a file; refuse one that is longer than any field may be."""
    while line := file.readline(LONGEST_FIELD):
        if len(line) == LONGEST_FIELD:
            raise csv.Error(f"a line of more than {LONGEST_FIELD:,} characters")
        yield line


def _field_counts(lines: Sequence[str], separator: str) -> list[int]:
    """Return the number of fields in each row, quoted or not, whichever gives more rows of one length."""
    best: list[int] = []
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        reader = csv.reader(lines, delimiter=separator, quoting=quoting)
        counts = []
        try:
            counts = [len(row) for row in reader if row]
        except csv.Error:
            continue
        if counts and (not best or counts.count(counts[0]) * len(best) > best.count(best[0]) * len(counts)):
            best = counts
    return best


def _choose_separator(lines: Sequence[str], usual: str) -> str:
    """Return the separator with which most of the first rows are as long as the header; `usual` wins a tie."""

    def merit(separator: str) -> tuple[float, bool, int]:
        counts = _field_counts(lines, separator)
        if not counts or counts[0] < 2:
            return (-1.0, separator == usual, 0)
        return (counts.count(counts[0]) / len(counts), separator == usual, counts[0])

    best = max(SEPARATORS, key=merit)
    return best if merit(best)[0] >= 0 else usual


def find_head(open_file: Open, usual: str) -> Head:
    """Return what stands before the rows, and the separator.

    Args:
        usual: the separator that the file's name tells.
    """
    with open_file() as file:
        lines = [line for _, line in zip(range(LOOK), _lines(file), strict=False)]
    skipped, told = 0, None
    if lines and (match := re.fullmatch(r'"?sep=(.)"?\s*', lines[0])):
        skipped, told = 1, match[1]
    while skipped < len(lines) and not lines[skipped].strip():
        skipped += 1
    comments = skipped
    while comments < len(lines) and lines[comments].startswith("#"):
        comments += 1
    rows = lines[comments:]
    separator = told or _choose_separator(rows or lines[skipped:], usual)
    notes = [] if separator == usual else [f"fields are separated by {NAMES.get(separator, repr(separator))}"]
    commented = False
    if comments > skipped:
        header = lines[comments - 1].lstrip("#")
        length = next(iter(_field_counts(rows[:1], separator)), 0)
        commented = next(iter(_field_counts([header], separator)), 0) == length and length > 1
        if commented:
            # Unless the comment above a header happens to have as many fields.
            commented = bool(re.fullmatch(r"\s*[\w .-]+", header.split(separator)[0]))
            skipped = comments - 1 if commented else comments
        else:
            skipped = comments
        notes.append("the header is a comment" if commented else f"{comments} line(s) of comments come first")
    return Head(skipped, commented, separator, notes)


def _skip(file: TextIO, head: Head) -> None:
    for _ in range(head.skipped):
        file.readline(LONGEST_FIELD)


def _parsed(open_file: Open, head: Head, quoting: str) -> _Parsed:
    """Return what the csv module makes of the file."""
    found = _Parsed()
    with open_file() as file:
        _skip(file, head)
        reader = csv.reader(_lines(file), delimiter=head.separator, strict=True, **HOW[quoting])  # type: ignore[arg-type]
        before, width = 0, None
        try:
            for row in reader:
                if row:
                    width = width or len(row)
                    found.rows += 1
                    found.ragged += len(row) != width
                    if reader.line_num > before + 1:
                        found.joined += 1
                        found.first_joined = found.first_joined or head.skipped + before + 1
                before = reader.line_num
        except csv.Error as error:
            found.error = str(error)
    return found


def _plain(open_file: Open, head: Head) -> _Plain:
    """Return what the lines of the file show, each cut at every separator."""
    found = _Plain()
    width = None
    with open_file() as file:
        _skip(file, head)
        for line in _lines(file):
            cells = line.rstrip("\r\n").split(head.separator)
            if cells == [""]:
                continue
            marks = '"' in line
            found.marks = found.marks or marks
            found.escaped = found.escaped or (marks and '\\"' in line)
            if width is None:
                width = len(cells)
                continue
            found.lines += 1
            if len(cells) != width:
                found.ragged += 1
                continue
            for column, cell in enumerate(cells):
                if marks and len(cell) > 2 and cell[0] == '"' == cell[-1]:
                    inner = cell[1:-1]
                    if '"' not in inner:
                        found.quoted[column] += 1
                    elif '"' not in inner.replace('""', ""):
                        found.needed += 1
                elif cell and cell[0] != '"' and not NUMBER.fullmatch(cell):
                    found.bare[column] += 1
    return found


def find_quoting(open_file: Open, head: Head) -> tuple[str, list[str], list[str]]:
    """Return how the file quotes, with notes and doubts about that.

    Texts are full of commas and semicolons, and fields with these are quoted. Tabs and bars are hardly ever in a text:
    fields without quotation marks are usual there, and what looks like one is a letter where all lines fit the header.
    """
    plain = _plain(open_file, head)
    if not plain.marks:
        return "quotes", [], []
    quoted = _parsed(open_file, head, "quotes")
    fits = not plain.ragged and plain.lines > 0
    may_be_bare = head.separator in ("\t", "|")
    if quoted.error or quoted.ragged:
        if fits and may_be_bare:
            return "none", ["quotation marks are letters here: they do not enclose fields"], []
        escaped = _parsed(open_file, head, "backslash") if plain.escaped else quoted
        if not escaped.error and not escaped.ragged:
            return "backslash", ["a quotation mark inside a field has a backslash before it"], []
        return ("none" if may_be_bare and quoted.error else "quotes"), [], []
    if quoted.joined and fits:
        rows = [f"{plain.lines} rows", f"{quoted.rows - 1} (`quoting: quotes`)"]
        if not may_be_bare:
            rows = [f"{quoted.rows - 1} rows", f"{plain.lines} (`quoting: none`)"]
        doubt = (
            f"line {quoted.first_joined}: a quotation mark opens, and none closes it before a later line. Every line "
            f"has as many fields as the header: the file is read as {rows[0]}, and could be read as {rows[1]}"
        )
        return ("none" if may_be_bare else "quotes"), [], [doubt]
    if may_be_bare and fits and plain.uneven and not plain.needed:
        doubt = (
            f"{sum(plain.quoted.values())} fields stand in quotation marks that no program would have written: they "
            "are read as part of the text; `quoting: quotes` takes them off"
        )
        return "none", [], [doubt]
    notes = [f"{quoted.joined} rows go over several lines"] if quoted.joined else []
    return "quotes", notes, []


def _header(path: Path, row: list[str], commented: bool) -> list[str]:
    """Return the names of columns; those without one are called as pandas calls them.

    Raises:
        FoxhoundError: two columns have one name.
    """
    if commented and row:
        row = [row[0].lstrip("#").strip(), *row[1:]]
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


def _each_row(
    path: Path, open_file: Open, head: Head, quoting: str, problems: list[str], lengths: Counter[int]
) -> Iterator[tuple[int, list[str]]]:
    """Yield the header, and then every row that fits it, each with the line where it starts.

    Args:
        problems: gets a line on every row that does not fit. lengths: counts the fields of these rows.

    Raises:
        FoxhoundError: a mistake in the quotes, with the line it is in.
    """
    csv.field_size_limit(LONGEST_FIELD)
    with open_file() as file:
        _skip(file, head)
        reader = csv.reader(_lines(file), delimiter=head.separator, strict=True, **HOW[quoting])  # type: ignore[arg-type]
        header: list[str] | None = None
        raw_header: list[str] = []
        line = head.skipped + 1
        try:
            for row in reader:
                if row and header is None:
                    raw_header, header = row, _header(path, row, head.commented)
                    yield line, header
                elif row and header is not None:
                    fitted = _fitted(row, header, raw_header)
                    if fitted is None:
                        lengths[len(row)] += 1
                        problems.append(f"line {line}: {len(row)} fields where the header has {len(header)}")
                    else:
                        yield line, fitted
                line = head.skipped + reader.line_num + 1
        except csv.Error as error:
            remedy = "Double a quote inside quotes; or say that quotation marks are letters (`quoting: none`)."
            raise FoxhoundError(f"{path}: line {head.skipped + reader.line_num}: {error}. {remedy}") from error


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
    problems: list[str] = []
    lengths: Counter[int] = Counter()
    every = _each_row(path, open_file, head, how, problems, lengths)
    header = next(every, (1, []))[1]
    count = sum(1 for _ in every)
    separator = NAMES.get(head.separator, repr(head.separator))
    remedy = f"Fields are separated by {separator} here; a text that holds one needs double quotes around it."
    if count == 0 and len(lengths) == 1:
        [length] = lengths
        first = head.skipped + 1
        remedy += f" Or every row has {length} fields, and line {first} lacks names, or is no header: take it out then."
    raise_problems(path, problems, remedy)

    def rows(columns: Sequence[str]) -> Iterator[Row]:
        positions = [header.index(name) for name in columns]
        again = _each_row(path, open_file, head, how, [], Counter())
        next(again, None)
        for line, row in again:
            yield line, [row[position] for position in positions]

    return TableFile(header, count, rows, [*head.notes, *notes], doubts)
