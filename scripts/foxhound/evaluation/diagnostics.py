"""Where a model's mistakes are: how its probabilities keep their word, what recall costs, and article by article."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from foxhound.evaluation.bootstrap import CALIBRATION_BINS, THRESHOLD, calibration_bins
from foxhound.evaluation.epoch_curves import interval, mean_of_drawn_seeds, shared_weights
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


def _last(runs: Runs) -> Iterator[tuple[dict[str, Any], list[Run], list[np.ndarray]]]:
    """Of each group its names, its runs, and their probabilities (comments,) at the largest epoch."""
    for group, several in runs.items():
        epoch = common_epochs(several)[-1:]
        about = group._asdict() | {"epoch": int(epoch[0]), "seeds": len(several)}
        yield about, several, [run.at(epoch)[0].astype(np.float64) for run in several]


def _table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns)).astype({"learning_rate": "float64"})


def calibration_table(runs: Runs) -> pd.DataFrame:
    """Probability against share of hateful comments in ten equal-width bins, at each group's largest epoch.

    Returns:
        Columns CALIBRATION, a row per bin that holds a prediction. `n` is the mean over seeds. The interval is Wilson's
        for `n` comments, whatever the number of seeds: predictions of one comment under several seeds are no
        independent trials.
    """
    rows: list[dict[str, Any]] = []
    for about, several, probabilities in _last(runs):
        labels, p = np.concatenate([run.labels for run in several]), np.concatenate(probabilities)
        bins = calibration_bins(p)
        sizes, found, sums = (np.bincount(bins, one, CALIBRATION_BINS) for one in (np.ones_like(p), labels, p))
        for place in np.flatnonzero(sizes):
            size, hateful = sizes[place], found[place]
            low, high = wilson(round(hateful / len(several)), max(1, round(size / len(several))))
            values = (place, size / len(several), sums[place] / size, hateful / size, low, high)
            rows.append(about | dict(zip(CALIBRATION[len(ABOUT) :], values, strict=True)))
    return _table(rows, CALIBRATION)


def precision_at_recalls(labels: np.ndarray, probabilities: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Precision at the highest threshold whose recall is at least each of RECALLS, nothing interpolated.

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
    found = np.cumsum(drawn * labels[order, None], axis=0, dtype=np.float64)[ends]
    precision = np.full((len(RECALLS), weights.shape[1]), np.nan)
    for column in np.flatnonzero(found[-1]):
        # The slack keeps .07 * 100 hateful comments at 7.
        needed = np.ceil(RECALLS * found[-1, column] - 1e-9)
        place = np.searchsorted(found[:, column], needed)
        precision[:, column] = found[place, column] / retrieved[place, column]
    return precision


def precision_recall_table(runs: Runs, draws: int, seed: int) -> pd.DataFrame:
    """Precision at a hundred recalls, mean over seeds, with a bootstrap band, at each group's largest epoch.

    Args:
        draws: bootstrap resamples of the comments, crossed with the seeds; the band holds at each recall by itself.
        seed: of the bootstrap.

    Returns:
        Columns PRECISION_RECALL. `share_hateful` is the yardstick: the precision of calling everything hateful.
    """
    frames = []
    for about, several, probabilities in _last(runs):
        both = list(zip([run.labels for run in several], probabilities, strict=True))
        points = np.mean([precision_at_recalls(*one, np.ones((len(one[0]), 1)))[:, 0] for one in both], axis=0)
        if np.isnan(points).any():
            continue
        weights = shared_weights(several, draws, seed)
        samples = [precision_at_recalls(*one, drawn) for one, drawn in zip(both, weights, strict=True)]
        low, high = interval(mean_of_drawn_seeds(np.stack(samples), seed))
        facts = about | {
            "n": float(np.mean([len(run.labels) for run in several])),
            "share_hateful": float(np.mean([run.labels.mean() for run in several])),
        }
        curve = {"recall": RECALLS, "precision": points, "precision_low": low, "precision_high": high}
        frames.append(pd.DataFrame(curve).assign(**facts))
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=PRECISION_RECALL)
    return table[list(PRECISION_RECALL)].astype({"learning_rate": "float64"})


def article_table(runs: Runs, threads: np.ndarray) -> pd.DataFrame:
    """F1 and accuracy of each article's comments, at each group's largest epoch.

    Args:
        threads: the article of each comment of the corpus, in the order of sorted ids, shape (comments of the corpus,).

    Returns:
        Columns ARTICLES, means over seeds. Intervals are Wilson's, for F1 by way of tp / (tp + fp + fn) as
        `published.confusion_intervals` has it, of the counts' mean over seeds, rounded: they cover the comments, not
        the seeds.
    """
    rows: list[dict[str, Any]] = []
    for about, several, probabilities in _last(runs):
        counts: dict[str, list[Confusion]] = {}
        for run, p in zip(several, probabilities, strict=True):
            articles, said, hateful = threads[run.comments], p >= THRESHOLD, run.labels == 1
            for article in np.unique(articles):
                here = articles == article
                cells = (hateful & said, ~hateful & said, hateful & ~said, ~hateful & ~said)
                counts.setdefault(str(article), []).append(Confusion(*(int((cell & here).sum()) for cell in cells)))
        for article, tables in counts.items():
            mean = np.mean(tables, axis=0)
            scored = [score_confusion(*one) for one in tables]
            bounds = confusion_intervals(Confusion(*(round(count) for count in mean)))
            row = {"thread": article, "n": mean.sum(), "hateful": mean[0] + mean[2]}
            for name in ("f1", "accuracy"):
                point = float(np.mean([one[name] for one in scored]))
                row |= dict(zip((name, f"{name}_low", f"{name}_high"), (point, *bounds[name]), strict=True))
            rows.append(about | row)
    return _table(rows, ARTICLES)
