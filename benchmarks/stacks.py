"""What a stack gains from members that trained on the scored fold: `python benchmarks/stacks.py`, a few minutes.

A stack's weights for a fold are learned on the other folds' held-out predictions, and the models behind these did train
on the fold. Strictly nested, every member is trained once more without both folds. Ridge regressions stand for members:
each reads features of its own, with another penalty, so that some learn by heart.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from foxhound.models import ensembles
from scipy.special import expit
from sklearn.metrics import roc_auc_score

FOLDS, WIDTH = 10, 30
PENALTIES = (0.02, 0.05, 0.1, 0.5)  # per comment


def trained(features: np.ndarray, labels: np.ndarray, train: np.ndarray, penalty: float) -> np.ndarray:
    """Return the scores of all comments by a ridge regression on those that train."""
    own = features[train]
    gram = own.T @ own + penalty * len(own) * np.eye(WIDTH)
    return features @ np.linalg.solve(gram, own.T @ (labels[train] - labels[train].mean()))


def stacked(scores: np.ndarray, labels: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return what a stack makes of the members' scores (comments, members)."""
    names = [f"c{number:05d}" for number in range(len(labels))]
    table = pd.DataFrame(
        {"id": names, "label": labels, "part": "test", "fold_or_split": folds, "seed": 1, "model": "m"}
    )
    frames = [table.assign(p_hateful=expit(one / scores.std())) for one in scores.T]
    return ensembles.combine(frames, stacked=True).set_index("id")["p_hateful"].reindex(names).to_numpy()


def auroc(p: np.ndarray, labels: np.ndarray, folds: np.ndarray) -> float:
    """Return AUROC, mean of folds."""
    return float(np.mean([roc_auc_score(labels[folds == fold], p[folds == fold]) for fold in range(FOLDS)]))


def stacked_twice(generator: np.random.Generator, comments: int, signal: float) -> tuple[float, float]:
    """Return AUROC of a stack on one corpus, as it is made and strictly nested."""
    features = generator.normal(size=(len(PENALTIES), comments, WIDTH))
    truth = generator.normal(size=(len(PENALTIES), WIDTH)) * np.linspace(1, 0.4, len(PENALTIES))[:, None]
    odds = signal * np.einsum("mcw,mw->c", features, truth) / np.linalg.norm(truth)
    labels = (generator.random(comments) < expit(odds - 1)).astype(int)
    folds = np.empty(comments, int)
    for label in (0, 1):
        members = generator.permutation(np.flatnonzero(labels == label))
        folds[members] = np.arange(len(members)) % FOLDS

    def without(*left_out: int) -> np.ndarray:
        train = ~np.isin(folds, left_out)
        return np.stack([trained(one, labels, train, penalty)
                         for one, penalty in zip(features, PENALTIES, strict=True)], axis=1)  # fmt: skip

    once = {fold: without(fold) for fold in range(FOLDS)}
    held_out = np.concatenate([once[fold][folds == fold] for fold in range(FOLDS)])
    held_out = held_out[np.argsort(np.argsort(folds, kind="stable"), kind="stable")]
    nested = np.empty(comments)
    twice = {(one, other): without(one, other) for one in range(FOLDS) for other in range(one)}
    for fold in range(FOLDS):
        scores = held_out.copy()
        for other in set(range(FOLDS)) - {fold}:
            scores[folds == other] = twice[max(fold, other), min(fold, other)][folds == other]
        nested[folds == fold] = stacked(scores, labels, folds)[folds == fold]
    return auroc(stacked(held_out, labels, folds), labels, folds), auroc(nested, labels, folds)


def measured() -> Iterator[str]:
    """Yield rows of a Markdown table."""
    level = ensembles.CHANCE
    yield "| comments | members | weights for | AUROC, as made | strictly nested | difference, ± standard error |"
    yield "|---|---|---|---:|---:|---:|"
    for comments, signal, corpora in ((300, 0.0, 100), (1500, 0.0, 40), (300, 2.0, 60), (1500, 2.0, 30)):
        for who, chance in (("all members", 2.0), ("those that rank", level)):
            ensembles.CHANCE = chance
            generator = np.random.default_rng(0)
            made, nested = np.array([stacked_twice(generator, comments, signal) for _ in range(corpora)]).T
            gap = made - nested
            members = "know something" if signal else "know nothing"
            yield (
                f"| {comments} | {members} | {who} | {made.mean():.4f} | {nested.mean():.4f} | "
                f"{gap.mean():+.4f} ± {gap.std() / np.sqrt(corpora):.4f} |"
            )


if __name__ == "__main__":
    for line in measured():
        print(line, flush=True)
