"""Say why no column of a table can be the text, or the label, and what its owner can do about it."""

import shlex
from collections import Counter
from typing import Any

import pandas as pd

from foxhound.corpus.class_words import snake_case
from foxhound.corpus.column_ranking import MOST_LABELS, Candidate, holds_several
from foxhound.corpus.labels import is_missing, label_word, number
from foxhound.errors import FoxhoundError


def _why_no_label(name: str, values: list[Any]) -> list[str]:
    """Return what keeps a column from being the label, where a word more from its owner would make it one."""
    words = Counter(word for word in map(label_word, values) if word is not None)
    absent = [word for word in words if is_missing(word)]
    others = [word for word in words if not is_missing(word)]
    strange = [word for word in others if number(word) is None]
    hints = []
    if len(others) == 1 and len(absent) == 1:
        flags = f"--label {shlex.quote(name)} --positive {shlex.quote(others[0])} --negative {shlex.quote(absent[0])}"
        hints.append(
            f"{name}: {absent[0]!r} stands for a missing label. If it is a class, say of both what they mean: {flags}"
        )
    if len(others) == 1 and not absent and words.total() < len(values):
        hints.append(f"{name}: {others[0]!r} or nothing. If nothing is a class too, write a word for it there")
    if strange and sum(words[word] for word in strange) < words.total() / 5:
        hints.append(f"{name}: among numbers, {', '.join(map(repr, strange[:3]))}, which are none")
    return hints


def _why_no_text(name: str, values: list[Any]) -> list[str]:
    """Return what keeps a column from being the text, where its owner can make it one."""
    known = [value for value in values if not is_missing(label_word(value))]
    if not known:
        return []
    if all(isinstance(value, list) and value and all(isinstance(word, str) for word in value) for value in known):
        return [f'{name}: lists of words. In jq, .{name} | join(" ") makes a text of each']
    if "id" in snake_case(name).split("_") and len(set(map(str, known))) == len(known):
        return [
            f"{name}: names texts that are not in this table. Get them (of posts, by their ids), and put them in it"
        ]
    return []


def why_none(key: str, candidates: list[Candidate], path: str, frame: pd.DataFrame) -> FoxhoundError:
    """Return the error that no column can be the text, or the label, with what stands in its way."""
    names = [str(name) for name in frame.columns if name != "_line"]
    needed = "texts of several words" if key == "text" else f"2 to {MOST_LABELS} different values, or fractions"
    hints = []
    if several := [name for name in names if holds_several(frame[name].tolist())]:
        hints.append(
            f"{', '.join(several)}: lists or objects. Write a table with one {key} a row, of JSON for instance with "
            "jq -c '{text: .TEXT, label: .LABELS[0].LABEL}' FILE > NEW.jsonl (where all is one value: '.[] | {...}')"
        )
    if key == "text":
        hints += [hint for name in names for hint in _why_no_text(name, frame[name].tolist())]
    if key == "label":
        if candidates:
            aside, first = ", ".join(one.name for one in candidates), shlex.quote(candidates[0].name)
            hints.append(f"{aside}: by the name, no label of the text. If it is one: --label {first}")
        hints += [hint for name in names for hint in _why_no_label(name, frame[name].tolist())]
        hints = hints or ["texts without labels are for foxhound predict"]
    listed = "".join(f"\n  {hint}" for hint in hints)
    return FoxhoundError(f"{path}: no column can be the {key}: it needs {needed}. Columns: {', '.join(names)}.{listed}")
