"""Find the names of columns in a text of fields with separators, and the separator that the file itself shows."""

import csv
import re
from collections.abc import Sequence

from foxhound.corpus.dialect import Head, Open, read_lines
from foxhound.corpus.headers import is_known

SEPARATORS = (",", "\t", ";", "|")
ODD_SEPARATORS = "\x01\x1f^~:&\u060c\u061b\uff0c\uff1b\u3001\u00a6\u00a7"
"""Taken only where every line has as many of them as the header, and that has a usual name."""
NAMES = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars", " ": "spaces"}
LOOK = 200  # rows that tell the separator
MOST_TITLES = 10  # lines above the header
EVEN = 0.8  # share of rows that are as long as a header that stands below a title
SPACED_HEADER = re.compile(r'"[^"]*"( "[^"]*")+\s*')  # as R's write.table makes it


def _field_counts(lines: Sequence[str], separator: str, spaced: bool = False) -> list[int]:
    """Return the number of fields in each row, quoted or not, whichever gives more rows of one length."""
    best: list[int] = []
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        reader = csv.reader(lines, delimiter=separator, quoting=quoting, skipinitialspace=spaced)
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
    return best if merit(best)[0] >= 0 else _odd_separator(lines) or usual


def _odd_separator(lines: Sequence[str]) -> str | None:
    """Return a separator that hardly anybody uses, where every line has as many as the header; else None."""
    filled = [line.rstrip("\r\n") for line in lines if line.strip()]
    if len(filled) < 2:
        return None
    for separator in ODD_SEPARATORS:
        number = filled[0].count(separator)
        even = number and all(line.count(separator) == number for line in filled)
        if even and any(is_known(name.strip(" \"'")) for name in filled[0].split(separator)):
            return separator
    return None


def _fields(line: str, separator: str) -> list[str]:
    """Return the fields of a line that are not empty."""
    row = next(csv.reader([line], delimiter=separator), [])
    return [name for name in row if name.strip()]


def _titles(lines: Sequence[str], separator: str, usual: str) -> int:
    """Return how many lines stand above the header: a title, a licence, what a program wrote of itself.

    Each has one field that is no usual name of a column, and the header below has one that is.
    """
    if not lines or len(_fields(lines[0], separator)) > 1:
        return 0
    for start in range(1, min(MOST_TITLES + 1, len(lines) - 1)):
        found = _choose_separator(lines[start:], usual)
        above = [_fields(line, found) for line in lines[:start]]
        if any(len(fields) > 1 or any(map(is_known, fields)) for fields in above):
            continue
        names, counts = _fields(lines[start], found), _field_counts(lines[start:], found)
        even = bool(counts) and counts[0] > 1 and counts.count(counts[0]) >= EVEN * len(counts)
        if even and len(counts) > 2 and len(names) > 1 and any(map(is_known, names)):
            return start
    return 0


def _is_spaced(lines: Sequence[str], separator: str) -> bool:
    """Say whether a space comes after each separator, so that quotation marks after it enclose fields."""
    if separator == " " or not any(f'{separator} "' in line for line in lines):
        return False
    kept, dropped = _field_counts(lines, separator), _field_counts(lines, separator, spaced=True)
    if len({*dropped}) != 1:
        return False
    header = lines[0].split(separator)[1:]
    return len({*kept}) != 1 or (kept == dropped and bool(header) and all(name.startswith(" ") for name in header))


def find_head(open_file: Open, usual: str) -> Head:
    """Return what stands before the rows, and the separator.

    Args:
        usual: the separator that the file's name tells.
    """
    with open_file() as file:
        lines = [line for _, line in zip(range(LOOK), read_lines(file), strict=False)]
    skipped, told = 0, None
    if lines and (match := re.fullmatch(r'"?sep=(.)"?\s*', lines[0], re.IGNORECASE)):
        skipped, told = 1, match[1]
    elif lines and SPACED_HEADER.fullmatch(lines[0]):
        told = " "
    while skipped < len(lines) and not lines[skipped].strip():
        skipped += 1
    comments = skipped
    while comments < len(lines) and lines[comments].startswith("#"):
        comments += 1
    rows = lines[comments:]
    separator = told or _choose_separator(rows or lines[skipped:], usual)
    commented, notes = False, []
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
    if told is None and not commented and (titles := _titles(lines[skipped:], separator, usual)):
        shown = lines[skipped].strip(f" \r\n{separator}")[:60]
        notes.append(f"the names of columns stand in line {skipped + titles + 1}, below {titles} other(s) ({shown!r})")
        skipped += titles
        separator = _choose_separator(lines[skipped:], usual)
    if separator != usual:
        notes.insert(0, f"fields are separated by {NAMES.get(separator, repr(separator))}")
    return Head(skipped, commented, separator, _is_spaced(lines[skipped:], separator), notes)
