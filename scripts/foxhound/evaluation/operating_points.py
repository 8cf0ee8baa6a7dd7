"""Say what a model is worth to people who moderate: acting alone above a threshold, or sending comments to people."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from foxhound.evaluation.bootstrap import ratio, with_seeds
from foxhound.evaluation.diagnostics import at_last_epoch
from foxhound.evaluation.epoch_curves import interval, shared_weights
from foxhound.evaluation.platt import fit_line, log_odds
from foxhound.evaluation.pooled_runs import Group, Run, Runs
from foxhound.names import ALARMS, DUMMIES

THRESHOLD, PRECISION, REVIEWED = "threshold", "precision", "reviewed"
"""Rules: a threshold as given; the lowest that promises a precision; the one that sends a share to people."""
GRID = tuple(np.arange(2, 99, 2) / 100)
SHOWN = ("precision", "recall", "share")
OPERATING = (
    *(*Group._fields, "epoch", "seeds", "n", "rule", "wish", "threshold"),
    *(name + end for name in SHOWN for end in ("", "_low", "_high")),
)
NEVER = np.inf
"""A threshold that no probability reaches: what was wished for cannot be had."""


def promised(probabilities: np.ndarray, precision: float) -> float:
    """Return the lowest threshold above which calibrated probabilities promise a precision: their mean there.

    It is the expected precision, which follows the noise of few labels less than the share of hateful ones does.

    Args:
        probabilities: calibrated, shape (comments,).

    Returns:
        One of the probabilities, or NEVER.
    """
    ranked = np.sort(probabilities)[::-1]
    enough = np.flatnonzero(np.cumsum(ranked) / np.arange(1, len(ranked) + 1) >= precision)
    return float(ranked[enough[-1]]) if len(enough) else NEVER


def budgeted(probabilities: np.ndarray, share: float) -> float:
    """Return the threshold that at most a share of these comments reaches."""
    ranked = np.sort(probabilities)[::-1]
    within = int(share * len(ranked) + 1e-9)
    return float(ranked[within - 1]) if within else NEVER


CHOICES = {PRECISION: promised, REVIEWED: budgeted}


def flagged(run: Run, probabilities: np.ndarray, wishes: Sequence[tuple[str, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Decide each comment by what the other folds say: how probabilities are calibrated, and where the threshold lies.

    Args:
        run: its folds, labels and comments.
        probabilities: as the model gives them, shape (comments,).
        wishes: rules, each with its threshold, precision or share.

    Returns:
        Which comments each wish flags, (wishes, comments), and the mean threshold of the folds, (wishes,).
    """
    odds = log_odds(probabilities)
    flags = np.zeros((len(wishes), len(odds)), bool)
    folds = np.unique(run.pieces)
    thresholds = np.empty((len(wishes), len(folds)))
    for place, fold in enumerate(folds):
        own = run.pieces == fold
        if len(np.unique(run.labels[~own])) < 2:  # nothing to calibrate on
            thresholds[:, place] = NEVER
            continue
        line = fit_line(run.labels[~own], odds[~own])
        mine, others = line.applied(odds[own]), line.applied(odds[~own])
        for number, (rule, wish) in enumerate(wishes):
            cut = wish if rule == THRESHOLD else CHOICES[rule](others, wish)
            thresholds[number, place] = cut
            # Equal probabilities differ in the last bits after calibration.
            flags[number, own] = mine >= cut - 1e-12
    return flags, thresholds.mean(axis=1)


def measures(labels: np.ndarray, flags: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return precision, recall and share flagged, (3, wishes, weightings); precision is nan where nothing is flagged.

    Args:
        flags: shape (wishes, comments).
        weights: of each comment, shape (comments, weightings).
    """
    flagged_weight = flags.astype(np.float32) @ weights
    true = (flags * labels).astype(np.float32) @ weights
    hateful, all_weight = labels.astype(np.float32) @ weights, weights.sum(axis=0)
    return np.stack([
        ratio(true, flagged_weight, np.nan),
        ratio(true, np.broadcast_to(hateful, true.shape), np.nan),
        ratio(flagged_weight, np.broadcast_to(all_weight, true.shape), np.nan),
    ])  # fmt: skip


def that_read_comments(runs: Runs, protocols: Iterable[str]) -> Runs:
    """Return the models that read comments, on the test parts of these protocols."""
    chosen = set(protocols)
    return {
        group: several
        for group, several in runs.items()
        if group.protocol in chosen and group.part == "test" and group.model not in (*DUMMIES, *ALARMS)
    }


def operating_table(
    runs: Runs, protocols: Iterable[str], wished: Mapping[str, Sequence[float]], draws: int, seed: int
) -> pd.DataFrame:
    """Return what each model that reads comments reaches under folds, for a grid of thresholds and for each wish.

    Probabilities are calibrated, and thresholds chosen, on the other folds.

    Args:
        protocols: names of fold protocols; others are left out.
        wished: rule -> what is asked of it.
        draws: bootstrap resamples of the comments, crossed with the seeds.
        seed: of the bootstrap.

    Returns:
        Columns OPERATING: `wish` is a threshold of calibrated probability, a precision, or a share of comments;
        `threshold` the mean over folds and seeds (infinite where a fold reaches it nowhere); precision, recall and
        share are means over seeds, the folds of each pooled, with 95 % intervals over comments and seeds. They hold
        calibration and thresholds as they are.
    """
    wishes = [(THRESHOLD, float(cut)) for cut in GRID]
    wishes += [(rule, float(wish)) for rule in CHOICES for wish in wished.get(rule, ())]
    rows: list[dict[str, Any]] = []
    for about, several, probabilities in at_last_epoch(that_read_comments(runs, protocols)):
        decided = [flagged(run, p, wishes) for run, p in zip(several, probabilities, strict=True)]
        ones = [np.ones((len(run.comments), 1), np.float32) for run in several]
        weights = shared_weights(several, draws, seed)
        points, samples = (
            np.stack([measures(run.labels, flags, w) for run, (flags, _), w in zip(several, decided, by, strict=True)])
            for by in (ones, weights)
        )
        means = points[..., 0].mean(axis=0)  # without a value where a seed flags nothing
        about["n"] = float(np.mean([len(run.comments) for run in several]))
        cuts = np.mean([cut for _, cut in decided], axis=0)
        for number, (rule, wish) in enumerate(wishes):
            row = about | {"rule": rule, "wish": wish, "threshold": float(cuts[number])}
            for place, name in enumerate(SHOWN):
                point = float(means[place, number])
                low, high = _interval(samples[:, place, number])
                row |= {name: point, f"{name}_low": low, f"{name}_high": high}
            rows.append(row)
    return pd.DataFrame(rows, columns=list(OPERATING)).astype({"learning_rate": "float64"})


def _interval(samples: np.ndarray) -> tuple[float, float]:
    """Return the interval of the mean over seeds, (seeds, draws); nan where too few resamples flag anything."""
    whole = samples[:, np.isfinite(samples).all(axis=0)]
    if whole.shape[1] < samples.shape[1] / 2:
        return np.nan, np.nan
    low, high = np.clip(interval(with_seeds(whole[:, None])), 0, 1)
    return float(low[0]), float(high[0])
