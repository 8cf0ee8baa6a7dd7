"""Compute exact 95 % intervals of the share of a few runs, and of the difference of two such shares.

Exact means that at least 95 % of such intervals hold the true value, whatever it is and however few runs there are.
That costs width, and is what few runs need: Wilson's interval, and Newcombe's of a difference, hold 95 % on average
only (Brown, Cai & DasGupta 2001). Wilson's would have 4 runs of 4 prove that most runs do, though of a fair coin four
throws are alike once in 8 times.
"""

from functools import lru_cache

import numpy as np
from scipy.special import comb
from scipy.stats import binomtest

TAIL = 0.025
DIFFERENCES, SHARES = 201, 401  # that are tried, evenly spread
FINE = 1e-5  # to which the ends of the interval of a difference are found


def share_interval(successes: int, trials: int) -> tuple[float, float]:
    """Return the interval of Clopper & Pearson (1934, by scipy); (0, 1) where there were no trials."""
    if not trials:
        return 0.0, 1.0
    interval = binomtest(successes, trials).proportion_ci(0.95, method="exact")
    return float(interval.low), float(interval.high)


@lru_cache
def share_difference(one: int, of_one: int, other: int, of_other: int) -> tuple[float, float, float]:
    """Return the exact unconditional interval of one / of_one - other / of_other, and p of no difference.

    Chan & Zhang (1999, Biometrics 55): a difference is left out where, whatever the second share is, at most 2.5 % of
    experiments have as large (or as small) a score statistic as this one. p is twice the smaller tail at 0, so that the
    two agree. Unlike Fisher's test this does not take the number of all successes as given (Mehta & Senchaudhuri 2003),
    and so finds more in few runs. The two samples count as independent.

    Returns:
        low, high, p.
    """
    table = (one, of_one, other, of_other)
    p = min(1.0, 2 * min(_tail(0.0, *table), _tail(0.0, *_turned(*table))))
    return _least(*table), -_least(*_turned(*table)), p


def _turned(one: int, of_one: int, other: int, of_other: int) -> tuple[int, int, int, int]:
    """Return the table whose difference has the other sign."""
    return other, of_other, one, of_one


def _least(one: int, of_one: int, other: int, of_other: int) -> float:
    """Return the smallest difference that is not left out from below."""
    # As the tail need not rise everywhere, the first of many differences that is kept counts.
    tried = np.linspace(-1, 1, DIFFERENCES)
    kept = next(place for place, low in enumerate(tried) if _tail(low, one, of_one, other, of_other) > TAIL)
    if not kept:
        return -1.0
    low, high = tried[kept - 1], tried[kept]
    while high - low > FINE:
        middle = (low + high) / 2
        low, high = (low, middle) if _tail(middle, one, of_one, other, of_other) > TAIL else (middle, high)
    return float(low)


def _tail(difference: float, one: int, of_one: int, other: int, of_other: int) -> float:
    """Return the largest probability, over all second shares, of a score as large as that of the table or larger."""
    scores = _scores(difference, of_one, of_other)
    extreme = (scores >= scores[one, other] - 1e-9).astype(np.float64)
    second = np.linspace(max(0.0, -difference), min(1.0, 1.0 - difference), SHARES)
    first = np.clip(second + difference, 0, 1)
    return float(((_binomial(of_one, first) @ extreme) * _binomial(of_other, second)).sum(axis=1).max())


def _binomial(trials: int, shares: np.ndarray) -> np.ndarray:
    """Return the probabilities of 0 to `trials` successes under each share, shape (shares, trials + 1)."""
    # By hand, since scipy's takes twenty times as long and this is called a thousand times.
    counts = np.arange(trials + 1)
    return comb(trials, counts) * shares[:, None] ** counts * (1 - shares[:, None]) ** (trials - counts)


def _scores(difference: float, of_one: int, of_other: int) -> np.ndarray:
    """Return the score statistic of every table at a difference, shape (of_one + 1, of_other + 1).

    The standard error is that of the most likely shares with this difference: the middle root of a cubic equation
    (Farrington & Manning 1990, Statistics in Medicine 9, appendix).
    """
    first = np.arange(of_one + 1)[:, None] / of_one
    second = np.arange(of_other + 1)[None, :] / of_other
    ratio = of_other / of_one
    a = 1 + ratio
    b = -(1 + ratio + first + ratio * second + difference * (ratio + 2))
    c = difference**2 + difference * (2 * first + ratio + 1) + first + ratio * second
    d = -first * difference * (1 + difference)
    v = b**3 / (3 * a) ** 3 - b * c / (6 * a**2) + d / (2 * a)
    u = np.where(v < 0, -1, 1) * np.sqrt(np.maximum(b**2 / (3 * a) ** 2 - c / (3 * a), 0))
    cosine = np.divide(v, u**3, out=np.zeros_like(v), where=np.abs(u) > 1e-9)
    likely = 2 * u * np.cos((np.pi + np.arccos(np.clip(cosine, -1, 1))) / 3) - b / (3 * a)
    likely = np.clip(likely, max(0.0, difference), min(1.0, 1.0 + difference))
    other = np.clip(likely - difference, 0, 1)
    error = np.sqrt(likely * (1 - likely) / of_one + other * (1 - other) / of_other)
    distance = first - second - difference
    # Without any variance, a table either agrees with the difference or is infinitely far from it.
    certain = np.where(np.abs(distance) < 1e-9, 0.0, np.copysign(np.inf, distance))
    return np.divide(distance, error, out=certain, where=error > 1e-9)
