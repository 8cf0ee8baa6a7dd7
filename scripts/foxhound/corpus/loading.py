"""Read a raw corpus, check it row by row, and give every comment an id that other rows' edits do not move."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from foxhound.corpus.duplicates import count_repeats, describe_repeats, resolve
from foxhound.corpus.labels import any_of, named_sides, read_labels
from foxhound.corpus.language import foreign_share, language_note
from foxhound.corpus.problems import raise_problems
from foxhound.corpus.readers import open_table, to_frame
from foxhound.corpus.table_file import Reading, TableFile
from foxhound.corpus.texts import reason_unscorable
from foxhound.corpus.traces import describe_traces
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


def label_columns(definition: dict[str, Any]) -> list[str]:
    """Return the columns that the label is read from: one, or any of several."""
    label = definition["label"]
    return list(label["any"]) if isinstance(label, dict) else [label]


def _check_columns(path: Path, names: dict[str, str | None], labels: list[str], present: list[str]) -> None:
    """Refuse a configuration that names a column that is not there."""
    asked = [(role, name) for role, name in names.items() if role != "label"] + [("label", name) for name in labels]
    problems = [
        f"no column {name!r} for the comment's {role} (config key `corpus.{KEYS[role]}`)."
        + suggestion(str(name), present)
        + ("" if role in REQUIRED else f" Without one, write `{KEYS[role]}: null`.")
        for role, name in asked
        if (name is not None or role in REQUIRED) and name not in present
    ]
    raise_problems(path, problems, f"Columns: {', '.join(present)}.")


def open_corpus(path: Path, definition: dict[str, Any]) -> TableFile:
    """Open the raw file as the configuration says."""
    reading = Reading(*(definition.get(key) for key in ("format", "encoding", "quoting", "sheet")))
    return open_table(path, reading, definition.get("path", path))


def _read_labels(
    path: Path, raw: pd.DataFrame, lines: list[int], definition: dict[str, Any], classes: dict[str, list[str]]
) -> list[int | None]:
    """Return 0, 1 or None (left out) for every row.

    Args:
        classes: column -> the names that the file itself gives to its numbers.
    """
    columns = label_columns(definition)
    positive, negative = definition.get("positive"), definition.get("negative")
    if positive is None and (names := [name for column in columns for name in classes.get(column, ())]):
        there = set(raw[columns].to_numpy().ravel())
        sides = named_sides(path, [name for name in dict.fromkeys(names) if name in there])
        positive, negative = sides if any(sides) else (None, None)
    values = [value for row in zip(*(raw[column] for column in columns), strict=True) for value in row]
    several = [line for line in lines for _ in columns]
    out, threshold = definition.get("left_out"), definition.get("threshold")
    labels = read_labels(path, values, several, positive, negative, out, threshold)
    rows = [labels[start : start + len(columns)] for start in range(0, len(labels), len(columns))]
    return any_of(rows)


def _check_texts(path: Path, texts: Iterable[Any], lines: Iterable[int]) -> None:
    """Refuse texts that no model can read."""
    reasons = ((line, reason_unscorable(text)) for line, text in zip(lines, texts, strict=True))
    problems = [f"line {line}: the text is {REASON_WORDS.get(reason, reason)}" for line, reason in reasons if reason]
    raise_problems(path, problems, "Mend these texts, or take their rows out of the file.")


def _optional_column(path: Path, raw: pd.DataFrame, name: str | None) -> pd.Series:
    """Return a column as text, with None where a value is missing or empty, or where there is no such column.

    Raises:
        FoxhoundError: a value is a list or an object, such as all that is known of a user. Names lines.
    """
    column = raw[name] if name else pd.Series([None] * len(raw), index=raw.index)
    several = column.map(lambda value: isinstance(value, list | dict))
    problems = [f"line {line}: {name} is a list or an object" for line in raw["_line"][several]]
    raise_problems(path, problems, "Make a column of the one value that is meant, or name another column (or null).")
    return column.map(lambda value: None if value is None or value == "" else str(value)).astype(object)


def read_comments(path: str | Path, definition: dict[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the comments table (columns as in schemas/tables.yaml) of a raw corpus, and what was found on the way.

    Args:
        path: the raw file.
        definition: the key `corpus` of the configuration: a column's name under each of `KEYS` (under `label` also
            `any` of several), and optional `positive`, `negative`, `threshold`, `left_out`, `duplicates`, `format`,
            `encoding`, `quoting` and `sheet`.

    Returns:
        The table, and: rows (of the file), left_out (rows), repeated (texts in several rows), repeated_rows,
        contradicting (such texts with different labels), duplicates (what is done about them), merged (rows that this
        took away), doubts (about how the file is read, and what programs left in texts), and notes: all that its owner
        should know, in sentences.

    Raises:
        FoxhoundError: a column is missing, a label unknown, a text empty, or all labels are equal. Names lines.
    """
    path, names = Path(path), column_names(definition)
    table = open_corpus(path, definition)
    if not table.count:
        raise FoxhoundError(f"{path}: holds no comments.")
    wanted = label_columns(definition)
    _check_columns(path, names, wanted, table.columns)
    used = [name for role, name in names.items() if role != "label" and name is not None]
    raw = to_frame(path, table, list(dict.fromkeys([*used, *wanted])))
    raw = raw.where(raw.notna(), None)
    lines = raw["_line"].tolist()
    labels = _read_labels(path, raw, lines, definition, table.class_names)
    counted = [position for position, label in enumerate(labels) if label is not None]
    found: dict[str, Any] = {"rows": len(raw), "left_out": len(raw) - len(counted)}
    raw = raw.iloc[counted]
    texts = raw[names["text"]].tolist()
    _check_texts(path, texts, raw["_line"].tolist())
    known = [label for label in labels if label is not None]
    repeats, mode = count_repeats(texts, known), definition.get("duplicates") or "keep"
    kept = resolve(texts, known, mode)
    raw = raw.iloc[list(kept)].reset_index(drop=True)
    found |= {"repeated": repeats.texts, "repeated_rows": repeats.rows, "contradicting": repeats.contradicting}
    found |= {"duplicates": mode, "merged": len(known) - len(kept)}
    frame = _comments(path, raw, names).assign(label=list(kept.values()))
    if frame["label"].nunique() < 2:
        what = f"all {len(frame)} labels are {frame['label'].iloc[0]}" if len(frame) else "no comment is left"
        raise FoxhoundError(f"{path}: {what}; a classifier needs both classes.")
    doubts = [*table.doubts, *describe_traces(frame["text"].tolist())]
    said = [describe_repeats(found), language_note(foreign_share(frame["text"].tolist())), *doubts]
    return frame, found | {"doubts": doubts, "notes": [note for note in said if note]}


def _comments(path: Path, raw: pd.DataFrame, names: dict[str, str | None]) -> pd.DataFrame:
    """Return the columns of the comments table but for the label, with an id for each comment."""
    texts, id_column = raw[names["text"]], names["id"]
    title, user, thread = (_optional_column(path, raw, names[role]) for role in ("title", "user", "thread"))
    ids = own_ids(path, raw[id_column].tolist(), raw["_line"].tolist()) if id_column else comment_ids(texts)
    return pd.DataFrame({"id": ids, "thread": thread.fillna(""), "title": title, "text": texts, "user": user})


def load_comments(path: str | Path, definition: dict[str, Any]) -> pd.DataFrame:
    """Return the comments table of a raw corpus, as `read_comments` does."""
    return read_comments(path, definition)[0]


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
