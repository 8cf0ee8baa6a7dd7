"""Guess which column of a stranger's table is what, and write the overlay that says so."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from foxhound.corpus.labels import PLAIN, label_word
from foxhound.corpus.loading import KEYS
from foxhound.errors import FoxhoundError

WORDS = {
    "id": "id comment_id commentid post_id tweet_id uid uuid",
    "text": "text comment comment_text body content message tweet post review sentence utterance document",
    "label": "label is_hate is_hateful hate hateful hate_speech toxic toxicity offensive class target gold y",
    "title": "title headline subject context parent parent_text article_title question",
    "group": "group thread thread_id article article_id url link conversation conversation_id topic discussion video",
    "user": "user username user_name user_id author author_id author_name screen_name handle commenter name",
}
"""Names that columns usually have, the best first."""
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
NOT = ("not", "no", "non", "none", "neither", "normal", "neutral", "clean")
MOST_LABELS = 20


@dataclass(frozen=True)
class Guess:
    """The columns by config key (None: no such column), the labels that mean hateful and the others, and what a user
    should look at.

    positive, negative: None where labels are 0 and 1, or true and false.
    """

    columns: dict[str, str | None]
    positive: list[str] | None
    negative: list[str] | None
    doubts: list[str]


def _plain(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[^0-9A-Za-z]+", "_", name).strip("_").lower()


def _fits(key: str, values: pd.Series) -> bool:
    """Whether a column can be what `key` says."""
    known = values.dropna()
    if key == "text":
        return not known.empty and all(isinstance(value, str) for value in known)
    if key == "label":
        return 2 <= known.map(label_word).nunique() <= MOST_LABELS
    if key == "id":
        return len(known) == len(values) and known.astype(str).is_unique
    return not known.empty


def _find(key: str, frame: pd.DataFrame, free: Sequence[str]) -> str | None:
    """The column that is named as what `key` says, and can be it."""
    plain = {name: _plain(name) for name in free}
    for word in WORDS[key].split():
        for name in free:
            if plain[name] == word and _fits(key, frame[name]):
                return name
    return None


def _otherwise(key: str, frame: pd.DataFrame, free: Sequence[str]) -> str | None:
    """Where no name helps: the longest texts, and the column with the fewest different values."""
    found = [name for name in free if _fits(key, frame[name])]
    if not found:
        return None
    if key == "text":
        return max(found, key=lambda name: frame[name].dropna().map(len).mean())
    return min(found, key=lambda name: frame[name].map(label_word).nunique())


def _classes(values: pd.Series) -> tuple[list[str] | None, list[str] | None, str]:
    """Which labels mean hateful, which do not, and a doubt about that, if any."""
    words = values.map(label_word).dropna()
    present = words.value_counts()
    if all(word.lower() in PLAIN for word in present.index):
        return None, None, ""

    def sounds_hateful(word: str) -> bool:
        parts = _plain(word).split("_")
        return not set(parts) & set(NOT) and any(part in HATEFUL for part in [*parts, "".join(parts)])

    positive = sorted(word for word in present.index if sounds_hateful(word))
    if 0 < len(positive) < len(present):
        return positive, sorted(set(present.index) - set(positive)), ""
    rarest = str(present.index[-1])
    doubt = f"which labels mean hateful: {rarest!r} is a guess, the rarest of {', '.join(sorted(present.index))}"
    return [rarest], sorted(set(present.index) - {rarest}), doubt


def guess_columns(frame: pd.DataFrame, path: str) -> Guess:
    """What the columns of a table (as `read_raw` gives it) are.

    Raises:
        FoxhoundError: no column can be the text, or none the label.
    """
    names = [str(name) for name in frame.columns if name != "_line"]
    columns: dict[str, str | None] = {}
    doubts = []
    for key in ("text", "label", "title", "group", "user", "id"):
        free = [name for name in names if name not in columns.values()]
        columns[key] = _find(key, frame, free)
        if columns[key] is None and key in ("text", "label"):
            columns[key] = _otherwise(key, frame, free)
            if columns[key] is None:
                needed = "strings" if key == "text" else f"2 to {MOST_LABELS} different values"
                raise FoxhoundError(
                    f"{path}: no column can be the {key}: it needs {needed}. Columns: {', '.join(names)}."
                )
            doubts.append(f"`{key}: {columns[key]}`: no column has a name that says so")
    positive, negative, doubt = _classes(frame[columns["label"]])
    return Guess({key: columns[key] for key in KEYS_IN_ORDER}, positive, negative, doubts + ([doubt] if doubt else []))


KEYS_IN_ORDER = tuple(key for key in ("text", "label", "title", "group", "user", "id") if key in KEYS.values())


def slug(path: str | Path) -> str:
    """A name for files and folders, whatever the file's own name holds."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", Path(path).name.lstrip(".").split(".")[0]).strip("-_").lower()
    return name or "corpus"


def overlay(path: str, guess: Guess, how: dict[str, Any]) -> str:
    """The overlay, as text.

    Args:
        how: further keys of `corpus`: encoding, format.
    """
    name = slug(path)
    classes = {} if guess.positive is None else {"positive": guess.positive, "negative": guess.negative}
    corpus = {"path": path, **how, **guess.columns, **classes, "corrections": f"experiments/{name}-corrections.csv"}
    lines = [
        "# Look at these columns, then: snakemake --cores 2 --configfile " + f"experiments/{name}.yaml",
        *(f"# NOT SURE: {doubt}" for doubt in guess.doubts),
    ]
    body = yaml.safe_dump(
        {"pathvars": {"results": f"results/{name}"}, "corpus": corpus},
        sort_keys=False,
        allow_unicode=True,
        width=10_000,
    )
    # A name may hold any character that ends a line (U+2028 too), and with it the comment.
    return "".join(" ".join(line.splitlines()) + "\n" for line in lines) + body
