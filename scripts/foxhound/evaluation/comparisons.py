"""Test which models differ, in pairs on the same held-out comments, adjusted for the number of pairs.

The test is a paired permutation test (Good 2005, chapter 3). Under the null hypothesis it is a coin toss which model
made which of the two predictions on a comment, so F1 is recomputed with predictions swapped at random, comment by
comment. Its p value is about these trained models; how much other seeds would differ shows in the interval only.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from foxhound.evaluation.bootstrap import THRESHOLD, ratio, resampling_weights
from foxhound.evaluation.power import NEEDED, needed_to_decide
from foxhound.names import learning_rate_name

LEVEL = 0.05
CELLS = 1 << 25  # coin tosses held in memory as numbers at a time: 128 MB
FINENESS = 20  # the smallest adjusted p is this many times smaller than LEVEL
COLUMNS = (
    *("protocol", "part", "model_a", "model_b", "epoch_a", "epoch_b", "seeds", "comments"),
    *("difference", "difference_low", "difference_high", "p", "p_adjusted", *NEEDED),
)


class Pair(NamedTuple):
    """Two models' decisions about the same comments under one seed, arrays of shape (comments,).

    rows: which of all comments; labels, a, b: 0 or 1.
    """

    rows: np.ndarray
    labels: np.ndarray
    a: np.ndarray
    b: np.ndarray


class Tosses(NamedTuple):
    """Fair coin tosses, a bit each: 140 MB for 100,000 comments and as many draws as thirty pairs need.

    bits: (comments, draws / 8 rounded up) uint8.
    """

    bits: np.ndarray
    draws: int

    def sums(self, rows: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Return `values` (kinds, rows) times the tosses at `rows`: (kinds, draws), exact for whole numbers."""
        total = np.zeros((len(values), self.draws), np.float32)
        step = max(1, CELLS // self.draws)
        for start in range(0, len(rows), step):
            part = slice(start, start + step)
            coins = np.unpackbits(self.bits[rows[part]], axis=1, count=self.draws)
            total += values[:, part].astype(np.float32) @ coins.astype(np.float32)
        return total


@lru_cache(maxsize=1)
def swaps(comments: int, draws: int, seed: int) -> Tosses:
    """Toss a coin per comment and draw."""
    generator = np.random.default_rng([seed, comments, draws])
    step = 4 * max(1, CELLS // draws // 4)  # the generator tosses four at a time, so that pieces give the same tosses
    sizes = [min(step, comments - start) for start in range(0, comments, step)]
    pieces = [np.packbits(generator.integers(0, 2, (size, draws), dtype=np.uint8), axis=1) for size in sizes]
    return Tosses(np.concatenate(pieces), draws)


def _f1(true_positives: np.ndarray, predicted: np.ndarray, hateful: np.ndarray | np.float64) -> np.ndarray:
    return ratio(2 * true_positives, predicted + hateful, 0.0)


def permutation_test(pairs: Sequence[Pair], tosses: Tosses) -> tuple[float, float]:
    """Return the difference in F1 (b minus a, mean over seeds) and its two-sided p value.

    Args:
        pairs: one per seed; a comment is swapped alike in every seed that scores it.
        tosses: as `swaps` gives them, for all comments.

    Returns:
        difference, p; p counts the arrangement that was observed, so it is never 0 (Phipson & Smyth 2010).
    """
    observed, permuted = 0.0, np.zeros(tosses.draws)
    for rows, labels, a, b in pairs:
        hateful = np.float64(labels.sum())
        differing = np.flatnonzero(a != b)  # only these move anything
        moved = (b - a)[differing]
        true, predicted = tosses.sums(rows[differing], np.stack([labels[differing] * moved, moved]))
        true_a, true_b = (labels * a).sum(), (labels * b).sum()
        observed += float(_f1(true_b, b.sum(), hateful) - _f1(true_a, a.sum(), hateful))
        permuted += _f1(true_b - true, b.sum() - predicted, hateful) - _f1(true_a + true, a.sum() + predicted, hateful)
    extreme = np.abs(permuted) >= abs(observed) - 1e-9
    return observed / len(pairs), float((1 + extreme.sum()) / (1 + len(extreme)))


def difference_interval(pairs: Sequence[Pair], weights: np.ndarray, seed: int) -> tuple[float, float]:
    """Return the central 95 % of the difference in F1 over paired resamples of comments, crossed with seeds.

    Args:
        weights: as `resampling_weights` gives them, for all comments.
        seed: of the drawing of seeds.
    """
    samples = []
    for rows, labels, a, b in pairs:
        drawn = weights[rows]
        columns = np.stack([labels * a, a, labels * b, b, labels]).astype(np.float32) @ drawn
        true_a, called_a, true_b, called_b, hateful = columns.astype(np.float64)
        samples.append(_f1(true_b, called_b, hateful) - _f1(true_a, called_a, hateful))
    draws = weights.shape[1]
    picks = np.random.default_rng([seed, len(samples), draws]).integers(0, len(samples), (len(samples), draws))
    low, high = np.percentile(np.take_along_axis(np.stack(samples), picks, axis=0).mean(axis=0), [2.5, 97.5])
    return float(low), float(high)


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Adjust p values by Holm's step-down method (Holm 1979), which holds whatever the dependence of the tests."""
    p = np.asarray(p_values, np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def letters(names: Sequence[str], different: set[frozenset[str]]) -> dict[str, str]:
    """Return a compact letter display (Piepho 2004, insert and absorb).

    Models that share a letter show no significant difference.

    Args:
        names: best first; the first letter goes to the best group.
        different: the pairs that differ.
    """
    groups = {frozenset(names)}
    for pair in combinations(names, 2):
        if frozenset(pair) in different:
            split = {
                part
                for group in groups
                for part in ([group - {name} for name in pair] if group >= {*pair} else [group])
            }
            groups = {group for group in split if not any(group < larger for larger in split)}
    place = {name: number for number, name in enumerate(names)}
    ordered = sorted(groups, key=lambda group: sorted(place[name] for name in group))
    marks = [chr(ord("a") + number) if number < 26 else f"[{number + 1}]" for number in range(len(ordered))]
    return {name: "".join(mark for mark, group in zip(marks, ordered, strict=True) if name in group) for name in names}


def model_names(frame: pd.DataFrame) -> pd.Series:
    """Return the model of each row, with its learning rate where the frame holds several of that model."""
    models, rates = frame["model"].astype(str), frame["learning_rate"].astype(float)
    several = rates.groupby(models).transform("nunique") > 1
    return models + rates.map(lambda rate: "" if pd.isna(rate) else f", rate {learning_rate_name(rate)}").where(
        several, ""
    )


def _candidates(frame: pd.DataFrame) -> Iterator[tuple[str, int, pd.DataFrame]]:
    """Yield each model (and learning rate) under one protocol and part: name, last epoch, predictions after it.

    The last epoch is chosen without looking at any score.
    """
    for name, rows in frame.groupby(model_names(frame)):
        epoch = int(rows["epoch"].max())
        yield str(name), epoch, rows[rows["epoch"] == epoch]


def _decisions(rows: pd.DataFrame, comments: int) -> dict[int, np.ndarray]:
    """Return seed -> decision per comment, shape (comments,): 0, 1, or -1 where it is not scored."""
    decisions = {}
    for seed, run in rows.groupby("seed"):
        decided = np.full(comments, -1)
        decided[run["row"]] = run["p_hateful"] >= THRESHOLD
        decisions[int(str(seed))] = decided
    return decisions


def _matched(by_a: dict[int, np.ndarray], by_b: dict[int, np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return pairs of runs of two models on the same comments, those of equal seeds.

    A model that ran once, as a baseline does on folds, is paired with every run of the other.
    """
    if 1 in (len(by_a), len(by_b)):
        couples = [(a, b) for a in by_a.values() for b in by_b.values()]
    else:
        couples = [(by_a[seed], by_b[seed]) for seed in sorted(by_a.keys() & by_b.keys())]
    return [(a, b) for a, b in couples if ((a >= 0) == (b >= 0)).all()]


def compare(predictions: pd.DataFrame, draws: int, seed: int) -> pd.DataFrame:
    """Compare every pair of models under every protocol and part.

    Args:
        predictions: columns id, label, p_hateful, protocol, part, seed, epoch, model, learning_rate.
        draws: resamples behind each interval, and permutations unless the number of pairs needs more.
        seed: of both.

    Returns:
        A row per pair, columns COLUMNS; `difference` is model_b minus model_a. p values are adjusted (Holm) within a
        protocol and part; NEEDED is how many comments would decide an undecided pair (foxhound/evaluation/power.py).
        Pairs without a run on the same comments are left out.
    """
    tables = []
    for (protocol, part), frame in predictions.groupby(["protocol", "part"], observed=True):
        answers = frame.drop_duplicates("id").sort_values("id")
        frame = frame.assign(row=frame["id"].map(pd.Series(np.arange(len(answers)), answers["id"])))
        labels = answers["label"].to_numpy()
        decided = {name: (epoch, _decisions(rows, len(labels))) for name, epoch, rows in _candidates(frame)}
        # p is at least 1 / permutations, and Holm multiplies it by the number of pairs: with few, no pair could differ.
        number = len(decided) * (len(decided) - 1) // 2
        tosses = swaps(len(labels), max(draws, round(FINENESS * number / LEVEL)), seed)
        weights = resampling_weights(len(labels), draws, seed)
        rows: list[dict[str, Any]] = []
        tested = []
        for (a, (epoch_a, by_a)), (b, (epoch_b, by_b)) in combinations(decided.items(), 2):
            pairs = []
            for run_a, run_b in _matched(by_a, by_b):
                scored = np.flatnonzero(run_a >= 0)
                pairs.append(Pair(scored, labels[scored], run_a[scored], run_b[scored]))
            if not pairs:
                continue
            difference, p = permutation_test(pairs, tosses)
            low, high = difference_interval(pairs, weights, seed)
            comments = len(np.unique(np.concatenate([pair.rows for pair in pairs])))
            values = (protocol, part, a, b, epoch_a, epoch_b, len(pairs), comments, difference, low, high, p)
            rows.append(dict(zip(COLUMNS, values, strict=False)))
            tested.append(pairs)
        if rows:
            table = pd.DataFrame(rows).assign(p_adjusted=holm([row["p"] for row in rows]))
            tables.append(table.join(needed_to_decide(tested, table, LEVEL, seed)))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)
