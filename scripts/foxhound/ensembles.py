"""Ensembles of models: the mean of their log-odds."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from foxhound.errors import FoxhoundError

ROW = ["fold_or_split", "part", "id"]
CERTAIN = 1e-4  # no member is surer than this, or one mistaken certainty would outvote all others


def mean_log_odds(members: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Average the members' log-odds with equal weights, after averaging those of each member's seeds.

    Args:
        members: of each member its predictions at one epoch, of one seed or more; all of the same comments.

    Returns:
        A frame with columns fold_or_split, part, id, label, p_hateful, sorted by the first three.

    Raises:
        FoxhoundError: the members do not score the same comments.
    """
    odds = []
    for frame in members:
        clipped = frame.assign(odds=logit(frame["p_hateful"].astype(float).clip(CERTAIN, 1 - CERTAIN)))
        odds.append(clipped.groupby(ROW)["odds"].mean())
    first = odds[0].index
    for frame, one in zip(members, odds, strict=True):
        if not one.index.equals(first):
            raise FoxhoundError(
                f"The members {members[0]['model'].iloc[0]} and {frame['model'].iloc[0]} score different comments. "
                "Delete their predictions and run Snakemake again."
            )
    mean = np.mean([one.to_numpy() for one in odds], axis=0)
    labels = members[0].drop_duplicates(ROW).set_index(ROW)["label"]
    rows = pd.DataFrame({"p_hateful": expit(mean).astype(np.float32)}, index=first)
    return rows.join(labels).reset_index()
