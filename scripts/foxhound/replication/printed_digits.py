"""Say what printed figures and numbers of comments can stand for, whichever way they were printed."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

import numpy as np

FIGURES = ("accuracy", "precision", "recall", "f1")
FLOAT32 = 3 * float(np.finfo(np.float32).eps)  # an F1 in float32 is rounded five times, by half an eps each
FLOAT64 = 1e-12

Figures = Mapping[str, float | None]


class Span(NamedTuple):
    """True values behind a printed figure: those from `low` to `high`, and 0 / 0 if `undefined`."""

    low: float
    high: float
    undefined: bool


ANYTHING = Span(-FLOAT64, 1 + FLOAT64, True)


def spans(figures: Figures) -> dict[str, Span]:
    """Return what each of FIGURES can stand for.

    Args:
        figures: as printed; None where a figure was not. If one is above 1, all are per cent.
    """
    printed = {name: figures[name] for name in FIGURES}
    unit = 100 if any(value is not None and value > 1 for value in printed.values()) else 1
    found = {name: _span(value, unit) for name, value in printed.items()}
    precision, recall, f1 = (np.nan if value is None else value / unit for value in list(printed.values())[1:])
    with np.errstate(invalid="ignore"):
        harmonic = np.float64(2 * precision * recall) / (precision + recall)
    low, high, _ = found["f1"]
    if low <= harmonic <= high or (np.isnan(harmonic) and (f1 == 0 or np.isnan(f1))):
        found["f1"] = ANYTHING  # F1 may have been computed from these two, and says nothing beyond them
    return found


def _span(printed: float | None, unit: int) -> Span:
    if printed is None:
        return ANYTHING
    if np.isnan(printed):
        return Span(1.0, 0.0, True)
    single = np.float32(printed)
    # .785 held in float32 prints as .7850000262260437, and .57 as per cent, without rounding, as 56.99999999999999.
    text = str(single) if float(single) == printed else repr(round(float(printed), 12))
    # JSON keeps no zeros at the end; a share has a digit at least.
    last = min(int(Decimal(text).normalize().as_tuple().exponent), 0 if unit == 100 else -1)
    digit = 10.0**last / unit
    value = printed / unit
    slack = FLOAT32 * (value + digit) + FLOAT64
    return Span(value - digit / 2 - slack, value + digit + slack, value in (0, 1))


def most_comments(claimed: int) -> int:
    """Return the most comments that `claimed` can stand for: 170 may be 179 cut to tens, and 1528 is 1528.

    A number that ends in zeros may have been cut there, or rounded; one that ends in 5 or 50, rounded to fives or
    fifties.
    """
    unit = 10 ** (len(str(claimed)) - len(str(claimed).rstrip("0")))
    return claimed + max(unit - 1, 5 * unit // 2 if claimed // unit % 5 == 0 else 0)
