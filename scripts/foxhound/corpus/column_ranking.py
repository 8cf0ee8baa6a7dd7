"""Rank the columns of a table as the text and as the label, by their names and by what stands in them."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from foxhound.corpus.class_words import ABUSE, FALSE, HATE, TRUE, side_of, sides, snake_case
from foxhound.corpus.headers import LABEL_NAMES, TEXT_NAMES
from foxhound.corpus.labels import BINARY, is_missing, label_word, number

TOPICS = ABUSE | {"identity", "severe"}
AGAINST = {
    *("lang", "language", "split", "set", "fold", "count", "counts", "n", "num", "annotator", "annotators", "rater"),
    *(
        "worker",
        "id",
        "date",
        "time",
        "year",
        "month",
        "day",
        "source",
        "platform",
        "country",
        "gender",
        "age",
        "votes",
    ),
    *("likes", "retweets", "followers", "index", "unnamed", "confidence", "agreement", "length", "group"),
}
"""Parts of the names of columns that are no label, whatever stands in them."""
CODED = {f"{name}_{code}" for name in ("label", "class", "category") for code in ("id", "idx", "index", "num")}
"""Names of columns of numbers for classes."""
LIST = re.compile(r"\s*(\[.*\]|\{.*\})\s*", re.DOTALL)
MOST_LABELS = 20
MOSTLY = 0.8  # share of values that are texts
SHOWN = 3  # candidates that are shown
WIDTH = 60  # characters of an example


@dataclass(frozen=True)
class Candidate:
    """A column that can be what is looked for.

    merit: higher is better. named: whether its name says so.
    kind: of a label, as `label_kind` says. shows: an example, or the share of each label.
    """

    name: str
    merit: float
    named: bool
    kind: str
    shows: str


def known_words(values: Sequence[Any]) -> Counter[str]:
    """Return how often each label stands in a column, without missing ones; -1 counts where there is one other."""
    words = [word for word in map(label_word, values) if word is not None]
    counts = Counter(word for word in words if not is_missing(word))
    if len(counts) == 1 and "-1" in words:
        counts["-1"] = words.count("-1")
    return counts


def label_kind(counts: Counter[str]) -> str | None:
    """Return `binary`, `words`, `codes` (whole numbers), `fractions` (from 0 to 1), `scores`, or None for no label."""
    if len(counts) < 2:
        return None
    if {word.lower() for word in counts} <= BINARY.keys():
        return "binary"
    numbers = [number(word) for word in counts]
    known = [value for value in numbers if value is not None]
    if len(known) == len(numbers) and any(not value.is_integer() for value in known):
        return "fractions" if min(known) >= 0 and max(known) <= 1 else "scores"
    if 2 < len(counts) == counts.total():
        return None
    if len(counts) > MOST_LABELS:
        return "scores" if len(known) == len(numbers) else None
    return "codes" if len(known) == len(numbers) else "words"


def shares(counts: Counter[str]) -> str:
    """Return the share of each label in words."""
    total = counts.total()
    listed = [f"{word} {100 * count / total:.0f} %" for word, count in counts.most_common(6)]
    return ", ".join(listed) + (f" and {len(counts) - 6} more" if len(counts) > 6 else "")


def _label_name_merit(name: str, kind: str) -> float:
    """Return how much the name of a column speaks for a label."""
    plain = snake_case(name)
    parts = set(plain.split("_"))
    if plain in CODED:
        return 3
    if {part.rstrip("0123456789") for part in parts} & AGAINST:
        return -5
    if side_of(name) == 0:  # says who is not meant
        return 0.5
    if plain in LABEL_NAMES:
        return 4
    if plain in HATE & ABUSE:
        return 0.8 if kind in ("codes", "scores") else 3.7
    if parts & TOPICS or plain.startswith("is_"):
        # Whole numbers under the name of one kind of abuse count the annotators who saw it.
        return 0.5 if kind in ("codes", "scores") else 3.6 if plain in TOPICS or len(parts) < 3 else 3
    return 3 if parts & {*LABEL_NAMES, "subtask", "task"} else 0


def _label_merit(counts: Counter[str], kind: str) -> float:
    """Return how much what stands in a column speaks for a label."""
    if kind == "words":
        return 4 if any(side is not None for side in sides(list(counts)).values()) else 1
    return {"binary": 3.0, "fractions": 2.5, "codes": 1.5}.get(kind, 1.0)


def holds_several(values: Sequence[Any]) -> bool:
    """Say whether cells hold objects or lists of several values, as they are or as JSON or Python writes them."""
    known = [value for value in values if not is_missing(label_word(value))]
    return bool(known) and all(map(_is_list, known)) and any(map(_is_long, known))


def _is_list(value: Any) -> bool:
    return isinstance(value, list | dict) or (isinstance(value, str) and bool(LIST.fullmatch(value)))


def _is_long(value: Any) -> bool:
    """Say whether a list has several values, or others than words and numbers."""
    if isinstance(value, str):
        return "," in value or "{" in value
    return isinstance(value, dict) or len(value) > 1 or any(isinstance(one, list | dict) for one in value)


def rank_labels(frame: pd.DataFrame, names: Sequence[str]) -> list[Candidate]:
    """Return the columns that can be the label, the best first."""
    found = []
    for name in names:
        values = frame[name].tolist()
        if holds_several(values):
            continue
        counts = known_words(values)
        if kind := label_kind(counts):
            by_name = _label_name_merit(name, kind)
            if kind == "scores" and by_name <= 0 and all(word.isdecimal() for word in counts):
                continue  # numbers of something else
            shown = shares(counts) if kind not in ("fractions", "scores") else _spread(counts)
            found.append(Candidate(name, by_name + _label_merit(counts, kind), by_name > 0, kind, shown))
    return sorted(found, key=lambda one: -one.merit)


def _spread(counts: Counter[str]) -> str:
    values = sorted(number(word) or 0 for word in counts.elements())
    return f"numbers from {values[0]:g} to {values[-1]:g}, half of them up to {values[len(values) // 2]:g}"


def rank_texts(frame: pd.DataFrame, names: Sequence[str]) -> list[Candidate]:
    """Return the columns that can be the text, the best first: named so, long, and seldom the same."""
    found = []
    for name in names:
        values = frame[name].dropna().tolist()
        texts = [value for value in values if isinstance(value, str)]
        if not texts or len(texts) < MOSTLY * len(values) or holds_several(values):
            continue  # a number among texts is an error that the reader names
        values = texts
        plain = snake_case(name)
        by_name = 4 - TEXT_NAMES.index(plain) / 10 if plain in TEXT_NAMES else 0
        by_name = by_name or (2 if set(plain.split("_")) & set(TEXT_NAMES) and "id" not in plain.split("_") else 0)
        if not by_name and all(value.isascii() and not re.search(r"\s", value.strip()) for value in values):
            continue  # ids, addresses
        length = sum(map(len, values)) / len(values)
        by_content = 3 * (1 - math.exp(-length / WIDTH)) * len(set(values)) / len(values)
        example = " ".join(max(values[:20], key=len)[:WIDTH].split())
        found.append(Candidate(name, by_name + by_content, by_name > 0, "text", f"\u201c{example}\u201d"))
    return sorted(found, key=lambda one: -one.merit)


def columns_of_one_topic(frame: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Return the columns of 0 and 1, or yes and no, that are each named after a kind of abuse, if there are several."""
    found = []
    for name in names:
        parts = set(snake_case(name).split("_"))
        if parts & TOPICS and not parts & AGAINST:
            words = {word.lower() for word in known_words(frame[name].tolist())}
            found += [name] if words and words <= TRUE | FALSE else []
    return found if len(found) > 1 else []
