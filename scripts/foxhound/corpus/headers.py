"""Tell a header from a row of data: many tables of research have no line with names."""

from collections.abc import Mapping, Sequence
from typing import Any

from foxhound.corpus.class_words import snake_case
from foxhound.corpus.labels import number

TEXT_NAMES = ["text", "comment", "comment_text", "body", "content", "message", "tweet", "post", "review", "sentence"]
TEXT_NAMES += ["utterance", "document"]
LABEL_NAMES = ["label", "labels", "class", "gold", "target", "y", "category", "annotation", "majority_label"]
LABEL_NAMES += ["final_label"]
MOST_WORDS = 8  # of a column's name; a question of a survey has no more
REMEDY = "Put a line with a name for each column before it (in a CSV file: sed '1i text,label' FILE > NEW.csv)."


def _is_known(name: str) -> bool:
    """Say whether a name is one that columns often have."""
    parts = snake_case(name).split("_")
    return len(parts) < 4 and bool({*parts} & {*TEXT_NAMES, *LABEL_NAMES, "id"} - {"y"})


def looks_like_row(names: Sequence[str]) -> bool:
    """Say whether names of columns look like values: numbers, or a sentence; pandas numbers columns without names."""
    if any(map(_is_known, names)) or [*names] == [*map(str, range(len(names)))]:
        return False
    return any(number(name) is not None or len(name.split()) > MOST_WORDS for name in names)


def header_problem(columns: Mapping[str, Sequence[Any]], lines: Sequence[int]) -> str | None:
    """Return what is wrong with the header of a table, in words, or None.

    Args:
        columns: name -> values.
        lines: of the rows.
    """
    repeats = [
        line for line, row in zip(lines, zip(*columns.values(), strict=True), strict=True) if row == tuple(columns)
    ]
    if repeats:
        return f"line {repeats[0]} repeats the header: two tables were put one after another. Take that line out."
    # A class of the first row comes again below, in the same column.
    again = not any(map(_is_known, columns)) and any(name in values for name, values in columns.items())
    if again or looks_like_row([*columns]):
        shown = ", ".join(columns)
        return f"the first line looks like a row, not like names of columns ({shown}). {REMEDY}"
    return None
