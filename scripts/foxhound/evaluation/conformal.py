"""Answer only where a wished error rate can be kept, and ask a person otherwise (conformal prediction)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

HATEFUL, NOT_HATEFUL, ASK = "hateful", "not hateful", "ask a person"
RATES = tuple(percent / 100 for percent in range(1, 51))
"""Error rates that a kept model has limits for."""


class Limits(NamedTuple):
    """A comment is not hateful below `low`, hateful above `high`, and for a person to decide between them."""

    low: float
    high: float

    def answers(self, probabilities: np.ndarray) -> np.ndarray:
        """Return HATEFUL, NOT_HATEFUL or ASK for each probability, (comments,)."""
        return np.select([probabilities > self.high, probabilities < self.low], [HATEFUL, NOT_HATEFUL], ASK)


def limits(labels: np.ndarray, probabilities: np.ndarray, rate: float) -> Limits:
    """Return limits that at most a share `rate` of hateful comments, and of the others, are on the wrong side of.

    It holds for comments that are exchangeable with these, whatever the model: split conformal prediction within each
    class (Vovk 2012). Of n comments of a class, the k-th from the wrong end is the limit, k = rate (n + 1) rounded
    down; with fewer than one, no answer is given for the other class. Where the two limits cross, every comment would
    have an answer at a lower rate already, and that rate is taken.

    Args:
        labels, probabilities: of comments that the model did not train on, shape (comments,).
    """
    hateful = np.sort(probabilities[labels == 1])
    others = np.sort(probabilities[labels == 0])[::-1]
    for lower in (rate, *(one for one in reversed(RATES) if one < rate)):
        places = [int(lower * (len(ranked) + 1) + 1e-9) - 1 for ranked in (hateful, others)]
        low = hateful[places[0]] if places[0] >= 0 else -np.inf
        high = others[places[1]] if places[1] >= 0 else np.inf
        if low <= high:
            break
    return Limits(float(low), float(high))


def limits_by_rate(ids: np.ndarray, labels: np.ndarray, probabilities: np.ndarray) -> dict[str, list[float | None]]:
    """Return the limits of each of RATES, as config.json of a kept model holds them: null where there is none.

    Args:
        ids: of the comments. One that several seeds or draws score counts once, by the first: three predictions of ten
            comments promise no more than ten do.
    """
    first = np.unique(ids, return_index=True)[1]
    found = {f"{rate:.2f}": limits(labels[first], probabilities[first], rate) for rate in RATES}
    return {rate: [one if np.isfinite(one) else None for one in ends] for rate, ends in found.items()}


def kept_limits(kept: Mapping[str, Sequence[float | None]], rate: float) -> Limits | None:
    """Return the limits of the highest rate that is not above `rate`; None where none is kept."""
    rates = [one for one in kept if float(one) <= rate + 1e-9]
    if not rates:
        return None
    low, high = kept[max(rates, key=float)]
    return Limits(-np.inf if low is None else low, np.inf if high is None else high)
