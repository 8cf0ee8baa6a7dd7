"""Calibrate probabilities on held-out comments, and measure on other comments how well calibrated they then are."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from foxhound.errors import FoxhoundError
from foxhound.evaluation.bootstrap import (
    CALIBRATION_BINS,
    calibration_bins,
    cluster_weights,
    percentile_intervals,
    weighted_metrics,
)
from foxhound.evaluation.platt import Line, fit_line, log_odds
from foxhound.evaluation.thresholds import best_threshold

PIECES = 10  # into which the comments of a draw are cut
REDRAWN = 1000  # times that labels are drawn from probabilities


class Calibration(NamedTuple):
    """Log-odds z become slope * z + intercept (Platt 1999); comments from `threshold` on are called hateful."""

    slope: float
    intercept: float
    threshold: float

    @property
    def line(self) -> Line:
        """Return what is done to log-odds."""
        return Line(self.slope, self.intercept)


class Calibrated(NamedTuple):
    """How well calibrated held-out probabilities are, of comments that their calibration did not see.

    brier: Brier score with its 95 % interval over comments.
    ece: expected calibration error. A bootstrap would only add noise to it, and its interval lie above the truth.
    ece_of_perfect: what ECE would be if these very probabilities were true, its mean and 95 % range; it is not 0, as
        labels are few.
    """

    brier: tuple[float, float, float]
    ece: float
    ece_of_perfect: tuple[float, float, float]


def calibrate(labels: np.ndarray, probabilities: np.ndarray) -> Calibration:
    """Fit a calibration to held-out predictions, arrays of shape (comments,).

    Raises:
        FoxhoundError: the predictions rank comments no better than chance.
    """
    odds = log_odds(probabilities)
    line = fit_line(labels, odds)
    if line.slope <= 0:
        raise FoxhoundError(
            "The final model ranks held-out comments no better than chance. Choose another one in config.yaml, under "
            "`final`; the report shows which models do better."
        )
    # The threshold with the highest expected F1, as the scores on held-out comments were decided by.
    calibrated = line.applied(odds)
    return Calibration(*line, best_threshold(calibrated, calibrated))


def cross_calibrated(predictions: pd.DataFrame) -> np.ndarray:
    """Return each prediction as calibrated on the other folds; in draws, on nine tenths of the comments, not its own.

    Args:
        predictions: columns id, label, p_hateful and fold_or_split, a row per comment (and seed or draw).
    """
    labels, odds = predictions["label"].to_numpy(), log_odds(predictions["p_hateful"].to_numpy())
    pieces = pd.factorize(predictions["fold_or_split"])[0]
    in_pieces = predictions.groupby("id", observed=True)["fold_or_split"].nunique()
    if in_pieces.max() > 1 or not pieces.any():  # draws, which share comments, or a single one
        fewest = int(np.bincount(predictions.drop_duplicates("id")["label"]).min())
        splitter = StratifiedGroupKFold(min(PIECES, max(2, fewest)), shuffle=True, random_state=0)
        for piece, (_, own) in enumerate(splitter.split(odds, labels, predictions["id"])):
            pieces[own] = piece
    p = np.empty(len(odds))
    for piece in np.unique(pieces):
        own = pieces == piece
        p[own] = fit_line(labels[~own], odds[~own]).applied(odds[own])
    return p


def measure_calibration(predictions: pd.DataFrame, draws: int, seed: int) -> Calibrated:
    """Return how well `cross_calibrated` probabilities agree with the labels.

    Args:
        draws, seed: of the bootstrap. A comment that several seeds or draws score is drawn with all its predictions.
    """
    labels, p = predictions["label"].to_numpy(), cross_calibrated(predictions)
    ids = pd.factorize(predictions["id"], sort=True)[0]
    samples = weighted_metrics(labels, p, cluster_weights(ids, draws, seed))
    points = weighted_metrics(labels, p, np.ones((len(p), 1), np.float32))
    brier = (float(points["brier"][0]), *percentile_intervals({"brier": samples["brier"]})["brier"])
    return Calibrated(brier, float(points["ece"][0]), error_of_perfect(p, ids, seed))


def error_of_perfect(p: np.ndarray, ids: np.ndarray, seed: int) -> tuple[float, float, float]:
    """Return mean and 95 % range of the calibration error, labels being drawn from each comment's mean probability."""
    generator = np.random.default_rng(seed)
    true = np.bincount(ids, p) / np.bincount(ids)
    bins = calibration_bins(p)
    errors = []
    for _ in range(REDRAWN):
        residual = p - (generator.random(len(true)) < true)[ids]
        errors.append(np.abs(np.bincount(bins, residual, CALIBRATION_BINS)).sum() / len(p))
    low, high = np.quantile(errors, [0.025, 0.975])
    return float(np.mean(errors)), float(low), float(high)
