"""Choose decision thresholds without the labels that they are scored on."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from foxhound.evaluation.bootstrap import THRESHOLD, ratio
from foxhound.evaluation.platt import fit_line, log_odds
from foxhound.names import DRAW, DUMMIES

RUN = ("model", "settings", "protocol", "epoch", "seed")


def best_threshold(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the threshold with the highest F1, halfway between two probabilities; among equals the one nearest to .5.

    With calibrated probabilities in place of labels it is the threshold with the highest expected F1 (Lewis 1995,
    "Evaluating and optimizing autonomous text classification systems").

    Arrays of shape (comments,); .5 where no comment is hateful.
    """
    order = np.argsort(-probabilities, kind="stable")
    ranked, hits = probabilities[order], np.cumsum(labels[order])
    if not len(ranked) or not hits[-1]:
        return THRESHOLD
    f1 = ratio(2 * hits, np.arange(1, len(hits) + 1) + hits[-1], 0.0)
    # A cut is possible only where the probability falls.
    f1[:-1][ranked[:-1] == ranked[1:]] = -1
    cuts = (ranked + np.append(ranked[1:], 0.0)) / 2
    equals = np.flatnonzero(f1 >= f1.max() - 1e-12)
    return float(cuts[equals[np.argmin(np.abs(cuts[equals] - THRESHOLD))]])


def choose_threshold(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the threshold with the highest expected F1, once the probabilities are calibrated to these labels.

    The calibration is logistic in the log-odds (Platt 1999), so that two numbers are learned. The threshold with the
    highest F1 on the labels themselves follows their noise: its error shrinks with the cube root of their number, and
    two models that rank equally well then differ in F1 by more than a test of their decisions can know of
    (benchmarks/null_rate.py).

    Arrays of shape (comments,). .5 where only one class is there; 0, which calls everything hateful, where hateful
    comments do not have the higher probabilities: no other threshold has a higher F1.
    """
    if len(np.unique(labels)) < 2:
        return THRESHOLD
    odds = log_odds(probabilities)
    line = fit_line(labels, odds)
    if line.slope <= 0:
        return 0.0
    calibrated = line.applied(odds)
    return float(expit((logit(best_threshold(calibrated, calibrated)) - line.intercept) / line.slope))


def thresholds_from_elsewhere(pieces: np.ndarray, labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return for each comment the threshold that `choose_threshold` finds on the other pieces; nan for a single piece.

    Args:
        pieces: the name of each comment's piece (a fold, or a part of a draw), shape (comments,), as the others.
    """
    thresholds = np.full(len(pieces), np.nan)
    names = pd.unique(pd.Series(pieces))
    if len(names) > 1:
        for name in names:
            others = pieces != name
            thresholds[~others] = choose_threshold(labels[others], probabilities[others])
    return thresholds


def held_out_thresholds(predictions: pd.DataFrame, run: Sequence[str] = RUN) -> pd.Series:
    """Return for each prediction a threshold that was chosen without its own label; nan where none can be.

    A fold takes the threshold that `choose_threshold` finds on the predictions of the other folds, which are the
    comments that its model trained on. A label of the scored fold is never read. What is left of it is a trace: the
    models behind the other folds' predictions did train on it. Strictly nested, every model would be trained once more
    per pair of folds. In simulation that changed F1 by .002 at most with ten folds, and F1 as it is here was that on
    fresh comments within its error of .005, with ten folds and with three (benchmarks/threshold_optimism.py).

    In a draw the test part takes the threshold of the validation part, and the other way round. A draw without a
    validation part gets none. The dummies, which are decisions and not scores, keep .5.

    Args:
        predictions: columns of the table `predictions`, and `protocol`.
        run: the columns that tell runs apart.
    """
    thresholds = pd.Series(np.nan, predictions.index)
    for _, rows in predictions.groupby(list(run), observed=True, sort=False, dropna=False):
        if rows["model"].iloc[0] in DUMMIES:
            thresholds.loc[rows.index] = THRESHOLD
            continue
        drawn = ("/" + DRAW) in str(rows["fold_or_split"].iloc[0])
        pieces = rows["part" if drawn else "fold_or_split"].astype(str).to_numpy()
        arrays = rows["label"].to_numpy(), rows["p_hateful"].to_numpy().astype(np.float64)
        thresholds.loc[rows.index] = thresholds_from_elsewhere(pieces, *arrays)
    return thresholds
