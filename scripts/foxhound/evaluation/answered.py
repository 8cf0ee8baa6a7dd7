"""Measure what models answer at a wished error rate, and how often they are wrong, on folds that set no limit."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from foxhound.evaluation.bootstrap import ratio, with_seeds
from foxhound.evaluation.conformal import ASK, HATEFUL, NOT_HATEFUL, limits
from foxhound.evaluation.diagnostics import at_last_epoch
from foxhound.evaluation.epoch_curves import interval, shared_weights
from foxhound.evaluation.operating_points import that_read_comments
from foxhound.evaluation.platt import fit_line, log_odds
from foxhound.evaluation.pooled_runs import Group, Run, Runs

ERROR_RATE = "error_rate"
"""What is wished for, in `recommendation.operating`."""
SHOWN = ("missed", "accused", "asked")
ANSWERED = (
    *(*Group._fields, "epoch", "seeds", "n", ERROR_RATE),
    *(name + end for name in SHOWN for end in ("", "_low", "_high")),
    *("groups", "worst_group"),
)
FEWEST = 20  # comments of a group that is looked at by itself


def cross_answers(run: Run, probabilities: np.ndarray, rates: Sequence[float]) -> np.ndarray:
    """Return the answers to each comment at each rate, (rates, comments), by limits from the other folds.

    Args:
        run: its folds, labels and comments.
        probabilities: as the model gives them, shape (comments,).
    """
    odds = log_odds(probabilities)
    found = np.full((len(rates), len(odds)), ASK, object)
    for fold in np.unique(run.pieces):
        own = run.pieces == fold
        if len(np.unique(run.labels[~own])) < 2:
            continue
        line = fit_line(run.labels[~own], odds[~own])
        mine, others = line.applied(odds[own]), line.applied(odds[~own])
        for number, rate in enumerate(rates):
            found[number, own] = limits(run.labels[~own], others, rate).answers(mine)
    return found


def measures(labels: np.ndarray, found: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return how many hateful comments are missed, how many others accused, and of how many a person is asked.

    Args:
        found: answers, shape (rates, comments).
        weights: of each comment, shape (comments, weightings).

    Returns:
        Shares of the hateful comments, of the others, and of all, (3, rates, weightings).
    """
    missed = ((found == NOT_HATEFUL) & (labels == 1)).astype(np.float32) @ weights
    accused = ((found == HATEFUL) & (labels == 0)).astype(np.float32) @ weights
    asked = (found == ASK).astype(np.float32) @ weights
    hateful, everyone = labels.astype(np.float32) @ weights, weights.sum(axis=0)
    return np.stack([
        ratio(part, np.broadcast_to(whole, part.shape), np.nan)
        for part, whole in ((missed, hateful), (accused, everyone - hateful), (asked, everyone))
    ])  # fmt: skip


def answered_table(
    runs: Runs, protocols: Iterable[str], rates: Sequence[float], groups: np.ndarray, draws: int, seed: int
) -> pd.DataFrame:
    """Return what each model that reads comments answers under folds at each error rate, and where it errs.

    Args:
        protocols: names of fold protocols; others are left out.
        groups: of each comment of the corpus, in the order of `Run.comments`.
        draws, seed: of the bootstrap over comments, crossed with the seeds.

    Returns:
        Columns ANSWERED. missed, accused and asked: as in `measures`, means over seeds with 95 % intervals, the limits
        held as they are. groups: how many groups have FEWEST comments; worst_group: the largest share of wrong answers
        in one of them.
    """
    rows: list[dict[str, Any]] = []
    for about, several, probabilities in at_last_epoch(that_read_comments(runs, protocols)):
        found = [cross_answers(run, p, rates) for run, p in zip(several, probabilities, strict=True)]
        ones = [np.ones((len(run.comments), 1), np.float32) for run in several]
        points, samples = (
            np.stack([measures(run.labels, one, w) for run, one, w in zip(several, found, by, strict=True)])
            for by in (ones, shared_weights(several, draws, seed))
        )
        count, worst = _by_group(several, found, groups)
        about["n"] = float(np.mean([len(run.comments) for run in several]))
        for number, rate in enumerate(rates):
            row = about | {ERROR_RATE: float(rate), "groups": count, "worst_group": worst[number]}
            for place, name in enumerate(SHOWN):
                low, high = np.clip(interval(with_seeds(samples[:, place, number][:, None])), 0, 1)
                row |= {name: float(points[:, place, number, 0].mean())}
                row |= {f"{name}_low": float(low[0]), f"{name}_high": float(high[0])}
            rows.append(row)
    return pd.DataFrame(rows, columns=list(ANSWERED)).astype({"learning_rate": "float64"})


def _by_group(several: Sequence[Run], found: Sequence[np.ndarray], groups: np.ndarray) -> tuple[int, list[float]]:
    """Return how many groups are large enough, and the worst share of wrong answers among them, (rates,)."""
    wrong = np.concatenate(
        [((one == HATEFUL) & (run.labels == 0)) | ((one == NOT_HATEFUL) & (run.labels == 1))
         for run, one in zip(several, found, strict=True)], axis=1)  # fmt: skip
    codes = pd.factorize(np.concatenate([groups[run.comments] for run in several]))[0]
    sizes = np.bincount(codes) / len(several)
    large = sizes >= FEWEST
    if large.sum() < 2:
        return 0, [np.nan] * len(wrong)
    shares = [np.bincount(codes, one)[large] / (sizes[large] * len(several)) for one in wrong]
    return int(large.sum()), [float(one.max()) for one in shares]
