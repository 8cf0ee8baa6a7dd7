"""Follow F1 epoch by epoch, and measure the selection optimism of picking the epoch on the scored comments."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from foxhound.evaluation.bootstrap import THRESHOLD, ratio, resampling_weights, with_seeds
from foxhound.evaluation.pooled_runs import Group, Run, Runs, common_epochs

EPOCHS = (
    *Group._fields,
    *("epoch", "seeds", "f1", "f1_low", "f1_high", "share_hateful_predicted", "one_class", "loss"),
)
CHOICES = ("last", "best", "elsewhere")
FEWEST_PIECES = 5
"""With fewer folds or draws, an epoch that is chosen elsewhere is chosen on much less than all of them."""
PICKED = (
    *Group._fields,
    *("seeds", "epochs", "epoch_last", "epoch_best", "epoch_elsewhere_min", "epoch_elsewhere_max"),
    *(f"f1_{name}{end}" for name in CHOICES for end in ("", "_low", "_high")),
    *("optimism", "optimism_low", "optimism_high"),
)


def f1_under_weights(labels: np.ndarray, called: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return F1 of several sets of decisions under several weightings; 0 where it would divide by 0.

    Args:
        labels: 1 for hateful, shape (comments,).
        called: 1 where a comment is called hateful, shape (sets, comments).
        weights: of each comment, shape (comments, weightings); whole numbers, which float32 sums exactly.

    Returns:
        Shape (sets, weightings).
    """
    calls, hateful = called.astype(np.float32), labels.astype(np.float32)
    true, predicted, actual = (calls * hateful) @ weights, calls @ weights, hateful @ weights
    return ratio(2.0 * true, predicted.astype(np.float64) + actual, 0.0)


def shared_weights(runs: Sequence[Run], draws: int, seed: int) -> list[np.ndarray]:
    """Return each run's resampling weights; a comment that several runs score has the same weight in all."""
    universe = np.unique(np.concatenate([run.comments for run in runs]))
    weights = resampling_weights(len(universe), draws, seed)
    return [weights[np.searchsorted(universe, run.comments)] for run in runs]


def interval(samples: np.ndarray) -> np.ndarray:
    """Return the central 95 % of resamples, (..., draws) -> (2, ...); resamples without a value are left out."""
    return np.nanpercentile(samples, [2.5, 97.5], axis=-1)


def epoch_table(runs: Runs, draws: int, seed: int) -> pd.DataFrame:
    """Return F1 after every epoch that was trained, folds pooled, mean over seeds.

    Args:
        draws: bootstrap resamples of the comments, crossed with the seeds.
        seed: of the bootstrap.

    Returns:
        Columns EPOCHS. `one_class` is the share of seeds that predict one class only; `loss` the training loss summed
        over the batches of the epoch, mean over training jobs (null for a baseline).
    """
    rows: list[dict[str, Any]] = []
    for group, several in runs.items():
        trained: defaultdict[int, list[Run]] = defaultdict(list)
        for run in several:
            for epoch in run.epochs:
                trained[int(epoch)].append(run)
        # Epochs that the same seeds trained are one block; as a rule that is all of them.
        blocks: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
        for epoch, with_epoch in trained.items():
            blocks[tuple(run.seed for run in with_epoch)].append(epoch)
        for seeds, epochs in blocks.items():
            block = [run for run in several if run.seed in seeds]
            rows += [group._asdict() | row for row in _block_rows(block, np.array(sorted(epochs)), draws, seed)]
    table = pd.DataFrame(rows, columns=list(EPOCHS)).astype({"learning_rate": "float64", "loss": "float64"})
    return table.sort_values([*Group._fields, "epoch"], ignore_index=True)


def _block_rows(runs: Sequence[Run], epochs: np.ndarray, draws: int, seed: int) -> list[dict[str, Any]]:
    calls = [run.at(epochs) >= THRESHOLD for run in runs]
    points = _points(runs, calls).mean(axis=0)
    low, high = np.clip(interval(with_seeds(_samples(runs, calls, draws, seed))), 0, 1)
    shares = np.stack([called.mean(axis=1) for called in calls])
    losses = np.concatenate([run.losses[:, np.isin(run.epochs, epochs)] for run in runs])
    loss = losses.mean(axis=0) if len(losses) else np.full(len(epochs), np.nan)
    columns = {
        "epoch": epochs,
        "f1": points,
        "f1_low": low,
        "f1_high": high,
        "share_hateful_predicted": shares.mean(axis=0),
        "one_class": np.isin(shares, (0, 1)).mean(axis=0),
        "loss": loss,
    }
    rows = zip(*columns.values(), strict=True)
    return [dict(zip(columns, row, strict=True)) | {"seeds": len(runs)} for row in rows]


def _points(runs: Sequence[Run], calls: Sequence[np.ndarray]) -> np.ndarray:
    """Return F1 of each run and set of decisions, shape (runs, sets)."""
    ones = [np.ones((len(run.comments), 1), np.float32) for run in runs]
    return np.stack([f1_under_weights(run.labels, *both)[:, 0] for run, *both in zip(runs, calls, ones, strict=True)])


def _samples(runs: Sequence[Run], calls: Sequence[np.ndarray], draws: int, seed: int) -> np.ndarray:
    """Return F1 of each run and set of decisions over resamples of comments, shape (runs, sets, draws)."""
    weights = shared_weights(runs, draws, seed)
    return np.stack([f1_under_weights(run.labels, *both) for run, *both in zip(runs, calls, weights, strict=True)])


def picked_table(runs: Runs, draws: int, seed: int) -> pd.DataFrame:
    """Return what picking the epoch does to F1, for every group whose runs share two epochs or more.

    `last` is the last epoch, a choice that looks at no score. `best` is the epoch with the highest F1 on the scored
    comments themselves (mean over seeds), as the published experiment chose it: the same comments choose and judge, so
    this F1 is too high. `elsewhere` gives each fold (or draw) the epoch that is best on the others. Ties go to the
    smaller epoch. Draws of one corpus share comments, so `elsewhere` is less independent there than among folds.

    `optimism`, the selection optimism, is `best` minus `elsewhere`. It holds a regret beside the optimism: elsewhere
    there are fewer pieces to choose by, so the choice is a worse one. Where the truth was known (simulated: ten epochs,
    170 comments a draw, ten shapes of the curve) it was .002 to .007 too high with two draws, where the optimism was
    .019 to .049, and .003 at most from four on. Below FEWEST_PIECES folds or draws nothing is said.

    The choices are held fixed in resamples, so intervals cover the sampling of comments and seeds, not the choice. That
    of the optimism is paired.

    Returns:
        Columns PICKED; `epoch_elsewhere_*` are the smallest and largest epoch chosen elsewhere. `elsewhere` and
        `optimism` are null where there are fewer than FEWEST_PIECES folds or draws.
    """
    rows = []
    for group, several in runs.items():
        if len(epochs := common_epochs(several)) > 1:
            rows.append(group._asdict() | {"seeds": len(several), "epochs": len(epochs)} | _pick(several, draws, seed))
    table = pd.DataFrame(rows, columns=list(PICKED))
    whole = {f"epoch_elsewhere_{end}": "Int32" for end in ("min", "max")}
    kinds = dict.fromkeys([name for name in PICKED if name.startswith(("f1", "optimism", "learning"))], "float64")
    return table.astype(kinds | whole)


def choose_epochs(runs: Sequence[Run], calls: Sequence[np.ndarray]) -> tuple[int, dict[str, int]]:
    """Return the place of the best epoch on all scored comments, and for each fold or draw on those of all others.

    Args:
        calls: decisions of each run, shape (epochs, comments).
    """
    pieces = np.unique(np.concatenate([run.pieces for run in runs]))
    scores = []
    for run, called in zip(runs, calls, strict=True):
        others = np.column_stack([run.pieces != piece for piece in pieces] + [np.ones(len(run.pieces), bool)])
        f1 = f1_under_weights(run.labels, called, others.astype(np.float32))
        # A run of one draw holds no other.
        f1[:, ~others.any(axis=0)] = np.nan
        scores.append(f1)
    stacked = np.stack(scores)
    judged = ~np.isnan(stacked).all(axis=(0, 1))
    means = np.nanmean(stacked[:, :, judged], axis=0)
    *elsewhere, best = means.argmax(axis=0).tolist()
    return best, dict(zip(pieces[judged[:-1]].tolist(), elsewhere, strict=True))


def _pick(runs: Sequence[Run], draws: int, seed: int) -> dict[str, Any]:
    epochs = common_epochs(runs)
    calls = [run.at(epochs) >= THRESHOLD for run in runs]
    best, elsewhere = choose_epochs(runs, calls)
    chosen = []
    for run, called in zip(runs, calls, strict=True):
        places = np.array([elsewhere.get(piece, 0) for piece in run.pieces])
        chosen.append(np.stack([called[-1], called[best], called[places, np.arange(called.shape[1])]]))
    points = _points(runs, chosen).mean(axis=0)
    samples = _samples(runs, chosen, draws, seed)
    names = [f"f1_{name}" for name in CHOICES] + ["optimism"]
    points = np.append(points, points[1] - points[2])
    # The difference is taken seed by seed, so that what a seed does to both cancels out.
    low, high = interval(with_seeds(np.concatenate([samples, samples[:, 1:2] - samples[:, 2:3]], axis=1)))
    bounded = np.array([name != "optimism" for name in names])
    low, high = (np.where(bounded, np.clip(ends, 0, 1), ends) for ends in (low, high))
    row: dict[str, Any] = {"epoch_last": int(epochs[-1]), "epoch_best": int(epochs[best])}
    enough = len(elsewhere) >= FEWEST_PIECES
    for name, *values in zip(names, points, low, high, strict=True):
        known = enough or name in ("f1_last", "f1_best")
        row |= dict(zip((name, f"{name}_low", f"{name}_high"), values if known else [np.nan] * 3, strict=True))
    ends = [int(epochs[end(elsewhere.values())]) for end in (min, max)] if enough else [None, None]
    return row | dict(zip(("epoch_elsewhere_min", "epoch_elsewhere_max"), ends, strict=True))
