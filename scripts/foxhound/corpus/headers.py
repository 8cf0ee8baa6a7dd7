"""Tell a header from a row of data: many tables of research have no line with names."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from foxhound.corpus.class_words import snake_case
from foxhound.corpus.labels import is_missing, label_word, number

TEXT_NAMES = ["text", "comment", "comment_text", "body", "content", "message", "tweet", "post", "review", "sentence"]
TEXT_NAMES += ["utterance", "document"]
LABEL_NAMES = ["label", "labels", "class", "gold", "target", "y", "category", "annotation", "majority_label"]
LABEL_NAMES += ["final_label"]
MOST_WORDS = 8  # of a column's name; a question of a survey has no more
REMEDY = "Put a line with a name for each column before it (in a CSV file: sed '1i text,label' FILE > NEW.csv)."


REPEATED = "repeats the header: two tables were put one after another. Take that line out."
TOTAL = re.compile(
    r"((grand|sub)[ -]?)?totals?|sums?|mean|average|count|gesamt|summe|somme|suma|total general", re.IGNORECASE
)
FEWEST_ROWS, LOOK = 10, 1000  # rows that tell what stands in a column
QUALTRICS = '{"ImportId":'


def is_known(name: str) -> bool:
    """Say whether a name is one that columns often have."""
    parts = snake_case(name).split("_")
    return len(parts) < 4 and bool({*parts} & {*TEXT_NAMES, *LABEL_NAMES, "id"} - {"y"})


def looks_like_row(names: Sequence[str]) -> bool:
    """Say whether names of columns look like values: numbers, or a sentence; pandas numbers columns without names."""
    if any(map(is_known, names)) or [*names] == [*map(str, range(len(names)))]:
        return False
    return any(number(name) is not None or len(name.split()) > MOST_WORDS for name in names)


def repeats_header(row: Sequence[Any], names: Sequence[str]) -> bool:
    """Say whether a row holds the names of the columns, perhaps in another order or after a byte order mark."""
    if (
        not isinstance(row[0], str)
        or row[0].lstrip("\ufeff") not in names
        or not all(isinstance(one, str) for one in row)
    ):
        return False
    return sorted(name.lstrip("\ufeff") for name in row) == sorted(names)


def _looks_like_names(row: Sequence[Any], columns: Sequence[Sequence[Any]]) -> bool:
    """Say whether a row has words, and no number, where the rows below it have numbers.

    Args:
        columns: what stands below the row.
    """
    words = [label_word(value) for value in row]
    if any(number(word) is not None for word in words):
        return False
    for word, below in zip(words, columns, strict=True):
        known = [other for other in map(label_word, below) if not is_missing(other)]
        numbers = sum(number(other) is not None for other in known)
        if not is_missing(word) and word not in known and len(known) >= FEWEST_ROWS and numbers >= 0.95 * len(known):
            return True
    return False


def _looks_like_total(row: Sequence[Any], columns: Sequence[Sequence[Any]]) -> bool:
    """Say whether a row sums up: `Total` beside numbers that stand in no row above it.

    Args:
        columns: what stands above the row.
    """
    words = [label_word(value) for value in row]
    others = [(word, above) for word, above in zip(words, columns, strict=True) if not (word and TOTAL.fullmatch(word))]
    if len(others) == len(words) or not all(is_missing(word) or number(word) is not None for word, _ in others):
        return False
    return any(not is_missing(word) and word not in map(label_word, above) for word, above in others)


def _no_comment(columns: Mapping[str, Sequence[Any]], lines: Sequence[int]) -> str | None:
    """Return which of the first and last rows is none of the table's, in words, or None."""
    values = [*columns.values()]
    for row in range(min(2, len(lines) - FEWEST_ROWS)):
        shown = ", ".join(str(column[row]) for column in values)[:100]
        if QUALTRICS in shown:
            return f"line {lines[row]} is one of Qualtrics' lines about the columns ({shown}). Take these lines out."
        if _looks_like_names([column[row] for column in values], [column[row + 1 : row + LOOK] for column in values]):
            return f"line {lines[row]} looks like a second line of names ({shown}). Take one of them out."
    if len(lines) > FEWEST_ROWS and _looks_like_total(
        [column[-1] for column in values], [column[:-1] for column in values]
    ):
        shown = ", ".join("" if column[-1] is None else str(column[-1]) for column in values)
        return f"line {lines[-1]} looks like a total, not like a comment ({shown}). Take that line out."
    return None


def header_problem(columns: Mapping[str, Sequence[Any]], lines: Sequence[int]) -> str | None:
    """Return what is wrong with the header of a table, or with a row that is none, in words, or None.

    Args:
        columns: name -> values.
        lines: of the rows.
    """
    names = [*columns]
    rows = zip(lines, zip(*columns.values(), strict=True), strict=True)
    if len(names) > 1 and (repeats := [line for line, row in rows if repeats_header(row, names)]):
        return f"line {repeats[0]} {REPEATED}"
    # A class of the first row comes again below, in the same column.
    again = not any(map(is_known, columns)) and any(name in values for name, values in columns.items())
    if again or looks_like_row(names):
        shown = ", ".join(columns)
        return f"the first line looks like a row, not like names of columns ({shown}). {REMEDY}"
    return _no_comment(columns, lines)
