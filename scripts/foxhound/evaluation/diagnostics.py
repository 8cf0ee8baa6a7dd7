"""Show where a model errs: its calibration, its precision at each recall, and its scores article by article."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from foxhound.evaluation.bootstrap import CALIBRATION_BINS, THRESHOLD, calibration_bins, with_seeds
from foxhound.evaluation.epoch_curves import interval, shared_weights
from foxhound.evaluation.pooled_runs import Group, Run, Runs, common_epochs
from foxhound.evaluation.proportions import Confusion, confusion_intervals, wilson
from foxhound.evaluation.scoring import score_confusion

ABOUT = (*Group._fields, "epoch", "seeds")
CALIBRATION = (*ABOUT, "bin", "n", "mean_probability", "share_hateful", "share_hateful_low", "share_hateful_high")
PRECISION_RECALL = (*ABOUT, "n", "share_hateful", "recall", "precision", "precision_low", "precision_high")
ARTICLES = (
    *(*ABOUT, "thread", "n", "hateful"),
    *(name + end for name in ("f1", "accuracy") for end in ("", "_low", "_high")),
)
RECALLS = np.arange(1, 101) / 100


def at_last_epoch(runs: Runs) -> Iterator[tuple[dict[str, Any], list[Run], list[np.ndarray]]]:
    """Yield of each group its names, its runs, and their probabilities (comments,) after the last epoch."""
    for group, several in runs.items():
        epoch = common_epochs(several)[-1:]
        about = group._asdict() | {"epoch": int(epoch[0]), "seeds": len(several)}
        yield about, several, [run.at(epoch)[0].astype(np.float64) for run in several]


def _table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns)).astype({"learning_rate": "float64"})


def calibration_table(runs: Runs) -> pd.DataFrame:
    """Return probability and share of hateful comments in ten equal-width bins, after each group's last epoch.

    Returns:
        Columns CALIBRATION, a row per bin that holds a prediction. `n` is the mean over seeds. The interval is Wilson's
        for `n` comments, whatever the number of seeds: predictions of one comment under several seeds are not
        independent.
    """
    rows: list[dict[str, Any]] = []
    for about, several, probabilities in at_last_epoch(runs):
        labels, p = np.concatenate([run.labels for run in several]), np.concatenate(probabilities)
        bins = calibration_bins(p)
        sizes, hits, sums = (np.bincount(bins, values, CALIBRATION_BINS) for values in (np.ones_like(p), labels, p))
        for place in np.flatnonzero(sizes):
            size, hateful = sizes[place], hits[place]
            low, high = wilson(round(hateful / len(several)), max(1, round(size / len(several))))
            values = (place, size / len(several), sums[place] / size, hateful / size, low, high)
            rows.append(about | dict(zip(CALIBRATION[len(ABOUT) :], values, strict=True)))
    return _table(rows, CALIBRATION)


def precision_at_recalls(labels: np.ndarray, probabilities: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return precision at the highest threshold whose recall is at least each of RECALLS, without interpolation.

    Args:
        labels, probabilities: shape (comments,); comments of equal probability are retrieved together.
        weights: of each comment, shape (comments, weightings).

    Returns:
        Shape (recalls, weightings); nan where no hateful comment has any weight.
    """
    order = np.argsort(-probabilities, kind="stable")
    ranked, drawn = probabilities[order], weights[order]
    ends = np.flatnonzero(np.r_[ranked[1:] != ranked[:-1], True])
    retrieved = np.cumsum(drawn, axis=0, dtype=np.float64)[ends]
    hits = np.cumsum(drawn * labels[order, None], axis=0, dtype=np.float64)[ends]
    precision = np.full((len(RECALLS), weights.shape[1]), np.nan)
    for column in np.flatnonzero(hits[-1]):
        # The slack keeps .07 * 100 hateful comments at 7.
        needed = np.ceil(RECALLS * hits[-1, column] - 1e-9)
        place = np.searchsorted(hits[:, column], needed)
        precision[:, column] = hits[place, column] / retrieved[place, column]
    return precision


def precision_recall_table(runs: Runs, draws: int, seed: int) -> pd.DataFrame:
    """Return precision at a hundred recalls, mean over seeds, with a bootstrap band, after each group's last epoch.

    Args:
        draws: bootstrap resamples of the comments, crossed with the seeds; the band is pointwise.
        seed: of the bootstrap.

    Returns:
        Columns PRECISION_RECALL. `share_hateful` is the baseline: the precision of calling everything hateful.
    """
    frames = []
    for about, several, probabilities in at_last_epoch(runs):
        pairs = [(run.labels, p) for run, p in zip(several, probabilities, strict=True)]
        points = np.mean([precision_at_recalls(*pair, np.ones((len(pair[0]), 1)))[:, 0] for pair in pairs], axis=0)
        if np.isnan(points).any():
            continue
        weights = shared_weights(several, draws, seed)
        samples = [precision_at_recalls(*pair, drawn) for pair, drawn in zip(pairs, weights, strict=True)]
        low, high = np.clip(interval(with_seeds(np.stack(samples))), 0, 1)
        facts = about | {
            "n": float(np.mean([len(run.labels) for run in several])),
            "share_hateful": float(np.mean([run.labels.mean() for run in several])),
        }
        curve = {"recall": RECALLS, "precision": points, "precision_low": low, "precision_high": high}
        frames.append(pd.DataFrame(curve).assign(**facts))
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=PRECISION_RECALL)
    return table[list(PRECISION_RECALL)].astype({"learning_rate": "float64"})


def article_table(runs: Runs, threads: np.ndarray) -> pd.DataFrame:
    """Return F1 and accuracy of each article's comments, after each group's last epoch.

    Args:
        threads: the article of each comment of the corpus, in the order of sorted ids, shape (comments of the corpus,).

    Returns:
        Columns ARTICLES, means over seeds. Intervals are those of `confusion_intervals` for
        the counts' mean over seeds, rounded: they cover the comments, not the seeds.
    """
    rows: list[dict[str, Any]] = []
    for about, several, probabilities in at_last_epoch(runs):
        counts: dict[str, list[Confusion]] = {}
        for run, p in zip(several, probabilities, strict=True):
            articles, called, hateful = threads[run.comments], p >= THRESHOLD, run.labels == 1
            for article in np.unique(articles):
                here = articles == article
                cells = (hateful & called, ~hateful & called, hateful & ~called, ~hateful & ~called)
                counts.setdefault(str(article), []).append(Confusion(*(int((cell & here).sum()) for cell in cells)))
        for article, tables in counts.items():
            mean = np.mean(tables, axis=0)
            scores = [score_confusion(*of_seed) for of_seed in tables]
            bounds = confusion_intervals(Confusion(*(round(count) for count in mean)))
            row = {"thread": article, "n": mean.sum(), "hateful": mean[0] + mean[2]}
            for name in ("f1", "accuracy"):
                point = float(np.mean([of_seed[name] for of_seed in scores]))
                row |= dict(zip((name, f"{name}_low", f"{name}_high"), (point, *bounds[name]), strict=True))
            rows.append(about | row)
    return _table(rows, ARTICLES)
