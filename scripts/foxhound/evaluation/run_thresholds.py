"""Choose thresholds for runs that are arrays, as `thresholds.held_out_thresholds` does for tables of predictions."""

import numpy as np

from foxhound.evaluation.bootstrap import THRESHOLD
from foxhound.evaluation.pooled_runs import Group, Run, Runs
from foxhound.evaluation.thresholds import choose_threshold, thresholds_from_elsewhere
from foxhound.names import DUMMIES


def run_thresholds(runs: Runs, group: Group, run: Run, epoch: int) -> np.ndarray:
    """Return for each comment of a run the threshold that `held_out_thresholds` gives it, shape (comments,).

    Args:
        runs: all, among them the other part of a draw.
        group: that of `run`.
        epoch: after which the run decides.
    """
    if group.model in DUMMIES:
        return np.full(len(run.comments), THRESHOLD)
    at = np.array([epoch])
    if not run.drawn:
        return thresholds_from_elsewhere(run.pieces, run.labels, run.at(at)[0].astype(np.float64))
    others = [
        other
        for place in runs
        if place._replace(part=group.part) == group and place != group
        for other in runs[place]
        if other.seed == run.seed and epoch in other.epochs
    ]
    if not others:
        return np.full(len(run.comments), np.nan)
    labels = np.concatenate([other.labels for other in others])
    probabilities = np.concatenate([other.at(at)[0] for other in others]).astype(np.float64)
    return np.full(len(run.comments), choose_threshold(labels, probabilities))
