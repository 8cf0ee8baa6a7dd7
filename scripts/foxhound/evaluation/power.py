"""Estimate how many labelled comments would decide between two models: 80 % power of the paired permutation test.

What a test sees of a comment is its label and the models' decisions: with one seed that is one of eight cells. A corpus
of any size with the same joint distribution is a multinomial draw over the cells, so corpora are simulated at sizes
around a first guess, each is tested, and the power curve is read at 80 %. Another difference with nearly the same
correlation comes from weighing the cells exponentially by what they contribute to the difference (Efron 1981, Canadian
Journal of Statistics 9(2)), which of all ways to get there moves the distribution least.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import norm

from foxhound.evaluation.bootstrap import ratio

POWER = 0.8
SIMULATIONS = 400  # corpora per size
SIZES = np.array([0.5, 0.7, 0.85, 1.0, 1.2, 1.45, 2.0])  # of simulated corpora, times a guess
FARTHEST = 100  # no answer where it takes more than so many times the comments there are
NEEDED = ("needed", "needed_low", "needed_high")

Decisions = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Of one seed, shape (comments,): which of all comments, labels, decisions of one model, of the other; 0 or 1."""


class Cells(NamedTuple):
    """What comments look like to the test, each way once.

    labels: 0 or 1, shape (cells,).
    scored, a, b: whether a seed scores such comments, and calls them hateful by each model; shape (seeds, cells).
    shares: of the comments, shape (cells,).
    """

    labels: np.ndarray
    scored: np.ndarray
    a: np.ndarray
    b: np.ndarray
    shares: np.ndarray


class Counts(NamedTuple):
    """Comments that are hateful, and those that each model calls hateful, rightly or not; shape (corpora, seeds)."""

    hateful: np.ndarray
    called_a: np.ndarray
    called_b: np.ndarray
    true_a: np.ndarray
    true_b: np.ndarray


def count_cells(pairs: Sequence[Decisions]) -> Cells:
    """Count how often each combination of label and decisions occurs, over all comments that a seed scores.

    Args:
        pairs: one per seed.
    """
    universe = np.unique(np.concatenate([rows for rows, *_ in pairs]))
    codes = np.zeros((len(universe), 1 + len(pairs)), np.int8)
    for seed, (rows, labels, a, b) in enumerate(pairs, start=1):
        places = np.searchsorted(universe, rows)
        codes[places, 0], codes[places, seed] = labels, 1 + 2 * a + b  # 0: this seed does not score it
    cells, counts = np.unique(codes, axis=0, return_counts=True)
    decided = cells[:, 1:].T
    scored, a, b = (kind.astype(float) for kind in (decided > 0, decided >= 3, (decided == 2) | (decided == 4)))
    return Cells(cells[:, 0].astype(float), scored, a, b, counts / counts.sum())


def _count(cells: Cells, weights: np.ndarray) -> Counts:
    labels, scored, a, b, _ = cells
    return Counts(*(weights @ kind.T for kind in (labels * scored, a, b, labels * a, labels * b)))


def differences(cells: Cells, weights: np.ndarray) -> np.ndarray:
    """Return the difference in F1 (b minus a, mean over seeds) where cells have these weights, (corpora, cells)."""
    hateful, called_a, called_b, true_a, true_b = _count(cells, weights)
    f1 = ratio(2 * true_b, called_b + hateful, 0.0) - ratio(2 * true_a, called_a + hateful, 0.0)
    return np.asarray(f1.mean(axis=-1))


def rejected(cells: Cells, counts: np.ndarray, level: float) -> np.ndarray:
    """Say of simulated corpora whether the permutation test rejects, shape (corpora,).

    The test compares the difference with its spread when predictions are swapped at random. That spread is computed,
    not tossed: F1 is linearised about what both models share, and comments are swapped independently. For a level of
    .05 / 250 every corpus would take 100,000 tosses. Where few decisions differ the normal limit gives too small a p: n
    comments that differ cannot give a smaller one than 2 to the power of 1 - n.

    Args:
        counts: comments in each cell, shape (corpora, cells).
        level: of the two-sided test.
    """
    hateful, called_a, called_b, true_a, true_b = _count(cells, counts)
    inverse = _inverse((called_a + called_b) / 2 + hateful)
    moved = cells.b - cells.a
    # What swapping the predictions of one comment of a cell takes from the difference, halved: (corpora, cells).
    swap = (2 * inverse @ (moved * cells.labels) - (true_a + true_b) * inverse**2 @ moved) / len(moved)
    spread = np.sqrt((counts * swap**2).sum(axis=1))
    differing = counts @ (moved != 0).any(axis=0)
    return (np.abs(differences(cells, counts)) > norm.isf(level / 2) * spread) & (2.0 ** (1 - differing) <= level)


def contributions(cells: Cells, shares: np.ndarray) -> np.ndarray:
    """Return how the difference in F1 grows with a cell's share (the influence function), shape (cells,)."""
    hateful, called_a, called_b, true_a, true_b = (counts[:, None] for counts in _count(cells, shares))
    hits, actual = cells.labels, cells.labels * cells.scored

    def of_model(decided: np.ndarray, called: np.ndarray, true: np.ndarray) -> np.ndarray:
        inverse = _inverse(called + hateful)
        return 2 * hits * decided * inverse - 2 * true * inverse**2 * (decided + actual)

    return np.asarray((of_model(cells.b, called_b, true_b) - of_model(cells.a, called_a, true_a)).mean(axis=0))


def _inverse(values: np.ndarray) -> np.ndarray:
    return ratio(np.ones_like(values), values, 0.0)


def shares_with(cells: Cells, difference: float) -> np.ndarray | None:
    """Return shares of the cells under which the difference in F1 is this one; None where no weighing gives it."""
    direction = contributions(cells, cells.shares)

    def weighed(tilt: float) -> np.ndarray:
        weights = cells.shares * np.exp(tilt * direction - np.max(tilt * direction))
        return np.asarray(weights / weights.sum())

    def missing(tilt: float) -> float:
        return float(differences(cells, weighed(tilt))) - difference

    if np.isclose(missing(0.0), 0.0):
        return cells.shares
    far = -0.05 * np.sign(missing(0.0))
    while missing(far) * missing(0.0) > 0:
        far *= 2
        if abs(far) > 1000:
            return None
    return weighed(brentq(missing, 0.0, far))


def comments_needed(cells: Cells, difference: float, level: float, most: float, seed: int) -> float:
    """Return how many comments a corpus needs for the test to decide in 80 % of corpora, if the difference is this one.

    Args:
        difference: in F1; another than that of the cells moves their shares (`shares_with`).
        level: of the two-sided test.
        most: the largest answer; infinity beyond it, and where no shares give the difference.
        seed: of the simulation.
    """
    shares = shares_with(cells, difference)
    if shares is None or not difference:
        return np.inf
    generator = np.random.default_rng([seed, len(shares)])
    spread = float(np.sqrt((shares * contributions(cells, shares) ** 2).sum()))
    guess = ((norm.isf(level / 2) + norm.ppf(POWER)) * spread / difference) ** 2
    while guess <= 2 * most:
        sizes = np.unique(np.ceil(guess * SIZES).astype(np.int64))
        corpora = (generator.multinomial(size, shares, SIMULATIONS).astype(float) for size in sizes)
        powers = np.array([rejected(cells, counts, level).mean() for counts in corpora])
        if powers[-1] < POWER:
            guess *= 2
        elif powers[0] >= POWER and sizes[0] > 1:
            guess /= 2
        else:
            needed = _read_curve(sizes, powers)
            return needed if needed <= most else np.inf
    return np.inf


def _read_curve(sizes: np.ndarray, powers: np.ndarray) -> float:
    """Return the size with 80 % power. As a normal quantile, power is a straight line over the root of the size."""
    inside = np.clip(powers, 0.5 / SIMULATIONS, 1 - 0.5 / SIMULATIONS)
    quantiles = norm.ppf(inside)
    precision = norm.pdf(quantiles) / np.sqrt(inside * (1 - inside))
    slope, start = np.polyfit(np.sqrt(sizes), quantiles, 1, w=precision)
    return float(np.clip((norm.ppf(POWER) - start) / slope, *np.sqrt(sizes[[0, -1]])) ** 2)


def needed_to_decide(
    tested: Sequence[Sequence[Decisions]],
    table: pd.DataFrame,
    levels: Sequence[float],
    inflation: Sequence[float],
    seed: int,
) -> pd.DataFrame:
    """Return how many labelled comments would decide each pair of models that is undecided.

    Args:
        tested: of each pair the decisions of both models, seed by seed.
        table: of each pair `comments`, `difference` and its 95 % interval, as in the table `comparisons`.
        levels: at which each pair is decided; nan where it is.
        inflation: of each pair, how many times the variance of the difference is as large as that of independent
            comments would be (the design effect; Kish 1965): a user's comments are alike.
        seed: of the simulation.

    Returns:
        Columns NEEDED, whole numbers, with the index of `table`: comments in all, those there are included, for 80 %
        power at the observed difference, and the range over its interval. Null where a pair is decided or where it
        takes more than FARTHEST times the comments there are; `needed_high` also where the interval holds 0.
    """
    rows = []
    for pairs, level, times, (_, row) in zip(tested, levels, inflation, table.iterrows(), strict=True):
        needed = [np.inf] * 3
        if np.isfinite(level):
            cells, most = count_cells(pairs), FARTHEST * row["comments"] / times
            near, far = sorted((row["difference_low"], row["difference_high"]), key=abs)
            wanted = row["difference"], far, near if near * far > 0 else 0.0
            needed = [times * comments_needed(cells, difference, level, most, seed) for difference in wanted]
        rows.append([None if np.isinf(number) else round(number) for number in needed])
    return pd.DataFrame(rows, table.index, list(NEEDED), dtype="Int64")
