"""How much optimism choosing thresholds on the other folds leaves in F1: `python benchmarks/threshold_optimism.py`.

The threshold of a fold comes from predictions of models that trained on that fold. Here models are trained once more
per pair of folds, so that nothing of the scored fold is left in its threshold, and both F1 stand beside the one that
the same models and thresholds have on 5,000 fresh comments.
"""

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import numpy as np
from foxhound.evaluation.thresholds import choose_threshold, thresholds_from_elsewhere
from foxhound.markdown import table
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold
from tqdm import tqdm

FRESH = 5_000
SHARE = -1.2  # log-odds of an average comment


class Thresholds(NamedTuple):
    """F1 at thresholds chosen on the other folds, strictly nested, and of the former on fresh comments."""

    other_folds: float
    nested: float
    fresh: float


def probabilities(features: np.ndarray, labels: np.ndarray, train: np.ndarray, scored: np.ndarray) -> np.ndarray:
    """Train a model that overfits (as many features as a tenth of the comments) and return its probabilities."""
    model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=500).fit(features[train], labels[train])
    return model.predict_proba(features[scored])[:, 1]


def simulated(generator: np.random.Generator, comments: int, folds: int) -> Thresholds:
    """Simulate one corpus."""
    dimensions = comments // 10
    weights = generator.normal(0, 1.5 / np.sqrt(dimensions), dimensions)
    features = generator.normal(size=(comments + FRESH, dimensions))
    labels = (generator.random(len(features)) < expit(SHARE + features @ weights)).astype(int)
    ours, fresh = np.arange(comments), np.arange(comments, len(features))
    of = np.empty(comments, int)
    for fold, (_, scored) in enumerate(StratifiedKFold(folds, shuffle=True, random_state=0).split(ours, labels[ours])):
        of[scored] = fold
    held_out = np.empty(comments)
    nested, on_fresh = np.empty(comments), []
    for fold in range(folds):
        scored, train = np.flatnonzero(of == fold), np.flatnonzero(of != fold)
        held_out[scored] = probabilities(features, labels, train, scored)
        inner = np.empty(comments)
        for other in set(range(folds)) - {fold}:
            inside = np.flatnonzero(of == other)
            inner[inside] = probabilities(features, labels, np.flatnonzero((of != fold) & (of != other)), inside)
        nested[scored] = choose_threshold(labels[train], inner[train])
    chosen = thresholds_from_elsewhere(of, labels[ours], held_out)
    for fold in range(folds):
        p = probabilities(features, labels, np.flatnonzero(of != fold), fresh)
        on_fresh.append(f1_score(labels[fresh], p >= chosen[of == fold][0]))
    scores = [f1_score(labels[ours], held_out >= cut, zero_division=0.0) for cut in (chosen, nested)]
    return Thresholds(*scores, float(np.mean(on_fresh)))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=int, default=150, help="of each size (default: %(default)s)")
    arguments = parser.parse_args()
    rows = []
    for comments, folds in ((150, 10), (300, 10), (300, 3)):
        generator = np.random.default_rng([comments, folds])
        found = np.array([simulated(generator, comments, folds) for _ in tqdm(range(arguments.corpora))])
        gaps = [found[:, 0] - found[:, 1], found[:, 0] - found[:, 2]]
        errors = [f"{gap.mean():+.4f} ± {gap.std(ddof=1) / np.sqrt(len(gap)):.4f}" for gap in gaps]
        rows.append([str(comments), str(folds), *(f"{mean:.4f}" for mean in found.mean(axis=0)), *errors])
    header = ("Comments", "Folds", *Thresholds._fields, "Other folds minus nested", "Other folds minus fresh")
    print(table(header, rows))


if __name__ == "__main__":
    main()
