"""Read labels of every kind as 0 and 1."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from foxhound.corpus.class_words import sides
from foxhound.corpus.problems import SHOWN, raise_problems
from foxhound.errors import FoxhoundError, suggestion

BINARY = {"0": 0, "1": 1, "false": 0, "true": 1}
MISSING: tuple[str, ...] = (
    "",
    "nan",
    "nat",
    "na",
    "n/a",
    "n.a.",
    "#n/a",
    "<na>",
    "null",
    "(null)",
    "\\n",
    "missing",
    "-1",
    "?",
    "-",
    "--",
    ".",
)
MISSING += ("#null!", "#ref!", "#value!", "#name?", "#div/0!", "undefined")
"""Words, in small letters, for a label that is not there."""
QUOTES_NEEDED = " YAML reads a bare yes, no, on or off as true or false: put it in quotes."


def label_word(value: Any) -> str | None:
    """Return a label as the configuration writes it: 1.0 (1,0 in much of Europe) is `1`, True `true`; None for none."""
    if value is None or value != value or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    word = str(value).strip()
    return re.split("[.,]", word)[0] if re.fullmatch(r"-?\d+(\.0+|,00?)", word) else word


def label_words(labels: Any) -> list[str]:
    """Return one label, or a list of them, as a list of words; none for None."""
    several = labels if isinstance(labels, list) else [] if labels is None else [labels]
    return [label_word(label) or "" for label in several]


def counts_as_hateful(definition: Mapping[str, Any]) -> str:
    """Return in words which labels of a corpus count as hateful: `insult or hate in its column class`.

    Args:
        definition: the key `corpus` of the configuration.
    """
    label, threshold = definition["label"], definition.get("threshold")
    columns = label["any"] if isinstance(label, dict) else [label]
    column = columns[0] if len(columns) == 1 else f"any of its columns {', '.join(columns)}"
    if threshold is not None:
        words = f"{threshold} or more"
    else:
        words = " or ".join(label_words(definition.get("positive"))) or "1 or true"
    return f"{words} in {column if len(columns) > 1 else f'its column {column}'}"


def is_missing(word: str | None) -> bool:
    """Say whether a label is none: empty, nan, -1 and the like."""
    return word is None or word.lower() in MISSING


def number(word: str | None) -> float | None:
    """Return a label as a number, with a decimal comma or point, perhaps in percent; None where it is none."""
    if word is None or not re.fullmatch(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?( ?%)?", word):
        return None
    return float(word.rstrip(" %").replace(",", "."))


def named_sides(path: Path, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return those of the classes that a file itself names which mean hateful, and the others.

    Raises:
        FoxhoundError: it is not clear of one of them.
    """
    found = sides([name for name in names if not is_missing(name)])
    unclear = [name for name, side in found.items() if side is None]
    if unclear and not set(map(str.lower, found)) <= set(BINARY):
        raise FoxhoundError(
            f"{path}: its own names for the classes are {', '.join(names)}, and {unclear[0]!r} may mean hateful or "
            "not. Say which do (config key `corpus.positive`), and which do not (`corpus.negative`)."
        )
    return [name for name, side in found.items() if side == 1], [name for name, side in found.items() if side == 0]


def _check_named(path: Path, present: list[str], named: dict[str, list[str]]) -> None:
    """Refuse classes that the configuration names and no row has."""
    absent = [(key, word) for key, group in named.items() for word in group if word and word not in present]
    raise_problems(
        path,
        [
            f"no label equals {word!r} (config key `corpus.{key}`).{suggestion(word, present)} "
            f"Labels: {', '.join(present[:SHOWN])}."
            + (QUOTES_NEEDED if word in ("true", "false") else "")
            for key, word in absent
        ],
    )  # fmt: skip


def read_labels(
    path: Path,
    values: Sequence[Any],
    lines: Sequence[int],
    positive: Any,
    negative: Any,
    left_out: Any = None,
    threshold: float | None = None,
) -> list[int | None]:
    """Return 0 or 1 for every row, and None for those that are left out.

    Args:
        path, lines: of the file, for messages.
        positive, negative: the label, or a list of them, that means hateful or not; None where labels are 0 and 1 or
            true and false. Without `negative`, every label that is not positive means not hateful.
        left_out: the label, or a list of them, whose rows do not count; an empty one stands for all that are missing.
        threshold: numbers from this one on mean hateful, smaller ones do not.

    Raises:
        FoxhoundError: a row has no label or an unknown one, or no row has one of those that are named.
    """
    words = [label_word(value) for value in values]
    present = sorted({word for word in words if word is not None})
    named = {"positive": label_words(positive), "negative": label_words(negative), "left_out": label_words(left_out)}
    _check_named(path, present, named)
    outside = set(named["left_out"])
    known = dict(BINARY)
    if positive is not None:
        others = named["negative"] if negative is not None else [word for word in present if not is_missing(word)]
        known = dict.fromkeys(others, 0) | dict.fromkeys(named["positive"], 1)
    problems: list[str] = []
    labels: list[int | None] = []
    for line, word, value in zip(lines, words, values, strict=True):
        label = None if word is None else known.get(word if positive is not None else word.lower())
        amount = number(word) if threshold is not None and not is_missing(word) else None
        if threshold is not None:
            label = None if amount is None else int(amount >= threshold)
        if (word or "") in outside or ("" in outside and is_missing(word) and label is None):
            labels.append(None)
        elif label is not None:
            labels.append(label)
        elif is_missing(word):
            problems.append(f"line {line}: no label" + (f" ({value!r})" if word else ""))
        elif threshold is not None:
            problems.append(f"line {line}: label {value!r} is no number (config key `corpus.threshold`)")
        elif positive is None:
            problems.append(f"line {line}: label {value!r} is not 0, 1, true or false")
        else:
            hint = suggestion(str(word), list(known))
            problems.append(f"line {line}: label {word!r} is neither positive nor negative.{hint}")
    first_labels = ", ".join(map(repr, present[:SHOWN]))
    remedy = (
        "Say which labels mean hateful (config key `corpus.positive`), and which do not (`corpus.negative`); rows of "
        '`corpus.left_out` do not count (`left_out: [""]`: those without a label); numbers have a `corpus.threshold`.'
    )
    raise_problems(path, problems, f"{remedy} Labels: {first_labels}." if present else "")
    return labels


def any_of(rows: Sequence[Sequence[int | None]]) -> list[int | None]:
    """Return 1 for every row with a 1 in any of its columns, None for others that lack one, else 0."""
    return [1 if 1 in row else None if None in row else 0 for row in rows]
