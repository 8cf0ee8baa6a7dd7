"""Apply fixes of single values, which lie in a file of their own so that the raw corpus stays as it was.

That is a CSV file with the columns `id` (as in comments.parquet), `column`, `value`, and optionally `reason`.
"""

from pathlib import Path

import pandas as pd

from foxhound.corpus.problems import raise_problems
from foxhound.corpus.readers import read_raw
from foxhound.errors import FoxhoundError, suggestion

HEADER = ["id", "column", "value"]
COLUMNS = ["text", "label", "title", "thread", "user"]


def _find_problem(column: str, value: str) -> str | None:
    """Return why `value` cannot stand in `column`, or None where it can."""
    if column not in COLUMNS:
        return f"no column {column!r}.{suggestion(column, COLUMNS)} Columns: {', '.join(COLUMNS)}"
    if column == "label" and value not in ("0", "1"):
        return f"label {value!r} is not 0 or 1"
    if column == "text" and not value.strip():
        return "the text is empty"
    return None


def apply_corrections(frame: pd.DataFrame, path: str | Path) -> tuple[pd.DataFrame, int]:
    """Return a corrected copy of the comments, and how many corrections changed something.

    Args:
        frame: the comments table.
        path: of the corrections. An empty value removes a title, thread or user.

    Raises:
        FoxhoundError: the header is another one, an id or column is unknown, a value is not allowed or corrected twice,
            or all labels are equal afterwards. The message names the lines.
    """
    path = Path(path)
    rows = read_raw(path, "csv", quoting="quotes")
    header = [name for name in rows.columns if name != "_line"]
    if [name for name in header if name != "reason"] != HEADER:
        raise FoxhoundError(f"{path}: the header must be {','.join(HEADER)} and optionally reason; it is {header}.")
    values = {column: frame[column].tolist() for column in COLUMNS}
    row_of_id = {comment: row for row, comment in enumerate(frame["id"])}
    problems: list[str] = []
    changed = 0
    first_lines: dict[tuple[str, str], int] = {}
    for comment, column, value, line in zip(*(rows[name] for name in (*HEADER, "_line")), strict=True):
        first_line = first_lines.setdefault((comment, column), line)
        problem = _find_problem(column, value)
        if comment not in row_of_id:
            problem = f"no comment has the id {comment!r}"
        elif first_line != line:
            problem = f"the {column} of {comment} is corrected in line {first_line} already"
        if problem:
            problems.append(f"line {line}: {problem}")
            continue
        corrected = int(value) if column == "label" else value or ("" if column == "thread" else None)
        changed += values[column][row_of_id[comment]] != corrected
        values[column][row_of_id[comment]] = corrected
    raise_problems(path, problems)
    frame = frame.assign(**{name: pd.Series(column, frame.index, frame[name].dtype) for name, column in values.items()})
    if frame["label"].nunique() < 2:
        label = frame["label"].iloc[0]
        raise FoxhoundError(f"{path}: once corrected, all labels are {label}; a classifier needs both classes.")
    return frame, changed
