"""Read a raw corpus, check it row by row, and give every comment an id that other rows' edits do not move."""

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from foxhound.errors import FoxhoundError, suggestion

ROLES = ("id", "text", "label", "title", "thread", "user")
NEEDED = ("text", "label")
SHOWN = 5
LONGEST_FIELD = 1 << 24


def _read_json_lines(path: Path) -> pd.DataFrame:
    rows, problems = [], []
    with open(path, encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise ValueError(f"a {type(row).__name__} where an object was expected")
                rows.append(row | {"_line": number})
                json.dumps(row, ensure_ascii=False).encode()
            except UnicodeEncodeError:
                problems.append(f"line {number}: half a character (an unpaired surrogate)")
            except ValueError as error:
                problems.append(f"line {number}: broken JSON: {error}")
    refuse(path, problems)
    return pd.DataFrame(rows, dtype=object)


def _explained(reader: Any, path: Path) -> Iterator[list[str]]:
    """The rows of a csv.reader; a mistake in its quotes with the line it is in."""
    try:
        yield from reader
    except csv.Error as error:
        raise FoxhoundError(f"{path}: line {reader.line_num}: {error}. Double a quote inside quotes.") from error


def read_delimited(path: Path, separator: str) -> pd.DataFrame:
    """As csv.DictReader does, and with the line where each row starts: a quoted field may hold line breaks."""
    csv.field_size_limit(LONGEST_FIELD)
    rows, problems = [], []
    with open(path, newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file, delimiter=separator, strict=True)
        lines = _explained(reader, path)
        header = next(lines, [])
        if twice := sorted({name for name in header if header.count(name) > 1}):
            raise FoxhoundError(f"{path}: the header has {twice[0]!r} more than once.")
        line = reader.line_num + 1
        for row in lines:
            if row and len(row) != len(header):
                problems.append(f"line {line}: {len(row)} fields where the header has {len(header)}")
            elif row:
                rows.append(dict(zip(header, row, strict=True)) | {"_line": line})
            line = reader.line_num + 1
    refuse(path, problems)
    return pd.DataFrame(rows, columns=[*header, "_line"], dtype=object)


def read_raw(path: str | Path, format: str) -> pd.DataFrame:
    """Read a raw corpus as it is, with a column `_line` that says where each row stands.

    Args:
        path: the file.
        format: `jsonl`, `csv`, `tsv` or `parquet`.

    Raises:
        FoxhoundError: the file cannot be read; names the line where that is known.
    """
    path = Path(path)
    try:
        if format == "jsonl":
            return _read_json_lines(path)
        if format in ("csv", "tsv"):
            return read_delimited(path, "," if format == "csv" else "\t")
        frame = pd.read_parquet(path).astype(object)
        return frame.assign(_line=range(1, len(frame) + 1))
    except UnicodeDecodeError as error:
        raise FoxhoundError(f"{path}: not UTF-8 at byte {error.start}. Save it as UTF-8.") from error
    except (ValueError, OSError, RecursionError) as error:
        raise FoxhoundError(f"{path}: cannot be read as {format}: {error}") from error


def refuse(path: Path, problems: list[str]) -> None:
    """Raise one error that lists the first problems and counts the others."""
    if problems:
        more = f"\n  ... and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
        raise FoxhoundError(f"{path}: {len(problems)} problem(s)\n  " + "\n  ".join(problems[:SHOWN]) + more)


def _labels(path: Path, values: list[Any], lines: list[int], positive: str | None) -> list[int]:
    """0/1 labels; `positive` names the value that means hateful where labels are words."""
    if positive is not None:
        words = {str(value) for value in values if value is not None}
        if positive not in words:
            raise FoxhoundError(
                f"{path}: no label equals {positive!r} (corpus key `positive`). Labels: {sorted(words)[:SHOWN]}."
            )
    problems, labels = [], []
    for line, value in zip(lines, values, strict=True):
        if positive is not None and value is not None:
            labels.append(int(str(value) == positive))
        elif type(value) in (int, str) and str(value) in ("0", "1"):
            labels.append(int(value))
        else:
            problems.append(
                f"line {line}: label {value!r} is not 0 or 1" if value is not None else f"line {line}: no label"
            )
    refuse(path, problems)
    return labels


def comment_ids(texts: Iterable[str]) -> list[str]:
    """Sixteen hexadecimal digits per comment, from its text and a count of repeats.

    The other columns are left out, so that a fix in them keeps the id; position is left out, so that rows with other
    texts may come, go and change. Of equal texts, the first that goes hands its id to the next.
    """
    seen: dict[str, int] = {}
    ids = []
    for text in texts:
        seen[text] = seen.get(text, -1) + 1
        ids.append(hashlib.sha256(f"{seen[text]} {text}".encode()).hexdigest()[:16])
    return ids


def own_ids(path: Path, values: list[Any], lines: list[int]) -> list[str]:
    """The corpus's own ids, each there and each once."""
    first: dict[str, int] = {}
    problems = []
    for value, line in zip(values, lines, strict=True):
        if value is None or not str(value).strip():
            problems.append(f"line {line}: no id")
        elif first.setdefault(str(value), line) != line:
            problems.append(f"line {line}: id {value!r} stands in line {first[str(value)]} already")
    refuse(path, problems)
    return [str(value) for value in values]


def load_comments(path: str | Path, definition: dict[str, Any]) -> pd.DataFrame:
    """The comments table (columns as in schemas/tables.yaml) of a raw corpus.

    Args:
        path: the raw file.
        definition: `format`, `columns` (role -> column name) and optional `positive`.

    Raises:
        FoxhoundError: a missing column, a label other than 0 or 1, an empty text, only one class. Names lines.
    """
    path = Path(path)
    raw = read_raw(path, definition["format"])
    if raw.empty:
        raise FoxhoundError(f"{path}: holds no comments.")
    raw = raw.where(raw.notna(), None)
    names = {role: definition["columns"].get(role) for role in ROLES}
    names["thread"] = names["thread"] or names["title"]
    present = [str(column) for column in raw.columns if column != "_line"]
    for role, name in names.items():
        if (name is None and role in NEEDED) or (name is not None and name not in present):
            raise FoxhoundError(
                f"{path}: no column {name!r} for the comment's {role} (corpus key `columns.{role}`); "
                f"the file has {present}.{suggestion(name or role, present)}"
            )
    lines = raw["_line"]
    texts = raw[names["text"]]
    refuse(
        path,
        [
            f"line {line}: the text is {'not a string' if not isinstance(text, str) else 'empty'}"
            for line, text in zip(lines, texts, strict=True)
            if not isinstance(text, str) or not text.strip()
        ],
    )

    def optional(role: str) -> pd.Series:
        name = names[role]
        column = raw[name] if name else pd.Series([None] * len(raw), index=raw.index)
        return column.map(lambda value: None if value is None else str(value)).astype(object)

    frame = pd.DataFrame(
        {"thread": optional("thread"), "title": optional("title"), "text": texts, "user": optional("user")}
    )
    frame["thread"] = frame["thread"].fillna("")
    frame["label"] = _labels(path, raw[names["label"]].tolist(), lines.tolist(), definition.get("positive"))
    if frame["label"].nunique() < 2:
        raise FoxhoundError(
            f"{path}: all {len(frame)} labels are {frame['label'].iloc[0]}; a classifier needs both classes."
        )
    own = names["id"]
    frame.insert(0, "id", own_ids(path, raw[own].tolist(), lines.tolist()) if own else comment_ids(texts))
    return frame


def summary(frame: pd.DataFrame) -> dict[str, int]:
    """Counts for source.json and the report."""
    return {
        "comments": len(frame),
        "hateful": int(frame["label"].sum()),
        "articles": int(frame["thread"].nunique()),
        "users": int(frame["user"].nunique()),
    }


def column_digests(frame: pd.DataFrame) -> dict[str, str]:
    """Column -> sixteen hexadecimal digits that change with any value, with the rows, and with their order."""
    ids = frame["id"].tolist()
    return {
        str(column): hashlib.sha256(json.dumps([ids, frame[column].tolist()]).encode()).hexdigest()[:16]
        for column in frame.columns
    }
