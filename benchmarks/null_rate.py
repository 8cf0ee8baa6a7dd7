"""How often the paired tests call two equally good models different: `python benchmarks/null_rate.py`, half an hour.

A test at the 5 % level should do so in 5 % of all corpora. Beside the rates stand how many of the 95 % intervals of the
difference hold the true one, which is 0, and how often a family of comparisons has a false alarm.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import numpy as np
from foxhound.evaluation.bootstrap import THRESHOLD, cluster_weights
from foxhound.evaluation.paired_tests import (
    LEVEL,
    Pair,
    difference_interval,
    holm,
    p_value,
    permutation_test,
    permuted_differences,
    step_down,
    swaps,
)
from foxhound.evaluation.thresholds import best_threshold
from foxhound.markdown import table
from foxhound.names import AUROC
from simulated_pairs import (
    Corpus,
    decisions,
    simulated_corpus,
    simulated_scores,
    trained_plainly,
    trained_to_certainty,
)
from tqdm import tqdm

PERMUTATIONS, DRAWS = 499, 300
MODELS, BETTER = 6, 2  # of a family, and how many of them are truly better than the others
Trained = Callable[[np.ndarray], np.ndarray]


class World(NamedTuple):
    """How corpora are made: `trained` turns the two models' scores into probabilities."""

    name: str
    by_article: bool
    same_articles: bool
    trained: tuple[Trained, Trained]


WORLDS = (
    World("stratified folds", False, True, (trained_plainly, trained_plainly)),
    World("the same, one model weighted and sure, the other not", False, True, (trained_plainly, trained_to_certainty)),
    World("whole articles held out, equal under articles in general", True, False, (trained_plainly, trained_plainly)),
    World("stratified folds, equal under articles in general", False, False, (trained_plainly, trained_plainly)),
)


def at_best_thresholds(corpus: Corpus, probabilities: np.ndarray) -> np.ndarray:
    """Decide at the thresholds with the highest F1 on the other folds: what `choose_threshold` is not."""
    thresholds = np.empty(len(corpus.labels))
    for fold in np.unique(corpus.folds):
        others = corpus.folds != fold
        thresholds[~others] = best_threshold(corpus.labels[others], probabilities[others])
    return (probabilities >= thresholds).astype(int)


def units_of(corpus: Corpus) -> dict[str, np.ndarray]:
    """Return what can be swapped together."""
    return {"comment": np.arange(len(corpus.labels)), "user": corpus.users, "article": corpus.articles}


def paired(corpus: Corpus, one: np.ndarray, other: np.ndarray) -> list[Pair]:
    """Return two models' decisions (or probabilities) as a pair."""
    return [Pair(np.arange(len(corpus.labels)), corpus.labels, one, other)]


def simulated_pair(seed: int, number: int, world: World) -> tuple[Corpus, np.ndarray]:
    """Return a corpus and two models' probabilities, shape (2, comments)."""
    generator = np.random.default_rng([seed, number])
    corpus, hateful = simulated_corpus(generator, world.by_article)
    scores = simulated_scores(generator, corpus, hateful, 2, world.same_articles)
    return corpus, np.stack([trained(one) for trained, one in zip(world.trained, scores, strict=True)])


def tested(seed: int, number: int, world: World) -> tuple[dict[str, float], dict[str, bool]]:
    """Return for one corpus the p values of every way to test a pair, and which intervals of the difference hold 0."""
    corpus, probabilities = simulated_pair(seed, number, world)
    decided = {
        rule: paired(corpus, *(decide(corpus, p) for p in probabilities))
        for rule, decide in {
            "chosen threshold": decisions,
            "best threshold elsewhere": at_best_thresholds,
            "F1 at .5": lambda _, p: (p >= THRESHOLD).astype(int),
        }.items()
    }
    p_values, held = {}, {}
    for unit, units in units_of(corpus).items():
        tosses = swaps(units.max() + 1, PERMUTATIONS, seed)
        for rule, pairs in decided.items():
            if unit == "user" or rule == "chosen threshold":
                p_values[f"{rule}, by {unit}"] = permutation_test(pairs, tosses, units)[1]
        if unit == "user":
            p_values["AUROC, by user"] = permutation_test(paired(corpus, *probabilities), tosses, units, AUROC)[1]
        weights = cluster_weights(units, DRAWS, seed)
        low, high = difference_interval(decided["chosen threshold"], weights, seed, units=len(np.unique(units)))
        held[unit] = low <= 0 <= high
    return p_values, held


def false_alarms(seed: int, number: int) -> dict[str, bool]:
    """Say for a family of models, some of them truly better, whether two equally good ones are called different."""
    generator = np.random.default_rng([seed, number])
    corpus, hateful = simulated_corpus(generator, by_article=False)
    signals = (1.1,) * BETTER + (0.7,) * (MODELS - BETTER)
    scores = simulated_scores(generator, corpus, hateful, MODELS, True, signals)
    decided = [decisions(corpus, trained_plainly(one)) for one in scores]
    tosses = swaps(corpus.users.max() + 1, PERMUTATIONS, seed)
    couples = list(combinations(range(MODELS), 2))
    differences = [
        permuted_differences(paired(corpus, decided[a], decided[b]), tosses, corpus.users) for a, b in couples
    ]
    equal = np.array([signals[a] == signals[b] for a, b in couples])
    observed, permuted = np.array([one for one, _ in differences]), np.stack([drawn for _, drawn in differences])
    adjusted = {
        "step-down maximum": step_down(observed, permuted),
        "Holm": holm([p_value(*one) for one in differences]),
        "none": np.array([p_value(*one) for one in differences]),
    }
    alarms = {f"{name}: false alarm": bool((p[equal] <= LEVEL).any()) for name, p in adjusted.items()}
    return alarms | {f"{name}: true differences found": (p[~equal] <= LEVEL).mean() for name, p in adjusted.items()}


def rates(found: Sequence[dict[str, float]], level: float | None = None) -> dict[str, str]:
    """Return for each name the share of values (or of those up to the level), in percent."""
    shares = {name: np.array([one[name] for one in found], float) for name in found[0]}
    return {
        name: f"{100 * (values <= level).mean() if level else 100 * values.mean():.1f}"
        for name, values in shares.items()
    }


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=int, default=1000, help="of each kind (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    corpora = range(arguments.corpora)
    rejected, held = {}, {}
    for world in WORLDS:
        p_values, holding = zip(*(tested(arguments.seed, number, world) for number in tqdm(corpora)), strict=True)
        rejected[world.name], held[world.name] = rates(p_values, LEVEL), rates(holding)
    for title, cells in (("Called different, %", rejected), ("Intervals that hold the true difference, %", held)):
        names = list(next(iter(cells.values())))
        print(table((title, *names), [[world, *shares.values()] for world, shares in cells.items()]), end="\n\n")
    families = rates([false_alarms(arguments.seed, number) for number in tqdm(range(max(1, arguments.corpora // 4)))])
    print(table(("Families of comparisons", "%"), [list(one) for one in families.items()]))


if __name__ == "__main__":
    main()
