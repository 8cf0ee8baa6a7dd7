"""Test the difference of two models on the same comments, and adjust for the number of such tests.

F1 has a paired permutation test (Good 2005, chapter 3). Under the null hypothesis it is a coin toss which model made
which of the two decisions, so F1 is recomputed with decisions swapped at random. Comments that are not independent (one
user's, one article's: foxhound/evaluation/units.py) are swapped together. AUROC needs all pairs of comments; there the
units' shares in the difference (DeLong, DeLong and Clarke-Pearson 1988) get random signs. Either p value is about these
trained models; how much other seeds would differ shows in the interval only.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.stats import norm, rankdata

from foxhound.evaluation.bootstrap import ratio, tail, weighted_metrics
from foxhound.names import AT_HALF, AUROC

LEVEL = 0.05
CELLS = 1 << 25  # coin tosses held in memory as numbers at a time: 128 MB
FINENESS = 20  # the smallest adjusted p is this many times smaller than LEVEL
SLACK = 1e-9  # two sums of the same numbers


class Pair(NamedTuple):
    """Two models on the same comments under one seed, arrays of shape (comments,).

    rows: which of all comments; labels: 0 or 1; a, b: decisions (0 or 1), or for AUROC probabilities.
    """

    rows: np.ndarray
    labels: np.ndarray
    a: np.ndarray
    b: np.ndarray


class Tosses(NamedTuple):
    """Fair coin tosses, a bit each: 140 MB for 100,000 units and 11,000 draws.

    bits: (units, draws / 8 rounded up) uint8.
    """

    bits: np.ndarray
    draws: int

    def sums(self, rows: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Return `values` (kinds, rows) times the tosses at `rows`: (kinds, draws), exact for whole numbers."""
        total = np.zeros((len(values), self.draws), np.float32)
        step = max(1, CELLS // self.draws)
        for start in range(0, len(rows), step):
            part = slice(start, start + step)
            coins = np.unpackbits(self.bits[rows[part]], axis=1, count=self.draws)
            total += values[:, part].astype(np.float32) @ coins.astype(np.float32)
        return total


@lru_cache(maxsize=1)
def swaps(units: int, draws: int, seed: int) -> Tosses:
    """Toss a coin per unit and draw."""
    generator = np.random.default_rng([seed, units, draws])
    step = 4 * max(1, CELLS // draws // 4)  # the generator tosses four at a time, so that pieces give the same tosses
    sizes = [min(step, units - start) for start in range(0, units, step)]
    pieces = [np.packbits(generator.integers(0, 2, (size, draws), dtype=np.uint8), axis=1) for size in sizes]
    return Tosses(np.concatenate(pieces), draws)


def _f1(true_positives: np.ndarray, predicted: np.ndarray, hateful: np.ndarray | np.float64) -> np.ndarray:
    return ratio(2 * true_positives, predicted + hateful, 0.0)


def _swapped_f1(pair: Pair, units: np.ndarray, tosses: Tosses) -> tuple[float, np.ndarray]:
    """Return the difference in F1, and the differences with the decisions of a random half of the units swapped."""
    rows, labels, a, b = pair
    hateful = np.float64(labels.sum())
    differing = np.flatnonzero(a != b)  # only these move anything
    moved = (b - a)[differing]
    present, place = np.unique(units[rows[differing]], return_inverse=True)
    sums = [np.bincount(place, values, len(present)) for values in (labels[differing] * moved, moved)]
    true, predicted = tosses.sums(present, np.stack(sums))
    true_a, true_b = (labels * a).sum(), (labels * b).sum()
    swapped = _f1(true_b - true, b.sum() - predicted, hateful) - _f1(true_a + true, a.sum() + predicted, hateful)
    return float(_f1(true_b, b.sum(), hateful) - _f1(true_a, a.sum(), hateful)), swapped


def auroc_shares(labels: np.ndarray, probabilities: np.ndarray) -> tuple[float, np.ndarray]:
    """Return AUROC, and by how much each comment moves it (ties count half); the shares add up to 0.

    A hateful comment's share is the part of the others that it ranks above, less AUROC, over the number of hateful
    comments; another's likewise (DeLong et al. 1988; by ranks as Sun and Xu 2014). nan where a class is missing.
    """
    hateful = labels == 1
    positives, negatives = int(hateful.sum()), int((~hateful).sum())
    if not positives or not negatives:
        return np.nan, np.full(len(labels), np.nan)
    ranks, above = rankdata(probabilities), np.empty(len(labels))
    above[hateful] = (ranks[hateful] - rankdata(probabilities[hateful])) / negatives
    above[~hateful] = 1 - (ranks[~hateful] - rankdata(probabilities[~hateful])) / positives
    auroc = float(above[hateful].mean())
    return auroc, (above - auroc) / np.where(hateful, positives, negatives)


def _signed_auroc(pair: Pair, units: np.ndarray, tosses: Tosses) -> tuple[float, np.ndarray]:
    """Return the difference in AUROC, and the sums of the units' shares in it with random signs."""
    rows, labels, a, b = pair
    (auroc_a, shares_a), (auroc_b, shares_b) = auroc_shares(labels, a), auroc_shares(labels, b)
    present, place = np.unique(units[rows], return_inverse=True)
    shares = np.bincount(place, shares_b - shares_a, len(present))
    # The sum of the shares is 0, so that turning the signs of some takes away twice their sum.
    return auroc_b - auroc_a, -2 * tosses.sums(present, shares[None])[0].astype(np.float64)


def permuted_differences(
    pairs: Sequence[Pair], tosses: Tosses, units: np.ndarray | None = None, measure: str = AT_HALF
) -> tuple[float, np.ndarray]:
    """Return the difference (b minus a, mean over seeds), and what it is in permutations under the null hypothesis.

    Args:
        pairs: one per seed; a unit is swapped alike in every seed that scores any of it.
        tosses: as `swaps` gives them, for all units.
        units: the unit of each comment, shape (all comments,); None: each comment is one.
        measure: AUROC, or else F1 of the decisions.

    Returns:
        The difference, and an array of shape (draws,).
    """
    statistic = _signed_auroc if measure == AUROC else _swapped_f1
    if units is None:
        units = np.arange(len(tosses.bits))
    observed, permuted = zip(*(statistic(pair, units, tosses) for pair in pairs), strict=True)
    return float(np.mean(observed)), np.mean(permuted, axis=0)


def p_value(observed: float, permuted: np.ndarray) -> float:
    """Return the two-sided p value; it counts the observed arrangement, so it is never 0 (Phipson & Smyth 2010)."""
    return float((1 + (np.abs(permuted) >= abs(observed) - SLACK).sum()) / (1 + len(permuted)))


def permutation_test(
    pairs: Sequence[Pair], tosses: Tosses, units: np.ndarray | None = None, measure: str = AT_HALF
) -> tuple[float, float]:
    """Return the difference (b minus a, mean over seeds) and its two-sided p value; see `permuted_differences`."""
    observed, permuted = permuted_differences(pairs, tosses, units, measure)
    return observed, p_value(observed, permuted)


def difference_interval(
    pairs: Sequence[Pair], weights: np.ndarray, seed: int, measure: str = AT_HALF, units: int | None = None
) -> tuple[float, float]:
    """Return the 95 % percentile interval of the difference over paired resamples of comments, crossed with seeds.

    Args:
        weights: of all comments in each resample, as `resampling_weights` or `cluster_weights` give them.
        seed: of the drawing of seeds.
        units: how many clusters were drawn, which widens the interval where they are few; None for single comments.
        measure: AUROC, or else F1 of the decisions.
    """
    samples = []
    for rows, labels, a, b in pairs:
        drawn = weights[rows]
        if measure == AUROC:
            one, other = (weighted_metrics(labels, p, drawn)["auroc"] for p in (a, b))
            samples.append(other - one)
            continue
        columns = np.stack([labels * a, a, labels * b, b, labels]).astype(np.float32) @ drawn
        true_a, called_a, true_b, called_b, hateful = columns.astype(np.float64)
        samples.append(_f1(true_b, called_b, hateful) - _f1(true_a, called_a, hateful))
    draws = weights.shape[1]
    picks = np.random.default_rng([seed, len(samples), draws]).integers(0, len(samples), (len(samples), draws))
    below = tail(units and max(units, 2))
    means = np.take_along_axis(np.stack(samples), picks, axis=0).mean(axis=0)
    low, high = np.nanquantile(means, [below, 1 - below])
    return float(low), float(high)


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Adjust p values by Holm's step-down method (Holm 1979), which holds whatever the dependence of the tests."""
    p = np.asarray(p_values, np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def step_down(observed: np.ndarray, permuted: np.ndarray) -> np.ndarray:
    """Adjust p values by the step-down maximum over the same permutations (Westfall & Young 1993; Romano & Wolf 2005).

    Each difference is measured in its own standard deviation under permutation. A pair is compared with the largest of
    all pairs that are not more extreme than it. Unlike Holm's the method knows how the tests depend on each other, and
    that ten articles can be swapped in 1,024 ways only: Holm's smallest adjusted p of 28 pairs would be .055.

    Args:
        observed: differences, shape (pairs,).
        permuted: the same under the same permutations, shape (pairs, draws).

    Returns:
        Adjusted p values, shape (pairs,).
    """
    extremeness, order, largest = _largest_left(observed, permuted)
    p = (1 + (largest >= extremeness[order, None] - SLACK).sum(axis=1)) / (1 + permuted.shape[1])
    adjusted = np.empty(len(p))
    adjusted[order] = np.maximum.accumulate(p)
    return adjusted


def step_down_levels(observed: np.ndarray, permuted: np.ndarray, level: float) -> np.ndarray:
    """Return the level that each p value, unadjusted, has to meet by `step_down`, if those more extreme met theirs.

    Arguments and shape as those of `step_down`.
    """
    _, order, largest = _largest_left(observed, permuted)
    levels = np.empty(len(order))
    levels[order] = 2 * norm.sf(np.quantile(largest, 1 - level, axis=1))
    return levels


def _largest_left(observed: np.ndarray, permuted: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how many standard deviations each pair is from 0, their order, and the largest from each on."""
    spread = np.sqrt((permuted**2).mean(axis=1, keepdims=True))
    extremeness = ratio(np.abs(observed)[:, None], spread, 0.0)[:, 0]
    drawn = ratio(np.abs(permuted), np.broadcast_to(spread, permuted.shape), 0.0)
    order = np.argsort(-extremeness, kind="stable")
    return extremeness, order, np.maximum.accumulate(drawn[order[::-1]], axis=0)[::-1]
