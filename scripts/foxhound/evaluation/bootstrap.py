"""Bootstrap every metric at once. A resample is a vector of weights, so that no row is ever copied."""

from functools import lru_cache

import numpy as np
from scipy.stats import norm, t

from foxhound.names import TUNED

METRICS = (
    "accuracy",
    "precision",
    "recall",
    "f1",
    "macro_f1",
    "auroc",
    "average_precision",
    "brier",
    "ece",
)
THRESHOLD = 0.5
CALIBRATION_BINS = 10
Samples = dict[str, np.ndarray]


def _counts(comments: int, draws: int, seeds: list[int]) -> np.ndarray:
    """Draw so many comments with replacement, and count: (comments, draws) float32, every column sums to `comments`."""
    picks = np.random.default_rng(seeds).integers(0, comments, size=(draws, comments))
    # One flat bincount: numpy's multinomial is slow with as many categories as comments.
    flat = picks + comments * np.arange(draws)[:, None]
    counts = np.bincount(flat.ravel(), minlength=draws * comments).reshape(draws, comments)
    return np.ascontiguousarray(counts.T, dtype=np.float32)


@lru_cache(maxsize=4)
def resampling_weights(comments: int, draws: int, seed: int) -> np.ndarray:
    """Return how often each comment is drawn in each bootstrap resample.

    The weights depend on nothing but the arguments: models scored on the same comments are resampled alike,
    and a model's interval does not change when another model joins the experiment.

    Returns:
        Read-only float32 array of shape (comments, draws); every column sums to `comments`.
    """
    weights = _counts(comments, draws, [seed, comments])
    weights.flags.writeable = False
    return weights


@lru_cache(maxsize=1)
def weights_within_folds(folds: tuple[int, ...], draws: int, seed: int) -> np.ndarray:
    """Return how often each comment is drawn where every fold draws its own comments, as many as it has.

    Args:
        folds: number of each comment's fold, (comments,).

    Returns:
        Read-only float32 array of shape (comments, draws); a fold's rows sum to its size in every column.
    """
    numbers = np.array(folds)
    weights = np.empty((len(numbers), draws), dtype=np.float32)
    for fold in np.unique(numbers):
        own = numbers == fold
        weights[own] = _counts(int(own.sum()), draws, [seed, int(fold), len(numbers)])
    weights.flags.writeable = False
    return weights


def cluster_weights(clusters: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Return how often each comment is drawn where whole clusters (articles, users) are drawn: as often as its cluster.

    Intervals are then those of another sample of articles, not of other comments on the same articles (Cameron, Gelbach
    and Miller 2008, Review of Economics and Statistics 90(3)).

    Args:
        clusters: number of each comment's cluster, shape (comments,), from 0 without gaps.
    """
    return resampling_weights(int(clusters.max()) + 1, draws, seed)[clusters]


def ratio(numerator: np.ndarray, denominator: np.ndarray, otherwise: float) -> np.ndarray:
    """Return `numerator / denominator`, and `otherwise` where the denominator is 0."""
    quotients = np.full(np.shape(denominator), otherwise, dtype=np.float64)
    return np.divide(numerator, denominator, out=quotients, where=np.asarray(denominator) != 0)


def calibration_bins(probabilities: np.ndarray) -> np.ndarray:
    """Return the equal-width bin (0 to 9) of each probability; 1 belongs to the last one."""
    return np.minimum((probabilities * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)


def _ranking_metrics(labels: np.ndarray, probabilities: np.ndarray, weights: np.ndarray) -> Samples:
    """Return weighted AUROC (ties count half) and average precision, shape (draws,); nan where a class is absent.

    Only tie groups that hold a hateful comment add to either sum, which spares most of the work.
    """
    order = np.argsort(-probabilities, kind="stable")
    ranked, hateful = probabilities[order], labels[order] == 1
    draws = weights.shape[1]
    if not hateful.any():
        return dict.fromkeys(("auroc", "average_precision"), np.full(draws, np.nan))
    # Row r of `above` is the weight of the first r comments; float32 holds such sums exactly.
    above = np.zeros((len(ranked) + 1, draws), dtype=np.float32)
    np.cumsum(weights[order], axis=0, out=above[1:])
    rows = np.flatnonzero(hateful)
    group_starts = np.flatnonzero(np.r_[True, ranked[rows][1:] != ranked[rows][:-1]])
    scores = -ranked[rows[group_starts]]
    first, last = (np.searchsorted(-ranked, scores, side=side) for side in ("left", "right"))
    true = np.add.reduceat(weights[order[rows]], group_starts, axis=0).astype(np.float64)
    retrieved = above[last].astype(np.float64)
    true_so_far = np.cumsum(true, axis=0)
    positives = true_so_far[-1]
    negatives = above[-1] - positives
    negatives_tied = retrieved - above[first] - true
    negatives_below = negatives - (retrieved - true_so_far)
    wins = np.sum(true * (negatives_below + 0.5 * negatives_tied), axis=0)
    precision = ratio(true_so_far, retrieved, 0.0)
    return {
        "auroc": ratio(wins, positives * negatives, np.nan),
        "average_precision": ratio(np.sum(true * precision, axis=0), positives, np.nan),
    }


def _mean_over_folds(
    labels: np.ndarray, probabilities: np.ndarray, weights: np.ndarray, folds: np.ndarray | None
) -> Samples:
    """Return the mean over folds of AUROC and average precision, shape (draws,).

    Models of different folds differ in level, and AUROC of pooled folds takes that for lack of skill (Forman and Scholz
    2010, SIGKDD Explorations 12(1)). A fold counts as often as its comments were drawn; one that lacks a class in a
    resample is left out of it.
    """
    if folds is None or (folds == folds[0]).all():
        return _ranking_metrics(labels, probabilities, weights)
    sums = {name: np.zeros(weights.shape[1]) for name in ("auroc", "average_precision")}
    counted = np.zeros(weights.shape[1])
    for fold in np.unique(folds):
        own = folds == fold
        drawn = weights[own]
        of_fold = _ranking_metrics(labels[own], probabilities[own], drawn)
        ranked = np.isfinite(of_fold["auroc"])
        share = np.where(ranked, drawn.sum(axis=0, dtype=np.float64) / own.sum(), 0.0)
        counted += share
        for name, total in sums.items():
            total += share * np.where(ranked, of_fold[name], 0.0)
    return {name: ratio(total, counted, np.nan) for name, total in sums.items()}


def weighted_metrics(
    labels: np.ndarray,
    probabilities: np.ndarray,
    weights: np.ndarray,
    thresholds: np.ndarray | None = None,
    folds: np.ndarray | None = None,
    within: np.ndarray | None = None,
) -> Samples:
    """Return every metric for every resample.

    Args:
        labels: 1 for hateful, 0 for not, shape (comments,).
        probabilities: of being hateful, in [0, 1], shape (comments,).
        weights: of each comment in each resample, shape (comments, draws).
        thresholds: of each comment, shape (comments,), for the F1 called TUNED, which is nan without them.
        folds: number of each comment's fold, shape (comments,): AUROC and average precision are means over folds.
        within: weights for these two where they are drawn otherwise, as `weights_within_folds` draws them.

    Returns:
        For each name in METRICS, and for TUNED, a float64 array of shape (draws,). As in scikit-learn, precision,
        recall and F1 are 0 where they would divide by 0; AUROC is nan where a resample holds one class only, average
        precision where it holds no hateful comment. `ece` is the expected calibration error of Guo et al.
        (2017, section 2) for the hateful class: the mean distance, over ten equal-width bins, between
        probability and share of hateful comments.
    """
    labels = np.asarray(labels, dtype=np.float64)
    probabilities = np.asarray(probabilities, dtype=np.float64)
    predicted = (probabilities >= THRESHOLD).astype(np.float64)
    residual = probabilities - labels
    binned = np.where(calibration_bins(probabilities) == np.arange(CALIBRATION_BINS)[:, None], residual, 0.0)
    tuned = predicted if thresholds is None else (probabilities >= thresholds).astype(np.float64)
    rows = [labels * predicted, labels, predicted, np.ones_like(labels), residual**2, labels * tuned, tuned, binned]
    sums = np.vstack(rows).astype(np.float32) @ weights
    tp, positives, predictions, total, squared, tuned_tp, tuned_predictions = sums[:7].astype(np.float64)
    tuned_f1 = ratio(2 * tuned_tp, tuned_predictions + positives, 0.0)
    fp, fn = predictions - tp, positives - tp
    tn = total - tp - fp - fn
    f1 = ratio(2 * tp, 2 * tp + fp + fn, 0.0)
    return {
        "accuracy": ratio(tp + tn, total, np.nan),
        "precision": ratio(tp, predictions, 0.0),
        "recall": ratio(tp, positives, 0.0),
        "f1": f1,
        "macro_f1": (f1 + ratio(2 * tn, 2 * tn + fp + fn, 0.0)) / 2,
        **_mean_over_folds(labels, probabilities, weights if within is None else within, folds),
        "brier": ratio(squared, total, np.nan),
        TUNED: np.full_like(tuned_f1, np.nan) if thresholds is None else tuned_f1,
        "ece": ratio(np.abs(sums[7:].astype(np.float64)).sum(axis=0), total, np.nan),
    }


def with_seeds(of_seeds: np.ndarray) -> np.ndarray:
    """Return resamples of the mean over seeds whose spread covers other comments and other seeds.

    The mean of these very seeds varies with the comments, by more or less as they share them. What training with
    another seed adds is the variance of the scores between seeds, beyond what comments that they do not share explain.
    The deviations of the mean are stretched to the sum of both, times a quantile of Student's t over that of the normal
    distribution, with the degrees of freedom that Satterthwaite (1946, Biometrics Bulletin 2(6)) gives the sum. To
    draw seeds, too, would count comments that seeds do not share twice, and have two or three seeds vary too little.

    Args:
        of_seeds: scores in resamples of the comments, in which a comment has the same weight under every seed that
            scores it, shape (seeds, ..., draws); nan where a resample has no score.

    Returns:
        Shape (..., draws), not confined to where scores can lie.
    """
    seeds, mean = len(of_seeds), of_seeds.mean(axis=0)
    if seeds == 1 or not np.isfinite(mean).any():
        return mean
    centre, of_mean = np.nanmean(mean, axis=-1, keepdims=True), np.nanvar(mean, axis=-1, keepdims=True)
    of_one = np.nanvar(of_seeds, axis=-1, keepdims=True).mean(axis=0)
    shared = np.maximum((seeds * of_mean - of_one) / (seeds - 1), 0)
    between = np.nanmean(of_seeds, axis=-1, keepdims=True).var(axis=0, ddof=1)
    training = np.maximum(between - (of_one - shared), 0) / seeds
    total = shared + (of_one - shared) / seeds + training
    freedom = (seeds - 1) * ratio(total, training, np.inf) ** 2
    # Where nothing but seeds varies (to a few bits), deviations are those of a normal distribution.
    evenly = norm.ppf((np.arange(mean.shape[-1]) + 0.5) / mean.shape[-1])
    varies = of_mean > 1e-9 * total
    deviations = np.where(varies, (mean - centre) / np.sqrt(np.where(varies, of_mean, 1.0)), evenly)
    return centre + deviations * np.sqrt(total) * t.ppf(0.975, freedom) / norm.ppf(0.975)


def mean_over_seeds(samples: list[Samples]) -> Samples:
    """Return for each metric the mean over seeds, with the spread of `with_seeds`, from 0 to 1.

    Args:
        samples: `weighted_metrics` of each seed, from the same weights, arrays of shape (draws,).
    """
    stacked = {name: np.stack([of_seed[name] for of_seed in samples]) for name in samples[0]}
    return {name: np.clip(with_seeds(of_seeds), 0.0, 1.0) for name, of_seeds in stacked.items()}


def mean_of_these_seeds(samples: list[Samples]) -> Samples:
    """Return for each metric the mean over seeds in every resample of the comments: these trained models, no others."""
    return {name: np.mean([of_seed[name] for of_seed in samples], axis=0) for name in samples[0]}


def tail(units: int | None = None) -> float:
    """Return the share of resamples beyond each end of a 95 % interval: .025, and less where few units are drawn.

    A percentile interval of k units is too narrow as if sqrt((k - 1) / k) and the normal distribution stood for the
    standard error and Student's t. The percentiles are moved outward by as much (the expanded percentile interval;
    Hesterberg 2015, The American Statistician 69(4)).

    Args:
        units: how many clusters are drawn, 2 or more; None for so many that it does not matter.
    """
    return 0.025 if units is None else float(norm.cdf(-np.sqrt(units / (units - 1)) * t.ppf(0.975, units - 1)))


def percentile_intervals(samples: Samples, units: int | None = None) -> dict[str, tuple[float, float]]:
    """Return the central 95 % of each metric's resamples (Efron and Tibshirani 1993, chapter 13), or nan.

    Resamples without a value (no AUROC where a class is missing) are left out. The calibration error is never negative
    and grows with noise, so its interval is biased upwards.

    Args:
        units: of `tail`, where clusters were drawn.
    """
    below = tail(units)
    intervals = {}
    for name, values in samples.items():
        finite = values[np.isfinite(values)]
        low, high = np.quantile(finite, [below, 1 - below]) if len(finite) else (np.nan, np.nan)
        intervals[name] = (float(low), float(high))
    return intervals
