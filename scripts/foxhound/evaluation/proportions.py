"""Compute intervals of proportions, and of the metrics of a confusion table."""

from typing import NamedTuple

from scipy.stats import binomtest


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
