"""Combine models: by the mean of their log-odds, or by weights that are learned on other folds."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import mannwhitneyu
from sklearn.linear_model import LogisticRegression

from foxhound.errors import FoxhoundError
from foxhound.names import CONFIDENCE_MARGIN

ROW = ["fold_or_split", "part", "id"]
CHANCE = 0.005  # one-sided; strict, as folds of one cross-validation err together more than the test allows for


def combine(members: Sequence[pd.DataFrame], stacked: bool) -> pd.DataFrame:
    """Combine several models' predictions, after averaging the log-odds of each member's seeds.

    With equal weights the members' log-odds are averaged and nothing is fitted. `stacked` is the stacked generalisation
    of Wolpert 1992: logistic regression (balanced class weights) on the members' log-odds, fitted for each fold on the
    other folds' held-out predictions. The members behind those did train on the fold, which leaves the few weights a
    trace of its labels; strictly nested, every member would have to be trained once more per pair of folds. Where
    members rank comments the trace is worth about .001 of AUROC (benchmarks/README.md). Where they do not, it would be
    worth .04, as weights take the sign of chance, and that chance the folds share: a member has no weight unless it
    ranks the other folds' comments significantly better than chance.

    Args:
        members: of each member its predictions at one epoch, of one seed or more; all of the same comments.

    Returns:
        A table with columns fold_or_split, part, id, label, p_hateful, sorted by the first three.

    Raises:
        FoxhoundError: the members do not score the same comments.
    """
    columns = []
    for frame in members:
        capped = frame["p_hateful"].astype(float).clip(CONFIDENCE_MARGIN, 1 - CONFIDENCE_MARGIN)
        columns.append(frame.assign(odds=logit(capped)).groupby(ROW)["odds"].mean())
    first = columns[0].index
    for frame, column in zip(members, columns, strict=True):
        if not column.index.equals(first):
            raise FoxhoundError(
                f"The members {members[0]['model'].iloc[0]} and {frame['model'].iloc[0]} score different comments. "
                "Delete their predictions and run Snakemake again."
            )
    odds = np.stack([column.to_numpy() for column in columns], axis=1)
    labels = members[0].drop_duplicates(ROW).set_index(ROW)["label"].reindex(first)
    if stacked:
        p = _stacked(odds, labels.to_numpy(), first.get_level_values("fold_or_split").to_numpy())
    else:
        p = expit(odds.mean(axis=1))
    return pd.DataFrame({"label": labels, "p_hateful": p.astype(np.float32)}, index=first).reset_index()


def _stacked(odds: np.ndarray, labels: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return the probability of hateful, (comments,), of log-odds (comments, members), each fold's from the others.

    It is .5 where no member ranks comments.
    """
    p = np.full(len(labels), 0.5)
    for fold in dict.fromkeys(folds):
        own = folds == fold
        hateful, others = (odds[~own & (labels == label)] for label in (1, 0))
        ranks = mannwhitneyu(hateful, others, alternative="greater").pvalue <= CHANCE
        if ranks.any():
            fitted = LogisticRegression(class_weight="balanced", max_iter=1000).fit(odds[~own][:, ranks], labels[~own])
            p[own] = fitted.predict_proba(odds[own][:, ranks])[:, 1]
    return p
