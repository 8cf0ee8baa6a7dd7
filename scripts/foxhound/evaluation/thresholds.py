"""Choose decision thresholds without the labels that they are scored on."""

import numpy as np
import pandas as pd

from foxhound.evaluation.bootstrap import THRESHOLD, ratio

RUN = ["model", "settings", "protocol", "epoch", "seed"]


def best_threshold(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the threshold with the highest F1, halfway between two probabilities; among equals the one nearest to .5.

    With probabilities in place of labels it is the threshold with the highest expected F1 under the model, which needs
    no label (Lewis 1995, "Evaluating and optimizing autonomous text classification systems").

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


def held_out_thresholds(predictions: pd.DataFrame) -> pd.Series:
    """Return for each prediction a threshold that was chosen without its own label.

    A fold takes the best threshold of the other folds' predictions. In a draw the test part takes that of the
    validation part, and the other way round; without a validation part it takes the one with the highest expected F1.

    Args:
        predictions: columns of the table `predictions`, and `protocol`.
    """
    thresholds = pd.Series(np.nan, predictions.index)
    for _, run in predictions.groupby(RUN, observed=True, sort=False):
        pieces = run["fold_or_split"] if run["fold_or_split"].nunique() > 1 else run["part"]
        names = pieces.astype(str).to_numpy()
        labels, probabilities = run["label"].to_numpy(), run["p_hateful"].to_numpy().astype(np.float64)
        if len(set(names)) == 1:
            thresholds.loc[run.index] = best_threshold(probabilities, probabilities)
            continue
        for piece in dict.fromkeys(names):
            others = names != piece
            thresholds.loc[run.index[~others]] = best_threshold(labels[others], probabilities[others])
    return thresholds
