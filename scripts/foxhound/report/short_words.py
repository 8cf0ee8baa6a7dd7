"""Write numbers and kinds of folds short, for what a report opens with."""

import math
from collections.abc import Mapping

from foxhound.evaluation.generalisation import BY_ARTICLE, BY_USER, RANDOM
from foxhound.markdown import NOTHING

Costs = Mapping[str, tuple[float, float, float]]
"""Name of a model -> seconds to train, milliseconds to ask a comment, megabytes."""


def met(kind: str, group: str) -> str:
    """Return what a model is scored on under a kind of folds: `articles that it has not seen`."""
    return {RANDOM: "comments", BY_USER: "users", BY_ARTICLE: f"{group}s"}[kind] + " that it has not seen"


def kind_words(kind: str, group: str) -> str:
    """Return a kind of folds as a heading says it: `by thread` where the groups of a corpus are threads."""
    return f"by {group}" if kind == BY_ARTICLE else kind


def hundredths(value: float | None) -> str:
    """Return two decimals without a leading zero: .61, 1.00, -.02; a dash for null."""
    if value is None or not math.isfinite(value):
        return NOTHING
    text = f"{value:.2f}"
    text = text if float(text) or not text.startswith("-") else text[1:]
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


def short(value: float | None, low: float | None, high: float | None) -> str:
    """Return `.61 [.57, .65]`; a dash for null."""
    if hundredths(value) == NOTHING:
        return NOTHING
    return f"{hundredths(value)} [{hundredths(low)}, {hundredths(high)}]"


def duration(seconds: float) -> str:
    """Return `0.4 s`, `48 s` or `2.1 min`."""
    return f"{seconds / 60:.1f} min" if seconds >= 100 else f"{rounded(seconds)} s"


def rounded(value: float) -> str:
    """Return a number with two digits that say something: 0.051, 1.2, 48, 1300."""
    if value == 0:
        return "0"
    text = f"{float(f'{value:.2g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
