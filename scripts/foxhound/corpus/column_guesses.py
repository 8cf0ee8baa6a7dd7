"""Guess which columns of a table hold text, label and so on, and write the overlay that names them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from foxhound.corpus.labels import BINARY, label_word
from foxhound.errors import FoxhoundError

KEYS = ("text", "label", "title", "group", "user", "id")
"""Keys of `corpus` that name columns, in the order in which these are chosen and written."""
USUAL_NAMES = {
    "id": "id comment_id commentid post_id tweet_id uid uuid",
    "text": "text comment comment_text body content message tweet post review sentence utterance document",
    "label": "label is_hate is_hateful hate hateful hate_speech toxic toxicity offensive class target gold y",
    "title": "title headline subject context parent parent_text article_title question",
    "group": "group thread thread_id article article_id url link conversation conversation_id topic discussion video",
    "user": "user username user_name user_id author author_id author_name screen_name handle commenter name",
}
"""Names that such columns usually have, the best first."""
HATEFUL = (
    "hate",
    "hateful",
    "hatespeech",
    "toxic",
    "offensive",
    "abusive",
    "abuse",
    "insult",
    "racism",
    "sexism",
    "yes",
)
NEGATIONS = ("not", "no", "non", "none", "neither", "normal", "neutral", "clean")
MOST_LABELS = 20


@dataclass(frozen=True)
class Guess:
    """What the columns of a table seem to be.

    columns: config key -> name of the column, or None.
    positive, negative: the labels that mean hateful, and the others; None where labels are 0 and 1, or true and false.
    doubts: what the user should look at.
    """

    columns: dict[str, str | None]
    positive: list[str] | None
    negative: list[str] | None
    doubts: list[str]


def _snake_case(name: str) -> str:
    """Return `Comment ID` and `commentId` as `comment_id`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[^0-9A-Za-z]+", "_", name).strip("_").lower()


def _can_be(key: str, values: pd.Series) -> bool:
    """Say whether the column `values` can be what `key` names."""
    known = values.dropna()
    if key == "text":
        return not known.empty and all(isinstance(value, str) for value in known)
    if key == "label":
        return 2 <= known.map(label_word).nunique() <= MOST_LABELS
    if key == "id":
        return len(known) == len(values) and known.astype(str).is_unique
    return not known.empty


def _find_by_name(key: str, frame: pd.DataFrame, free: Sequence[str]) -> str | None:
    """Return the column that bears a usual name of `key` and can be it, or None.

    Args:
        free: the columns that are nothing else yet.
    """
    plain = {name: _snake_case(name) for name in free}
    for word in USUAL_NAMES[key].split():
        for name in free:
            if plain[name] == word and _can_be(key, frame[name]):
                return name
    return None


def _find_by_content(key: str, frame: pd.DataFrame, free: Sequence[str]) -> str | None:
    """Return the column with the longest texts or, for a label, with the fewest different values."""
    candidates = [name for name in free if _can_be(key, frame[name])]
    if not candidates:
        return None
    if key == "text":
        return max(candidates, key=lambda name: frame[name].dropna().map(len).mean())
    return min(candidates, key=lambda name: frame[name].map(label_word).nunique())


def _guess_classes(values: pd.Series) -> tuple[list[str] | None, list[str] | None, str]:
    """Return the labels that mean hateful, those that do not, and a doubt about that (or an empty string)."""
    words = values.map(label_word).dropna()
    present = words.value_counts()
    if all(word.lower() in BINARY for word in present.index):
        return None, None, ""

    def sounds_hateful(word: str) -> bool:
        parts = _snake_case(word).split("_")
        return not set(parts) & set(NEGATIONS) and any(part in HATEFUL for part in [*parts, "".join(parts)])

    positive = sorted(word for word in present.index if sounds_hateful(word))
    if 0 < len(positive) < len(present):
        return positive, sorted(set(present.index) - set(positive)), ""
    rarest = str(present.index[-1])
    doubt = f"which labels mean hateful: {rarest!r} is a guess, the rarest of {', '.join(sorted(present.index))}"
    return [rarest], sorted(set(present.index) - {rarest}), doubt


def guess_columns(frame: pd.DataFrame, path: str) -> Guess:
    """Guess the columns of a table that `read_raw` gave.

    Args:
        path: of the table, for messages.

    Raises:
        FoxhoundError: no column can be the text, or none the label.
    """
    names = [str(name) for name in frame.columns if name != "_line"]
    columns: dict[str, str | None] = {}
    doubts = []
    for key in KEYS:
        free = [name for name in names if name not in columns.values()]
        columns[key] = _find_by_name(key, frame, free)
        if columns[key] is None and key in ("text", "label"):
            columns[key] = _find_by_content(key, frame, free)
            if columns[key] is None:
                needed = "strings" if key == "text" else f"2 to {MOST_LABELS} different values"
                raise FoxhoundError(
                    f"{path}: no column can be the {key}: it needs {needed}. Columns: {', '.join(names)}."
                )
            doubts.append(f"`{key}: {columns[key]}`: a guess, no column has a usual name for it")
    positive, negative, doubt = _guess_classes(frame[columns["label"]])
    return Guess(columns, positive, negative, doubts + ([doubt] if doubt else []))


def slug(path: str | Path) -> str:
    """Return a name for files and folders that is safe, whatever the file's own name holds."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", Path(path).name.lstrip(".").split(".")[0]).strip("-_").lower()
    return name or "corpus"


def overlay(path: str, guess: Guess, reading: dict[str, Any]) -> str:
    """Return the overlay as text.

    Args:
        path: of the table.
        reading: further keys of `corpus` that say how the file is read: encoding, format.
    """
    name = slug(path)
    classes = {} if guess.positive is None else {"positive": guess.positive, "negative": guess.negative}
    corpus = {"path": path, **reading, **guess.columns, **classes, "corrections": f"experiments/{name}-corrections.csv"}
    head = [
        "# Look at these columns, then: foxhound report --configfile " + f"experiments/{name}.yaml",
        *(f"# NOT SURE: {doubt}" for doubt in guess.doubts),
    ]
    settings = yaml.safe_dump(
        {"pathvars": {"results": f"results/{name}"}, "corpus": corpus},
        sort_keys=False,
        allow_unicode=True,
        width=10_000,
    )
    # A name may hold any character that ends a line (U+2028 too), and with it the comment.
    return "".join(" ".join(line.splitlines()) + "\n" for line in head) + settings
