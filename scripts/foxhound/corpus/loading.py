"""Read a raw corpus, check it row by row, and give every comment an id that other rows' edits do not move."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from foxhound.corpus.labels import read_labels
from foxhound.corpus.readers import FORMATS, format_of, raise_problems, read_raw
from foxhound.corpus.texts import reason_unscorable
from foxhound.errors import FoxhoundError, suggestion

KEYS = {"id": "id", "text": "text", "label": "label", "title": "title", "thread": "group", "user": "user"}
"""Column of the comments -> the key of `corpus` that names it in the raw file. A group is an article, or a thread."""
REQUIRED = ("text", "label")
REASON_WORDS = {"no text": "missing", "not text": "not a string"}


def comment_ids(texts: Iterable[str]) -> list[str]:
    """Return sixteen hexadecimal digits per comment, from its text and how often that came before.

    Other columns do not count, so that a fix in them keeps the id; nor does the position, so that rows with other texts
    may come, go and change. Where the first of equal texts is removed, its id passes to the next.
    """
    repeats: dict[str, int] = {}
    ids = []
    for text in texts:
        repeats[text] = repeats.get(text, -1) + 1
        ids.append(hashlib.sha256(f"{repeats[text]} {text}".encode()).hexdigest()[:16])
    return ids


def own_ids(path: Path, values: list[Any], lines: list[int]) -> list[str]:
    """Return the corpus's own ids as text.

    Raises:
        FoxhoundError: an id is missing, or stands in two rows.
    """
    first_lines: dict[str, int] = {}
    problems = []
    for value, line in zip(values, lines, strict=True):
        if value is None or not str(value).strip():
            problems.append(f"line {line}: no id")
        elif first_lines.setdefault(str(value), line) != line:
            problems.append(f"line {line}: id {value!r} stands in line {first_lines[str(value)]} already")
    raise_problems(path, problems)
    return [str(value) for value in values]


def column_names(definition: dict[str, Any]) -> dict[str, str | None]:
    """Return column of the comments -> its name in the raw file, or None; the title groups where no key does."""
    names = {role: definition.get(key) for role, key in KEYS.items()}
    return names | {"thread": names["thread"] or names["title"]}


def _check_columns(path: Path, names: dict[str, str | None], present: list[str]) -> None:
    """Refuse a configuration that names a column that is not there."""
    problems = [
        f"no column {name!r} for the comment's {role} (config key `corpus.{KEYS[role]}`)."
        + suggestion(str(name), present)
        + ("" if role in REQUIRED else f" Without one, write `{KEYS[role]}: null`.")
        for role, name in names.items()
        if (name is not None or role in REQUIRED) and name not in present
    ]
    raise_problems(path, problems, f"Columns: {', '.join(present)}.")


def _read_named_columns(path: Path, definition: dict[str, Any], names: dict[str, str | None]) -> pd.DataFrame:
    """Return those columns of the raw file that the configuration names, and `_line`; None where a value is missing."""
    format = definition.get("format") or format_of(definition.get("path", path))
    if format is None:
        kinds = ", ".join(FORMATS)
        raise FoxhoundError(f"{path}: no format is known by its name ({kinds}). Set one: `format: csv` under `corpus`.")
    raw = read_raw(path, format, definition.get("encoding") or "utf-8")
    if raw.empty:
        raise FoxhoundError(f"{path}: holds no comments.")
    _check_columns(path, names, [str(column) for column in raw.columns if column != "_line"])
    raw = raw[list(dict.fromkeys([*filter(None, names.values()), "_line"]))]
    return raw.where(raw.notna(), None)


def _check_texts(path: Path, texts: Iterable[Any], lines: Iterable[int]) -> None:
    """Refuse texts that no model can read."""
    reasons = ((line, reason_unscorable(text)) for line, text in zip(lines, texts, strict=True))
    problems = [f"line {line}: the text is {REASON_WORDS.get(reason, reason)}" for line, reason in reasons if reason]
    raise_problems(path, problems)


def _optional_column(raw: pd.DataFrame, name: str | None) -> pd.Series:
    """Return a column as text, with None where a value is missing or empty, or where there is no such column."""
    column = raw[name] if name else pd.Series([None] * len(raw), index=raw.index)
    return column.map(lambda value: None if value is None or value == "" else str(value)).astype(object)


def load_comments(path: str | Path, definition: dict[str, Any]) -> pd.DataFrame:
    """Return the comments table (columns as in schemas/tables.yaml) of a raw corpus.

    Args:
        path: the raw file.
        definition: the key `corpus` of the configuration: a column's name under each of `KEYS`, and optional
            `positive`, `negative`, `format` and `encoding`.

    Raises:
        FoxhoundError: a column is missing, a label unknown, a text empty, or all labels are equal. Names lines.
    """
    path, names = Path(path), column_names(definition)
    raw = _read_named_columns(path, definition, names)
    lines, texts = raw["_line"].tolist(), raw[names["text"]]
    _check_texts(path, texts, lines)
    title, user = _optional_column(raw, names["title"]), _optional_column(raw, names["user"])
    thread = _optional_column(raw, names["thread"]).fillna("")
    frame = pd.DataFrame({"thread": thread, "title": title, "text": texts, "user": user})
    positive, negative = definition.get("positive"), definition.get("negative")
    frame["label"] = read_labels(path, raw[names["label"]].tolist(), lines, positive, negative)
    if frame["label"].nunique() < 2:
        label = frame["label"].iloc[0]
        raise FoxhoundError(f"{path}: all {len(frame)} labels are {label}; a classifier needs both classes.")
    id_column = names["id"]
    frame.insert(0, "id", own_ids(path, raw[id_column].tolist(), lines) if id_column else comment_ids(texts))
    return frame


def summary(frame: pd.DataFrame) -> dict[str, int]:
    """Count comments, hateful ones, articles and users, for source.json and the report."""
    return {
        "comments": len(frame),
        "hateful": int(frame["label"].sum()),
        "articles": int(frame["thread"].nunique()),
        "users": int(frame["user"].nunique()),
    }


def column_digests(frame: pd.DataFrame) -> dict[str, str]:
    """Return column -> sixteen hexadecimal digits that change with any value, with the rows, and with their order.

    Of users it counts who wrote what together, and not their pseudonyms: these differ with the key, which stays behind
    where results are copied.
    """
    ids = frame["id"].tolist()
    digests = {}
    for name in map(str, frame.columns):
        values = pd.factorize(frame[name])[0] if name == "user" else frame[name]
        digests[name] = hashlib.sha256(json.dumps([ids, values.tolist()]).encode()).hexdigest()[:16]
    return digests
