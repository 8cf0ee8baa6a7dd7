"""Guess which columns of a table hold text, label and so on, and write the overlay that names them."""

import re
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from foxhound.corpus.class_words import FALSE, TRUE, side_of, sides, snake_case
from foxhound.corpus.column_ranking import (
    SHOWN,
    Candidate,
    columns_of_one_topic,
    known_words,
    label_kind,
    rank_labels,
    rank_texts,
)
from foxhound.corpus.headers import TEXT_NAMES
from foxhound.corpus.labels import is_missing, label_word, label_words, number
from foxhound.corpus.no_column import why_none
from foxhound.errors import FoxhoundError, suggestion

KEYS = ("text", "label", "title", "group", "user", "id")
"""Keys of `corpus` that name columns, in the order in which these are chosen and written."""
USUAL_NAMES = {
    "id": "id comment_id commentid post_id tweet_id uid uuid",
    "title": "title headline subject context parent parent_text article_title question",
    "group": "group thread thread_id article article_id url link conversation conversation_id topic discussion video",
    "user": "user username user_name user_id author author_id author_name screen_name handle commenter name",
}
"""Names that such columns usually have, the best first."""
HALF = 0.5  # what is proposed as the threshold of fractions
OTHER_THRESHOLDS = (0.3, 0.5, 0.7)
CLEAR = 0.5  # a lead in merit that leaves no doubt


@dataclass(frozen=True)
class Guess:
    """What the columns of a table seem to be.

    columns: config key -> name of the column, or None; the label may be `{"any": [names]}`.
    settings: further keys of `corpus`: positive, negative, left_out, threshold.
    unclear: labels of which nobody can tell whether they mean hateful.
    missing: line -> what stands there, for rows without a label of which nobody said that they are left out.
    doubts: what the user should look at, under the key that it is about.
    candidates: `text`, `label` -> the columns that can be it, the best first.
    several: columns of 0 and 1 that are each named after a kind of abuse.
    """

    columns: dict[str, Any]
    settings: dict[str, Any]
    unclear: list[str]
    missing: dict[int, Any]
    doubts: dict[str, str]
    candidates: dict[str, list[Candidate]] = field(default_factory=dict)
    several: list[str] = field(default_factory=list)


def _find_by_name(key: str, frame: pd.DataFrame, free: Sequence[str]) -> str | None:
    """Return the column that bears a usual name of `key` and can be it, or None.

    Args:
        free: the columns that are nothing else yet.
    """
    plain = {name: snake_case(name) for name in free}
    for word in USUAL_NAMES[key].split():
        for name in free:
            known = frame[name].dropna()
            if plain[name] != word or known.empty or known.map(lambda value: isinstance(value, list | dict)).any():
                continue
            if key != "id" or (len(known) == len(frame) and known.astype(str).is_unique):
                return name
    return None


def _check_given(path: str, given: Mapping[str, Any], names: list[str]) -> None:
    """Refuse names of columns that the table does not have."""
    for key in KEYS:
        value = given.get(key)
        for name in value["any"] if isinstance(value, dict) else [value] if value else []:
            if name not in names:
                raise FoxhoundError(
                    f"{path}: no column {name!r} (--{key}).{suggestion(name, names)} Columns: {', '.join(names)}."
                )


def _choose(key: str, candidates: list[Candidate], path: str, frame: pd.DataFrame) -> tuple[str, str]:
    """Return the best column, and a doubt (or an empty string).

    Raises:
        FoxhoundError: no column can be it.
    """
    if not candidates or candidates[0].merit < 0:
        raise why_none(key, candidates, path, frame)
    best, *others = candidates
    if not best.named:
        return best.name, f"`{key}: {best.name}`: a guess, no column has a usual name for it"
    if others and others[0].named and best.merit - others[0].merit < CLEAR:
        return best.name, f"`{key}: {best.name}`: it could as well be {others[0].name}"
    return best.name, ""


def _guess_classes(counts: Counter[str], given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the keys that say which labels mean hateful, and the labels of which that is not clear."""
    settings = {key: given[key] for key in ("positive", "negative", "left_out") if given.get(key) is not None}
    settled = [word for key in settings for word in label_words(settings[key])]
    found = {word: side for word, side in sides(list(counts)).items() if word not in settled}
    if not settled and label_kind(counts) == "binary":
        return {}, []
    if given.get("positive") and not given.get("negative"):  # as in the configuration: the others do not
        found = {word: 0 if side is None or label_kind(counts) == "binary" else side for word, side in found.items()}
    unclear = sorted(word for word, side in found.items() if side is None)
    for key, side in (("positive", 1), ("negative", 0)):
        clear = sorted(word for word, one in found.items() if one == side)
        named = [word for word in label_words(settings.get(key)) if word in counts or key in given]
        settings[key] = [*named, *clear]
    return settings, unclear


def _threshold(counts: Counter[str], kind: str, given: Mapping[str, Any]) -> tuple[float | None, str]:
    """Return the number from which on a label means hateful, or None, and a doubt about it."""
    values = [number(word) for word in counts.elements()]

    def gives(threshold: float) -> str:
        return f"{threshold:g} gives {sum(value is not None and value >= threshold for value in values)}"

    if given.get("threshold") is not None:
        return float(given["threshold"]), ""
    if kind == "scores":
        return None, ""
    listed = ", ".join(map(gives, OTHER_THRESHOLDS))
    return HALF, (
        f"`threshold: {HALF:g}`: the labels are fractions, and those from {HALF:g} on are taken for hateful; of "
        f"{len(values)} comments {listed}"
    )


def guess_columns(frame: pd.DataFrame, path: str, given: Mapping[str, Any] | None = None) -> Guess:
    """Guess the columns of a table that `read_raw` gave.

    Args:
        path: of the table, for messages.
        given: keys of `corpus` that the user has settled.

    Raises:
        FoxhoundError: no column can be the text, or none the label; or what is given is not there.
    """
    given = given or {}
    names = [str(name) for name in frame.columns if name != "_line"]
    _check_given(path, given, names)
    columns: dict[str, Any] = {}
    doubts: dict[str, str] = {}

    def free() -> list[str]:
        return [name for name in names if name not in columns.values() and name not in _label_names(columns)]

    candidates = {"text": rank_texts(frame, names)}
    others = [name for name in names if snake_case(name) not in TEXT_NAMES or not _is_long(frame[name])]
    candidates["label"] = rank_labels(frame, others)
    for key in ("text", "label"):
        possible = [one for one in candidates[key] if one.name in free()]
        columns[key], doubt = (given[key], "") if given.get(key) else _choose(key, possible, path, frame)
        doubts |= {key: doubt} if doubt else {}
    if not given.get("label") and (named := _that_names(frame, columns["label"], candidates["label"], given)):
        columns["label"] = named
        doubts.pop("label", None)
    for key in KEYS[2:]:
        columns[key] = (given[key] or None) if key in given else _find_by_name(key, frame, free())
    several = columns_of_one_topic(frame, others)
    if columns["label"] in several and not given.get("label"):
        doubts["label"] = _offer_any(frame, columns["label"], several)
    settings, unclear, missing = _guess_labels(frame, _label_names(columns), given, doubts)
    if turned := _turned_round(frame, columns["label"], given):
        settings, unclear = settings | turned, []
        doubts["negated"] = (
            f"`label: {columns['label']}`: by its name it says what is not hateful, and so {turned['positive'][0]} is "
            f"taken for hateful, {turned['negative'][0]} not"
        )
    return Guess(columns, settings, unclear, missing, doubts, candidates, several)


def _that_names(frame: pd.DataFrame, label: str, candidates: list[Candidate], given: Mapping[str, Any]) -> str | None:
    """Return a column that names the numbers of the label, one name each, and clearly; or None.

    Where there is one, it says which number means hateful, and nobody has to guess that 1 does.
    """
    if any(given.get(key) is not None for key in ("positive", "negative", "threshold")):
        return None
    counts = known_words(frame[label].tolist())
    if label_kind(counts) not in ("binary", "codes"):
        return None
    for one in candidates:
        if one.kind == "words" and one.name != label:
            pairs = Counter(zip(map(label_word, frame[label]), map(label_word, frame[one.name]), strict=True))
            names = sides([str(name) for name in {name for _, name in pairs}])
            telling = [name for name, side in names.items() if side is not None and name.lower() not in TRUE | FALSE]
            if len(pairs) == len(counts) == len(names) and telling and one.merit > 0:
                return one.name
    return None


def _turned_round(frame: pd.DataFrame, label: Any, given: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return which labels mean hateful where yes and no answer whether a text is `clean`; else nothing."""
    if isinstance(label, dict) or side_of(label) != 0:
        return {}
    if any(given.get(key) is not None for key in ("positive", "negative", "threshold")):
        return {}
    words = sorted(known_words(frame[label].tolist()))
    if not words or not {word.lower() for word in words} <= TRUE | FALSE:
        return {}
    return {
        "positive": [word for word in words if word.lower() in FALSE],
        "negative": [word for word in words if word.lower() in TRUE],
    }


def _guess_labels(
    frame: pd.DataFrame, labels: list[str], given: Mapping[str, Any], doubts: dict[str, str]
) -> tuple[dict[str, Any], list[str], dict[int, Any]]:
    """Return settings, unclear classes and rows without a label of these columns; add to `doubts`."""
    values = [value for name in labels for value in frame[name].tolist()]
    lines = [line for _ in labels for line in frame["_line"].tolist()]
    counts = known_words(values)
    words = [(line, value) for line, value in zip(lines, values, strict=True) if is_missing(label_word(value))]
    settled = [word for key in ("positive", "negative", "left_out") for word in label_words(given.get(key))]
    missing = {line: value for line, value in words if label_word(value) not in (*counts, *settled)}
    missing = {} if "" in (given.get("left_out") or []) else missing
    kind = label_kind(counts)
    settings: dict[str, Any] = {key: given[key] for key in ("left_out",) if given.get(key)}
    if given.get("threshold") is not None or (kind in ("fractions", "scores") and given.get("positive") is None):
        threshold, doubt = _threshold(counts, str(kind), given)
        doubts |= {"threshold": doubt} if doubt else {}
        return settings | {"threshold": threshold}, [], missing
    more, unclear = _guess_classes(counts, given)
    return settings | more, unclear, missing


def _label_names(columns: Mapping[str, Any]) -> list[str]:
    """Return the columns that the label is read from."""
    label = columns.get("label")
    return list(label["any"]) if isinstance(label, dict) else [label] if label else []


def _is_long(values: pd.Series) -> bool:
    """Say whether a column holds sentences rather than words for classes."""
    texts = [value for value in values.tolist() if isinstance(value, str)]
    return bool(texts) and sum(map(len, texts)) / len(texts) > WORD


WORD = 20  # characters: no class has a longer name, on average


def _offer_any(frame: pd.DataFrame, chosen: str, several: list[str]) -> str:
    """Return the doubt that other columns are labels too, with what they would add."""
    marked = {name: frame[name].map(lambda value: (label_word(value) or "").lower() in TRUE) for name in several}
    any_marked = pd.DataFrame(marked).any(axis=1)
    more = int((any_marked & ~marked[chosen]).sum())
    flags = " ".join(f"--label {shlex.quote(name)}" for name in several)
    return (
        f"`label: {chosen}`: there are {len(several)} label columns ({', '.join(several)}); {more} rows have only "
        f"another than {chosen}. Any of them: {flags}"
    )


def slug(path: str | Path) -> str:
    """Return a name for files and folders that is safe, whatever the file's own name holds."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", Path(path).name.lstrip(".").split(".")[0]).strip("-_").lower()
    return name or "corpus"


def describe(guess: Guess) -> list[str]:
    """Return a line on every column that was chosen, and on those that it could be instead, the best first."""
    lines = []
    for key, chosen in guess.columns.items():
        names = ["any of", *chosen["any"]] if isinstance(chosen, dict) else [chosen or "-"]
        lines.append(f"{key:<9} {' '.join(names)}")
        ranked = guess.candidates.get(key, [])
        shown = [one for one in ranked if one.name == chosen] + [one for one in ranked if one.name != chosen]
        lines += [f"{'':<9}   {one.name}: {one.shows}" for one in shown[:SHOWN] if one.name == chosen or one.merit > 1]
    words = {"positive": "hateful", "negative": "not", "left_out": "left out", "threshold": "from"}
    for key, name in words.items():
        if guess.settings.get(key) is not None:
            value = guess.settings[key] or "-"
            lines.append(f"{name:<9} {', '.join(map(str, value)) if isinstance(value, list) else value}")
    return lines


def overlay(path: str, guess: Guess, reading: dict[str, Any]) -> str:
    """Return the overlay as text.

    Args:
        path: of the table.
        reading: further keys of `corpus` that say how the file is read: encoding, format, duplicates.
    """
    name = slug(path)
    corpus = {"path": path, **reading, **guess.columns, **guess.settings}
    corpus["corrections"] = f"experiments/{name}-corrections.csv"
    head = [
        "# Look at these columns, then: foxhound report --configfile " + f"experiments/{name}.yaml",
        *(f"# NOT SURE: {doubt}" for doubt in guess.doubts.values()),
    ]
    settings = yaml.safe_dump(
        {"pathvars": {"results": f"results/{name}"}, "corpus": corpus},
        sort_keys=False,
        allow_unicode=True,
        width=10_000,
    )
    # A name may hold any character that ends a line (U+2028 too), and with it the comment.
    return "".join(" ".join(line.splitlines()) + "\n" for line in head) + settings
