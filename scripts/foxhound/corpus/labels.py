"""Read labels of every kind as 0 and 1."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from foxhound.corpus.readers import SHOWN, raise_problems
from foxhound.errors import suggestion

BINARY = {"0": 0, "1": 1, "false": 0, "true": 1}
QUOTES_NEEDED = " YAML reads a bare yes, no, on or off as true or false: put it in quotes."


def label_word(value: Any) -> str | None:
    """Return a label as the configuration writes it: 1.0 is `1`, True is `true`; None where there is none."""
    if value is None or value != value or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def label_words(labels: Any) -> list[str]:
    """Return one label, or a list of them, as a list of words."""
    return [label_word(label) or "" for label in (labels if isinstance(labels, list) else [labels])]


def read_labels(path: Path, values: Sequence[Any], lines: Sequence[int], positive: Any, negative: Any) -> list[int]:
    """Return 0 or 1 for every row.

    Args:
        path, lines: of the file, for messages.
        positive, negative: the label, or a list of them, that means hateful or not; None where labels are 0 and 1 or
            true and false. Without `negative`, every label that is not positive means not hateful.

    Raises:
        FoxhoundError: a row has no label or an unknown one, or no row has one of those that are named.
    """
    words = [label_word(value) for value in values]
    present = sorted({word for word in words if word is not None})
    known = dict(BINARY)
    if positive is not None:
        known = {word: 0 for word in label_words(negative)} if negative is not None else dict.fromkeys(present, 0)
        known |= {word: 1 for word in label_words(positive)}
        named = {"positive": label_words(positive), "negative": label_words(negative) if negative is not None else []}
        absent = [(key, word) for key, group in named.items() for word in group if word not in present]
        raise_problems(
            path,
            [
                f"no label equals {word!r} (config key `corpus.{key}`).{suggestion(word, present)} "
                f"Labels: {', '.join(present[:SHOWN])}."
                + (QUOTES_NEEDED if word in ("true", "false") else "")
                for key, word in absent
            ],
        )  # fmt: skip
    problems, labels = [], []
    for line, word, value in zip(lines, words, values, strict=True):
        label = None if word is None else known.get(word if positive is not None else word.lower())
        if label is not None:
            labels.append(label)
        elif word is None:
            problems.append(f"line {line}: no label")
        elif positive is None:
            problems.append(f"line {line}: label {value!r} is not 0, 1, true or false")
        else:
            hint = suggestion(word, list(known))
            problems.append(f"line {line}: label {word!r} is neither positive nor negative.{hint}")
    first_labels = ", ".join(map(repr, present[:SHOWN]))
    remedy = "Say which labels mean hateful (config key `corpus.positive`), and which do not (`corpus.negative`)."
    raise_problems(path, problems, f"{remedy} Labels: {first_labels}." if present else "")
    return labels
