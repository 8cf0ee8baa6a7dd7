"""How many labels are saved by choosing what to label, on Fox News: `python benchmarks/label_next.py`, some minutes.

Simulated: labels are hidden, and uncovered a hundred at a time. Each draw holds a test part out, which is never chosen
from, labels 100 random comments, and then lets each strategy choose its next 100, until 900 are labelled. After each
step pooled-logistic is trained on what is labelled (class weights balanced), and its threshold chosen there by
cross-validation, as the threshold of a kept model is. The score is F1 on the test part. Beside it stands what
cross-validation says on the labelled comments, which the strategy has chosen.

The strategies were named before any was run, and none of them has a setting that was tried:

- random;
- random, once more: a second order of the same pool, which shows what luck does;
- uncertain: the nearest to the threshold in log-odds;
- uncertain, of TF-IDF clusters: the 300 nearest in 100 clusters (k-means), the nearest of each;
- uncertain, of vector clusters: the same on the vectors that the model reads.

Labels needed: where the strategy's mean curve over draws, made monotone (isotonic regression), first reaches what the
curve of random has at 700. Intervals are bootstraps over draws, which are about other draws from this corpus.
"""

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import material
import numpy as np
import pandas as pd
from foxhound.evaluation.platt import log_odds
from foxhound.evaluation.thresholds import choose_threshold
from foxhound.inference.label_next import CLUSTERED, first_of_clusters
from foxhound.markdown import table
from foxhound.models.baselines import fit_baseline, probability_of_hateful
from foxhound.names import POOLED
from sklearn.cluster import KMeans
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from tqdm import tqdm

STEP, LAST, REFERENCE = 100, 900, 700
SIZES = np.arange(STEP, LAST + 1, STEP)
FOLDS = 5  # by which the threshold is chosen
FEW, MANY = 0.25, 0.4  # of the comments, in the test part of whole articles
SHARE = 1 / 3  # of the comments, in a random test part
RANDOM, AGAIN = "random", "random, once more"
RESAMPLES = 10_000
SCORES = ("F1", "AUROC", "F1 on the labelled", "AUROC on the labelled", "hateful among the labelled")

Strategy = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]
"""Positions that can be chosen, distance of each to the threshold, generator -> those that are labelled next."""


def at_random(pool: np.ndarray, distances: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    return generator.permutation(pool)[:STEP]


def uncertain(pool: np.ndarray, distances: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    return pool[np.argsort(distances, kind="stable")[:STEP]]


def of_word_clusters(
    texts: np.ndarray, pool: np.ndarray, distances: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    """Choose as `foxhound label-next` does."""
    nearest = pool[np.argsort(distances, kind="stable")[: CLUSTERED * STEP]]
    return nearest[first_of_clusters(texts[nearest], STEP)]


def of_vector_clusters(
    features: np.ndarray, pool: np.ndarray, distances: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    """Choose the nearest of each cluster of the 3 * STEP nearest, by the vectors that the model reads."""
    nearest = pool[np.argsort(distances, kind="stable")[: CLUSTERED * STEP]]
    if len(nearest) <= STEP:
        return nearest
    clusters = KMeans(STEP, n_init=1, random_state=int(generator.integers(2**31))).fit_predict(features[nearest])
    firsts = np.sort(np.unique(clusters, return_index=True)[1])
    others = np.setdiff1d(np.arange(len(nearest)), firsts)  # where k-means leaves a cluster empty
    return nearest[[*firsts, *others][:STEP]]


def strategies(comments: pd.DataFrame) -> dict[str, Strategy]:
    return {
        RANDOM: at_random,
        AGAIN: at_random,
        "uncertain": uncertain,
        "uncertain, of TF-IDF clusters": partial(of_word_clusters, comments["text"].to_numpy()),
        "uncertain, of vector clusters": partial(of_vector_clusters, np.stack(comments["pooled"])),
    }


def trained(comments: pd.DataFrame, labelled: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
    """Return log-odds of all comments, the threshold among them, and those of what is labelled, all by the latter.

    The last are held out in cross-validation, in the order of `labelled`.
    """
    model = fit_baseline(POOLED, comments, labelled, 1)
    odds = log_odds(probability_of_hateful(model, comments))
    labels = comments["label"].to_numpy()[labelled]
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=1)
    held_out = cross_val_predict(model, comments.iloc[labelled], labels, cv=folds, method="predict_proba")[:, 1]
    threshold = log_odds(np.array([choose_threshold(labels, held_out)]))
    return odds, float(threshold[0]), log_odds(held_out)


def curve(comments: pd.DataFrame, test: np.ndarray, choose: Strategy, draw: int, number: int) -> np.ndarray:
    """Return the scores at each of SIZES, (SCORES, sizes); the first comments are those of every strategy."""
    generator = np.random.default_rng((draw, number))
    pool = np.random.default_rng((draw, 99)).permutation(np.setdiff1d(np.arange(len(comments)), test))
    labelled, pool = pool[:STEP], np.sort(pool[STEP:])
    labels, scores = comments["label"].to_numpy(), []
    for size in SIZES:
        odds, threshold, held_out = trained(comments, labelled)
        pairs = ((labels[test], odds[test]), (labels[labelled], held_out))
        scores.append([score for truth, said in pairs for score in (
            f1_score(truth, said >= threshold, zero_division=0), roc_auc_score(truth, said)
        )] + [labels[labelled].mean()])  # fmt: skip
        if size < LAST:
            chosen = choose(pool, np.abs(odds[pool] - threshold), generator)
            labelled, pool = np.concatenate([labelled, chosen]), np.setdiff1d(pool, chosen)
    return np.array(scores).T


def random_part(comments: pd.DataFrame, draw: int) -> np.ndarray:
    order = np.random.default_rng((draw, 1)).permutation(len(comments))
    return np.sort(order[: round(SHARE * len(comments))])


def article_part(comments: pd.DataFrame, draw: int) -> np.ndarray:
    """Return the comments on articles that are taken at random until FEW of all are on them, MANY at the most."""
    articles, total = comments["thread"].value_counts(sort=False), len(comments)
    taken: list[str] = []
    for article in np.random.default_rng((draw, 2)).permutation(sorted(articles.index)):
        if articles[[*taken, article]].sum() <= MANY * total:
            taken.append(article)
        if articles[taken].sum() >= FEW * total:
            break
    return np.flatnonzero(comments["thread"].isin(taken))


def monotone(curves: np.ndarray) -> np.ndarray:
    """Return the mean of curves, (draws, sizes), as a curve that never falls."""
    return IsotonicRegression().fit_transform(SIZES, curves.mean(axis=0))


def needed(curves: np.ndarray, level: float) -> float:
    """Return how many labels reach `level`; LAST where so many do not."""
    mean = monotone(curves)
    if mean[-1] < level:
        return float(LAST)
    after = int(np.argmax(mean >= level))
    if after == 0:
        return float(SIZES[0])
    rise = (level - mean[after - 1]) / (mean[after] - mean[after - 1])
    return float(SIZES[after - 1] + STEP * rise)


def figures(curves: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Return labels needed, labels saved, and the mean difference in F1 from the second step to REFERENCE."""
    level = monotone(reference)[SIZES == REFERENCE][0]
    labels = needed(curves, level)
    counted = (SIZES > STEP) & (SIZES <= REFERENCE)
    return np.array([labels, REFERENCE - labels, (curves - reference)[:, counted].mean()])


def summary(measured: dict[str, np.ndarray]) -> str:
    """Return the figures of each strategy with their intervals, and the mean curves, as Markdown.

    Args:
        measured: strategy -> scores, (draws, SCORES, sizes).
    """
    reference, rows = measured[RANDOM][:, 0], []
    draws = len(reference)
    resampled = np.random.default_rng(0).integers(draws, size=(RESAMPLES, draws))
    for name, scores in measured.items():
        curves = scores[:, 0]
        own = figures(curves, reference)
        if name == RANDOM:
            rows.append([name, f"{own[0]:.0f}", "", ""])
            continue
        low, high = np.percentile([figures(curves[one], reference[one]) for one in resampled], (2.5, 97.5), axis=0)
        needs, saves = (f"{own[k]:.0f} [{low[k]:.0f}, {high[k]:.0f}]" for k in (0, 1))
        rows.append([name, needs, saves, f"{own[2]:+.3f} [{low[2]:+.3f}, {high[2]:+.3f}]"])
    head = ("Strategy", f"Labels for the F1 of {REFERENCE} random ones", f"Saved of {REFERENCE}",
            f"F1 minus random, mean of {2 * STEP} to {REFERENCE}")  # fmt: skip
    means = [
        [f"{name}: {score}", *(f"{value:.3f}" for value in scores[:, place].mean(axis=0))]
        for place, score in enumerate(SCORES)
        for name, scores in measured.items()
    ]
    return f"{table(head, rows)}\n\n{table(('Mean at', *map(str, SIZES)), means)}"


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=30)
    parser.add_argument("--test", choices=("random", "articles"), default="random")
    arguments = parser.parse_args()
    part = random_part if arguments.test == "random" else article_part
    vectors = material.vectors()
    means = [vectors[place].astype(np.float32).mean(axis=0) for place in range(len(material.texts()))]
    comments = material.comments().assign(pooled=means)
    named = strategies(comments)
    curves: dict[str, list[np.ndarray]] = {name: [] for name in named}
    for draw in tqdm(range(arguments.draws)):
        test = part(comments, draw)
        for number, (name, choose) in enumerate(named.items()):
            curves[name].append(curve(comments, test, choose, draw, number))
    print(f"\nTest part: {arguments.test}; {arguments.draws} draws.\n")
    print(summary({name: np.stack(several) for name, several in curves.items()}))


if __name__ == "__main__":
    main()
