"""Test runs and published rows, and turn results into verdicts.

A claim about a direction is decided by a paired permutation test, and refuted by a 95 % interval below the smallest
difference that matters; one about a size is decided by the interval, one about a share of runs by an exact interval or
test. What none of them settles is undecided.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from foxhound.evaluation.bootstrap import THRESHOLD, ratio, resampling_weights
from foxhound.evaluation.comparisons import LEVEL, Pair, difference_interval, permutation_test, swaps
from foxhound.evaluation.exact_shares import share_difference, share_interval

HOLDS, FAILS, UNDECIDED = "holds", "fails", "undecided"
IMPOSSIBLE, NOT_RUN = "impossible as printed", "not run"


def undecided_after(runs: int) -> str:
    """Return the verdict on a share of runs that are too few: `undecided (4 runs)`."""
    return f"{UNDECIDED} ({runs} run{'' if runs == 1 else 's'})"


def without_runs(verdict: str) -> str:
    """Return a verdict without the number of runs: UNDECIDED for `undecided (4 runs)`."""
    return verdict.partition(" (")[0]


class Outcome(NamedTuple):
    """Predictions of one run after one epoch, arrays of shape (comments,).

    comments: positions among all comments; labels: 0 or 1; p: probability of hateful.
    """

    seed: int
    comments: np.ndarray
    labels: np.ndarray
    p: np.ndarray

    @property
    def decided(self) -> np.ndarray:
        """Return 1 where the comment is called hateful, else 0."""
        return (self.p >= THRESHOLD).astype(np.float32)

    @property
    def one_class(self) -> bool:
        """Say whether all comments are called the same."""
        return len(np.unique(self.decided)) == 1


class Result(NamedTuple):
    """An estimate, its 95 % interval, the p value if there is a test, and how many comments (or runs) it is about."""

    estimate: float
    low: float
    high: float
    p: float
    comments: int


Side = Sequence[Outcome]


def _f1(labels: np.ndarray, decided: np.ndarray, weights: np.ndarray) -> np.ndarray:
    counts = np.stack([labels * decided, decided, labels]).astype(np.float32) @ weights
    true, called, hateful = counts.astype(np.float64)
    return ratio(2 * true, called + hateful, 0.0)


def _samples(side: Side, comments: int, draws: int, seed: int, score: Callable[..., np.ndarray] = _f1) -> np.ndarray:
    """Bootstrap a score of one side over comments, crossed with seeds; shape (draws,)."""
    weights = resampling_weights(comments, draws, seed)
    each = np.stack([score(run.labels, run.decided, weights[run.comments]) for run in side])
    picks = np.random.default_rng([seed, len(side), draws]).integers(0, len(side), (len(side), draws))
    return np.take_along_axis(each, picks, axis=0).mean(axis=0)


def _point(side: Side, score: Callable[..., np.ndarray] = _f1) -> float:
    return float(np.mean([score(run.labels, run.decided, np.ones((len(run.labels), 1)))[0] for run in side]))


def _from_samples(estimate: float, samples: np.ndarray, comments: int) -> Result:
    """Return a result with a two-sided p: twice the share of resamples beyond 0, the observed one included."""
    low, high = np.percentile(samples, [2.5, 97.5])
    p = min(1.0, 2 * (1 + min((samples <= 0).sum(), (samples >= 0).sum())) / (1 + len(samples)))
    return Result(estimate, float(low), float(high), p, comments)


def _size(*sides: Side) -> int:
    return 1 + int(max(run.comments.max() for side in sides for run in side))


def difference(one: Side, other: Side, draws: int, permutations: int, seed: int) -> Result:
    """Return F1 of `one` minus F1 of `other`, paired where both scored the same comments, else resampled apart.

    Runs of equal seeds are paired; a side that ran once is paired with every run of the other.
    """
    size = _size(one, other)
    if 1 in (len(one), len(other)):
        couples = [(a, b) for a in one for b in other]
    else:
        by_seed = {run.seed: run for run in other}
        couples = [(run, by_seed[run.seed]) for run in one if run.seed in by_seed]
    couples = [(a, b) for a, b in couples if np.array_equal(a.comments, b.comments)]
    if not couples:
        drawn = _samples(one, size, draws, seed) - _samples(other, size, draws, seed + 1)
        scored = len(np.unique(np.concatenate([run.comments for run in (*one, *other)])))
        return _from_samples(_point(one) - _point(other), drawn, scored)
    pairs = [Pair(a.comments, a.labels, b.decided, a.decided) for a, b in couples]
    estimate, p = permutation_test(pairs, swaps(size, permutations, seed))
    low, high = difference_interval(pairs, resampling_weights(size, draws, seed), seed)
    return Result(estimate, low, high, p, len(np.unique(np.concatenate([a.comments for a, _ in couples]))))


def _recall_minus_precision(labels: np.ndarray, decided: np.ndarray, weights: np.ndarray) -> np.ndarray:
    counts = np.stack([labels * decided, decided, labels]).astype(np.float32) @ weights
    true, called, hateful = counts.astype(np.float64)
    return ratio(true, hateful, 0.0) - ratio(true, called, 0.0)


def recall_over_precision(side: Side, draws: int, seed: int) -> Result:
    """Return recall minus precision of the hateful class, mean over seeds."""
    samples = _samples(side, _size(side), draws, seed, _recall_minus_precision)
    comments = len(np.unique(np.concatenate([run.comments for run in side])))
    return _from_samples(_point(side, _recall_minus_precision), samples, comments)


def score(side: Side, draws: int, seed: int) -> Result:
    """Return F1, mean over seeds; without a test."""
    low, high = np.percentile(_samples(side, _size(side), draws, seed), [2.5, 97.5])
    comments = len(np.unique(np.concatenate([run.comments for run in side])))
    return Result(_point(side), float(low), float(high), np.nan, comments)


def collapse_share(side: Side) -> Result:
    """Return the share of runs that call all comments the same, with its exact interval over runs.

    Runs count as independent: each has a seed, and in a draw protocol a split, of its own. They share the corpus.
    """
    collapsed = sum(run.one_class for run in side)
    return Result(collapsed / len(side), *share_interval(collapsed, len(side)), np.nan, len(side))


def collapse_difference(one: Side, other: Side) -> Result:
    """Return the difference of two shares of collapsed runs, with its exact interval and test."""
    a, b = (sum(run.one_class for run in side) for side in (one, other))
    low, high, p = share_difference(a, len(one), b, len(other))
    return Result(a / len(one) - b / len(other), low, high, p, len(one) + len(other))


def saturated_counts(loss: float, comments: int, hateful: int, batch: int) -> tuple[str, int] | None:
    """Return the one saturated answer to all comments whose summed batch losses are the printed ones, if there is one.

    PyTorch caps the cross-entropy of a probability at 100. A model that gives every comment the same saturated answer
    has a loss of 100 on each comment of the other class, and a zero gradient. Summed over batches (the last one is
    smaller) that is 100 (c - r) / batch + 100 r / last, where c comments are of the other class and r of them are in
    the last batch: some whole number r gives the printed loss, or none does.

    Returns:
        The answer, and r; None where the loss is not of this kind.
    """
    last = comments % batch or batch
    for answer, other in (("hateful", comments - hateful), ("not hateful", hateful)):
        for rest in range(min(last, other) + 1):
            expected = 100 * (other - rest) / batch + 100 * rest / last
            # Sums of float32 numbers have about seven digits.
            if abs(expected - loss) <= 1e-6 * expected:
                return answer, rest
    return None


def direction(result: Result, p_adjusted: float) -> str:
    """Decide whether the estimate is significantly above 0 (holds) or below (fails)."""
    if not p_adjusted <= LEVEL:
        return UNDECIDED
    return HOLDS if result.estimate > 0 else FAILS


def greater(result: Result, p_adjusted: float, margin: float) -> str:
    """Decide a direction as `direction` does; and it fails too where the interval lies below the margin.

    Without that a null effect could never be refuted: of no difference, 19 tests in 20 say nothing. Holding comes
    first: a difference may be real and smaller than the margin.
    """
    verdict = direction(result, p_adjusted)
    return FAILS if verdict == UNDECIDED and result.high < margin else verdict


def beyond(result: Result, bound: float) -> str:
    """Decide whether the interval lies above the bound (holds) or below it (fails)."""
    return HOLDS if result.low > bound else FAILS if result.high < bound else UNDECIDED


def within(result: Result, low: float, high: float) -> str:
    """Decide whether the interval lies within two bounds or outside them (two one-sided tests; Schuirmann 1987)."""
    if low < result.low and result.high < high:
        return HOLDS
    return FAILS if result.low > high or result.high < low else UNDECIDED
