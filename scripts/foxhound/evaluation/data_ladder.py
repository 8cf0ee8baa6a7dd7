"""Estimate what doubling the training set is likely to be worth, from a model's scores at several sizes of it.

The curve is an inverse power law, score = a - b * size ** -c, the usual shape of learning curves (Viering and Loog
2023, IEEE Transactions on Pattern Analysis and Machine Intelligence 45(6)). Seen in doublings, each gains a fixed share
2 ** -c of what the one before gained: a share of 1 is a straight line over the logarithm of the size, a small one a
curve that has flattened. Three or four sizes hardly say which, so the interval is the union over all shares (a profile
likelihood). A bootstrap over seeds of a straight line leaves that out: with three sizes and three seeds its 95 %
interval held the true gain in 0 to 81 % of simulated experiments, depending on the curve.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import f as f_distribution
from scipy.stats import t as t_distribution

from foxhound.evaluation.score_views import flatten
from foxhound.names import DRAWS

METRICS = ("f1", "auroc")
COLUMNS = (
    *("rebalance", "model", "learning_rate", "epoch", "metric", "sizes", "seeds", "train", "score"),
    *("gain", "gain_low", "gain_high", "reason"),
)
SIZES, SEEDS = 3, 3  # the fewest that say anything about a curve, and about the spread at a size
WIDEST = 0.1  # an interval as wide as this decides nothing
SHARES = np.linspace(0.002, 0.999, 250)[:, None]  # from a curve that flattens at once to a straight line
# At .95 too few intervals hold the gain of a flat curve, which fits every share: 87 to 94 % of simulated ones.
CONFIDENCE = 0.97
MISFIT = 0.05


class Gain(NamedTuple):
    """What doubling the largest training set gains, its 95 % interval, and the p value of the curve's lack of fit."""

    gain: float
    low: float
    high: float
    misfit: float


def doubling_gain(sizes: np.ndarray, scores: np.ndarray) -> Gain:
    """Fit the curve to runs at three sizes or more, several at each.

    The spread of runs at one size is the noise, alike at all sizes. The interval is of the mean over further seeds and
    draws of the same corpus; it takes the shape of the curve for granted.

    Args:
        sizes, scores: of each run the number of training comments and its score, shape (runs,).
    """
    levels, places = np.unique(sizes, return_inverse=True)
    means = np.bincount(places, scores) / np.bincount(places)
    freedom = len(scores) - len(levels)
    noise = ((scores - means[places]) ** 2).sum()
    variance = noise / freedom
    # For each share a straight line: the score over what a size gains, in units of the next doubling's gain.
    steps = (1 - SHARES ** np.log2(sizes / sizes.max())) / (1 - SHARES)
    steps, centred = steps - steps.mean(axis=1, keepdims=True), scores - scores.mean()
    information = (steps**2).sum(axis=1)
    gains = steps @ centred / information
    misfits = (centred**2).sum() - gains**2 * information
    room = misfits.min() + t_distribution.ppf(0.5 + CONFIDENCE / 2, freedom) ** 2 * variance - misfits
    halves = np.sqrt(np.maximum(room, 0) / information)[room >= 0]
    ends = (gains[room >= 0] - halves).min(), (gains[room >= 0] + halves).max()
    lacking = max(1, len(levels) - 3)
    p = f_distribution.sf((misfits.min() - noise) / lacking / variance, lacking, freedom)
    return Gain(float(gains[misfits.argmin()]), float(ends[0]), float(ends[1]), float(p))


def ladder_table(scores: pd.DataFrame) -> pd.DataFrame:
    """Return what doubling the largest training set is worth, for every model that ran on draws of several sizes.

    Protocols belong together that draw comments and balance them alike; balancing with the first comments in file order
    is left out, as it leaks the label. A model stands at one epoch, the latest of those that ran at the most sizes.

    Args:
        scores: table `scores`.

    Returns:
        Columns COLUMNS, a row per model, balancing and metric. `seeds` is the fewest at a size, `score` the mean at the
        largest. Where nothing can be said the gain is null and `reason` says why.
    """
    rows = flatten(scores)
    drawn = rows["protocol_kind"].eq(DRAWS) & rows["rebalance"].ne("first") & rows["part"].eq("test")
    runs = rows[drawn & rows["seed"].notna()].drop_duplicates(
        ["model", "settings_key", "rebalance", "epoch", "train", "seed"]
    )
    found = []
    for _, of_model in runs.groupby(["rebalance", "model", "settings_key"]):
        reached = of_model.groupby("epoch")["train"].nunique()
        epoch = reached[reached == reached.max()].index.max()
        chosen = of_model[of_model["epoch"] == epoch]
        if reached.max() > 1:
            found += [_ladder_row(chosen, metric) for metric in METRICS]
    table = pd.DataFrame(found, columns=list(COLUMNS))
    numbers = dict.fromkeys(("learning_rate", "score", "gain", "gain_low", "gain_high"), "float64")
    return table.astype(numbers | dict.fromkeys(("epoch", "sizes", "seeds", "train"), "int32"))


def _ladder_row(runs: pd.DataFrame, metric: str) -> dict[str, object]:
    sizes, scores = runs["train"].to_numpy(float), runs[metric].to_numpy(float)
    row = {name: runs[name].iloc[0] for name in ("rebalance", "model", "learning_rate", "epoch")}
    row |= {"metric": metric, "sizes": len(np.unique(sizes)), "seeds": runs.groupby("train").size().min()}
    row |= {"train": sizes.max(), "score": scores[sizes == sizes.max()].mean(), "reason": None}
    gain = None
    if row["sizes"] < SIZES:
        row["reason"] = f"it ran at {row['sizes']} sizes, not {SIZES} or more"
    elif row["seeds"] < SEEDS:
        row["reason"] = f"a size has {row['seeds']} seeds, not {SEEDS} or more"
    elif runs["one_class"].any():
        row["reason"] = f"{runs['one_class'].sum()} of {len(runs)} runs predict one class only"
    elif not np.isfinite(scores).all():
        row["reason"] = "a run has no such score, as its test part holds one class only"
    else:
        gain = doubling_gain(sizes, scores)
        if not gain.misfit >= MISFIT:
            row["reason"] = "the scores follow no power law"
        elif gain.high - gain.low > WIDEST:
            row["reason"] = f"the interval is wider than {WIDEST}"
    values = gain[:3] if gain and not row["reason"] else (None,) * 3
    return row | dict(zip(("gain", "gain_low", "gain_high"), values, strict=True))
