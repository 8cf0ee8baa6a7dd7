"""Compute intervals of proportions, and of the metrics of a confusion table."""

from typing import NamedTuple

import numpy as np
from scipy.stats import binomtest, norm, t


class Confusion(NamedTuple):
    """Counts of a confusion table; the hateful class is the positive one."""

    tp: int
    fp: int
    fn: int
    tn: int


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a proportion (Wilson 1927, by scipy); (0, 1) where there were no trials."""
    if not trials:
        return 0.0, 1.0
    interval = binomtest(successes, trials).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def cluster_totals(values: np.ndarray, clusters: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """Return how far each cluster's sum of values is from what its strata lead to expect, (clusters,).

    Their squares add up to the variance of the sum of all values where clusters are drawn and strata are not: a
    stratum's residuals are scaled by sqrt(k / (k - 1)) for its k clusters.

    Args:
        values, clusters, strata: shape (cases,); clusters are numbers from 0.
    """
    residuals = np.zeros(len(values))
    for stratum in np.unique(strata):
        own = strata == stratum
        drawn = len(np.unique(clusters[own]))
        residuals[own] = (values[own] - values[own].mean()) * np.sqrt(drawn / max(1, drawn - 1))
    return np.bincount(clusters, residuals)


def clustered_wilson(right: np.ndarray, clusters: np.ndarray, strata: np.ndarray) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share where cases of one cluster are alike, for other clusters.

    It is that of the effective number of cases: as many independent ones as would give the share the variance it has
    over clusters, less where clusters are few (Korn and Graubard 1998, Survey Methodology 24(2); with Wilson's interval
    Dean and Pagano 2015, Journal of Survey Statistics and Methodology 3(4)). The variance is at least that of
    independent cases; where all cases of a stratum agree, there are as many as clusters.

    Args:
        right: 1 or 0, shape (cases,).
        clusters, strata: number of each case's cluster, and of what another sample would hold as many cases of.
    """
    share, cases = float(right.mean()), len(right)
    drawn = len(np.unique(clusters))
    freedom = max(1, drawn - len(np.unique(strata)))
    independent = sum(own.size * own.var() for own in (right[strata == stratum] for stratum in np.unique(strata)))
    variance = max((cluster_totals(right, clusters, strata) ** 2).sum(), independent) / cases**2
    effective = share * (1 - share) / variance if variance > 0 else drawn
    z = norm.ppf(0.975)
    effective *= (z / t.ppf(0.975, freedom)) ** 2
    middle = (share + z**2 / (2 * effective)) / (1 + z**2 / effective)
    half = z / (1 + z**2 / effective) * np.sqrt(share * (1 - share) / effective + (z / (2 * effective)) ** 2)
    return float(max(0.0, middle - half)), float(min(1.0, middle + half))


def confusion_intervals(table: Confusion) -> dict[str, tuple[float, float]]:
    """Return 95 % intervals of accuracy, precision, recall and F1 of a confusion table.

    The first three are proportions of fixed counts: Wilson. F1 = 2s / (1 + s) where s = tp / (tp + fp + fn)
    is a proportion too, so its Wilson interval carries over (the "indirect" method of Lam, Gopal and Qian
    2023, arXiv 2309.14621, who find its coverage better than that of the delta method).
    """
    tp, fp, fn, tn = table
    low, high = wilson(tp, tp + fp + fn)
    return {
        "accuracy": wilson(tp + tn, sum(table)),
        "precision": wilson(tp, tp + fp),
        "recall": wilson(tp, tp + fn),
        "f1": (2 * low / (1 + low), 2 * high / (1 + high)),
    }
