"""Test runs and published rows, and turn results into decisions.

A claim about a direction is decided by a paired permutation test, and refuted where the difference lies below the
smallest that matters; one about a size by how far its interval lies from the bound. All of these give a p value, which
is adjusted for all tests of all claims; above the level a test is undecided. A share of runs has an exact interval.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import norm

from foxhound.evaluation.bootstrap import THRESHOLD, cluster_weights, ratio, weighted_metrics
from foxhound.evaluation.exact_shares import share_difference, share_interval
from foxhound.evaluation.paired_tests import LEVEL, Pair, difference_interval, permutation_test, swaps
from foxhound.names import AT_HALF, AUROC

HOLDS, FAILS, UNDECIDED = "holds", "fails", "undecided"
IMPOSSIBLE, NOT_RUN = "impossible as printed", "not run"
HALF_WIDTH = norm.ppf(0.975)  # of a 95 % interval, in standard errors


def undecided_after(runs: int) -> str:
    """Return the verdict on a share of runs that are too few: `undecided (4 runs)`."""
    return f"{UNDECIDED} ({runs} run{'' if runs == 1 else 's'})"


def without_runs(verdict: str) -> str:
    """Return a verdict without the number of runs: UNDECIDED for `undecided (4 runs)`."""
    return verdict.partition(" (")[0]


class Outcome(NamedTuple):
    """Predictions of one run after one epoch, arrays of shape (comments,).

    comments: positions among all comments; labels: 0 or 1; p: probability of hateful; thresholds: from which on each
    comment is called hateful, .5 where there are none.
    """

    seed: int
    comments: np.ndarray
    labels: np.ndarray
    p: np.ndarray
    thresholds: np.ndarray | None = None

    @property
    def decided(self) -> np.ndarray:
        """Return 1 where the comment is called hateful, else 0."""
        cut = THRESHOLD if self.thresholds is None else self.thresholds
        return (self.p >= cut).astype(np.float32)

    @property
    def one_class(self) -> bool:
        """Say whether all comments are called the same at .5, whatever threshold is chosen."""
        return len(np.unique(self.p >= THRESHOLD)) == 1

    def measured(self, measure: str) -> np.ndarray:
        """Return what a measure is computed from: decisions, or probabilities for AUROC."""
        return self.p.astype(np.float64) if measure == AUROC else self.decided


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


def _auroc(labels: np.ndarray, p: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return weighted_metrics(labels, p, weights)["auroc"]


Score = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""labels (comments,), decisions or probabilities (comments,), weights (comments, draws) -> the score, (draws,)."""


def _scored(measure: str) -> Score:
    return _auroc if measure == AUROC else _f1


def _samples(side: Side, units: np.ndarray, draws: int, seed: int, score: Score, measure: str = AT_HALF) -> np.ndarray:
    """Bootstrap a score of one side over units, crossed with seeds; shape (draws,)."""
    weights = cluster_weights(units, draws, seed)
    each = np.stack([score(run.labels, run.measured(measure), weights[run.comments]) for run in side])
    picks = np.random.default_rng([seed, len(side), draws]).integers(0, len(side), (len(side), draws))
    return np.take_along_axis(each, picks, axis=0).mean(axis=0)


def _point(side: Side, score: Score, measure: str = AT_HALF) -> float:
    ones = [np.ones((len(run.labels), 1), np.float32) for run in side]
    each = [score(run.labels, run.measured(measure), one)[0] for run, one in zip(side, ones, strict=True)]
    return float(np.mean(each))


def _from_samples(estimate: float, samples: np.ndarray, comments: int) -> Result:
    """Return a result with a two-sided p: twice the share of resamples beyond 0, the observed one included."""
    low, high = np.percentile(samples, [2.5, 97.5])
    p = min(1.0, 2 * (1 + min((samples <= 0).sum(), (samples >= 0).sum())) / (1 + len(samples)))
    return Result(estimate, float(low), float(high), p, comments)


def _units(units: np.ndarray | None, *sides: Side) -> np.ndarray:
    """Return the unit of each comment: those given, or every comment alone."""
    return np.arange(1 + max(run.comments.max() for side in sides for run in side)) if units is None else units


def _comments(*sides: Side) -> int:
    return len(np.unique(np.concatenate([run.comments for side in sides for run in side])))


def difference(
    one: Side,
    other: Side,
    draws: int,
    permutations: int,
    seed: int,
    units: np.ndarray | None = None,
    measure: str = AT_HALF,
) -> Result:
    """Return a measure of `one` minus that of `other`, paired where both scored the same comments, else drawn apart.

    Runs of equal seeds are paired; a side that ran once is paired with every run of the other.

    Args:
        units: what is swapped and drawn together: the unit of each comment of the corpus; None: every comment alone.
        measure: AUROC, or else F1 of the decisions.
    """
    units = _units(units, one, other)
    if 1 in (len(one), len(other)):
        couples = [(a, b) for a in one for b in other]
    else:
        by_seed = {run.seed: run for run in other}
        couples = [(run, by_seed[run.seed]) for run in one if run.seed in by_seed]
    couples = [(a, b) for a, b in couples if np.array_equal(a.comments, b.comments)]
    if not couples:
        scored = _scored(measure)
        drawn, minus = (
            _samples(side, units, draws, place, scored, measure) for side, place in ((one, seed), (other, seed + 1))
        )
        estimate = _point(one, scored, measure) - _point(other, scored, measure)
        return _from_samples(estimate, drawn - minus, _comments(one, other))
    pairs = [Pair(a.comments, a.labels, b.measured(measure), a.measured(measure)) for a, b in couples]
    estimate, p = permutation_test(pairs, swaps(units.max() + 1, permutations, seed), units, measure)
    drawn_units = len(np.unique(units[np.concatenate([pair.rows for pair in pairs])]))
    low, high = difference_interval(pairs, cluster_weights(units, draws, seed), seed, measure, drawn_units)
    return Result(estimate, low, high, p, _comments([a for a, _ in couples]))


def _recall_minus_precision(labels: np.ndarray, decided: np.ndarray, weights: np.ndarray) -> np.ndarray:
    counts = np.stack([labels * decided, decided, labels]).astype(np.float32) @ weights
    true, called, hateful = counts.astype(np.float64)
    return ratio(true, hateful, 0.0) - ratio(true, called, 0.0)


def recall_over_precision(side: Side, draws: int, seed: int, units: np.ndarray | None = None) -> Result:
    """Return recall minus precision of the hateful class, mean over seeds."""
    samples = _samples(side, _units(units, side), draws, seed, _recall_minus_precision)
    return _from_samples(_point(side, _recall_minus_precision), samples, _comments(side))


def score(side: Side, draws: int, seed: int, units: np.ndarray | None = None) -> Result:
    """Return F1 of the decisions, mean over seeds; without a test."""
    low, high = np.percentile(_samples(side, _units(units, side), draws, seed, _f1), [2.5, 97.5])
    return Result(_point(side, _f1), float(low), float(high), np.nan, _comments(side))


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


class Decision(NamedTuple):
    """A verdict, and the p value that the level must not be below for it to stand."""

    verdict: str
    p: float


def direction(result: Result) -> Decision:
    """Decide whether the estimate is above 0 (holds) or below (fails), by its own test."""
    return Decision(HOLDS if result.estimate > 0 else FAILS, result.p)


def within(result: Result, low: float, high: float) -> Decision:
    """Decide whether the true value lies within two bounds (holds) or outside (fails).

    The p value is that of the nearer bound, two-sided: the distance to it in standard errors, which the interval's half
    on that side gives. So the 95 % interval leaves the bound out exactly where p < .05 (two one-sided tests of half the
    level, Schuirmann 1987).
    """
    bound = low if result.estimate - low < high - result.estimate else high
    towards = result.estimate - result.low if bound < result.estimate else result.high - result.estimate
    distance = abs(result.estimate - bound)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * norm.sf(HALF_WIDTH * np.float64(distance) / towards) if distance else 1.0
    return Decision(HOLDS if low < result.estimate < high else FAILS, float(p))


def mostly(result: Result) -> str:
    """Say whether most runs do something (holds) or most do not (fails), by the exact interval of their share."""
    if result.low <= 0.5 <= result.high:
        return undecided_after(result.comments)
    return HOLDS if result.low > 0.5 else FAILS


def beyond(result: Result, bound: float) -> Decision:
    """Decide whether the true value lies above the bound (holds) or below it (fails)."""
    return within(result, bound, np.inf)


def greater(result: Result, margin: float) -> Decision:
    """Decide a direction as `direction` does; and it fails too where the difference lies below the margin.

    Without that a null effect could never be refuted: of no difference, 19 tests in 20 say nothing. The direction comes
    first: a difference may be real and smaller than the margin.
    """
    found, below = direction(result), within(result, -np.inf, margin)
    if found.p <= LEVEL or below.verdict == FAILS:
        return found
    return min(found, Decision(FAILS, below.p), key=lambda one: one.p)


def differs(result: Result, margin: float) -> Decision:
    """Decide whether there is a difference (holds, by its own test) or none beyond the margin (fails, by its size).

    Only one of the two can be mistaken, so the smaller p value decides.
    """
    same = within(result, -margin, margin)
    found = Decision(HOLDS, result.p)
    return min(found, Decision(FAILS, same.p), key=lambda one: one.p) if same.verdict == HOLDS else found
