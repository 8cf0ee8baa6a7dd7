"""Say how far from its training comments a model was scored: on random folds, on unseen users, on unseen articles."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from foxhound.evaluation.score_views import most_models
from foxhound.names import GROUPED, STRATIFIED, TUNED

PRIMARY = TUNED
"""What is quoted of a model under folds, whose primary measure it is (`experiment.protocols.primary_measure`)."""

RANDOM, BY_USER, BY_ARTICLE = "random", "by user", "by article"
FOLDS_OF = {RANDOM: (STRATIFIED, None), BY_USER: (GROUPED, "user"), BY_ARTICLE: (GROUPED, "thread")}
"""What a model meets -> kind of protocol and the column whose groups it keeps whole; the easiest first.

An article is harder than a user: what is said under one is about the same things, by many users.
"""


def fold_protocols(scores: pd.DataFrame) -> dict[str, str]:
    """Return the fold protocol of each of RANDOM, BY_USER and BY_ARTICLE that there is, in this order.

    What a corpus lacks a column for is not there (`experiment.adaptation`). Of several of a kind it is the one with
    the most models, the first by name among equals.

    Args:
        scores: table `scores`, or rows of it.
    """
    found = {}
    for name, (kind, column) in FOLDS_OF.items():
        grouped = scores["grouped_by"].eq(column) if column else scores["grouped_by"].isna()
        protocol = most_models(scores[scores["protocol_kind"].eq(kind) & grouped & scores["part"].eq("test")])
        if protocol:
            found[name] = protocol
    return found


def hardest_protocol(scores: pd.DataFrame) -> str:
    """Return the hardest of `fold_protocols`: by article, else by user, else random; "" where there are no folds."""
    return next(reversed(fold_protocols(scores).values()), "")


def final_model_row(rows: pd.DataFrame, final: Mapping[str, Any], protocol: str) -> "pd.Series[Any] | None":
    """Return the final model's row under a protocol, None where it does not run there.

    Args:
        rows: what `over_seeds` returns.
        final: model, learning_rate and epoch of the final model; None and 0 of one that has neither.
    """
    same = rows["model"].eq(final["model"]) & rows["protocol"].eq(protocol) & rows["part"].eq("test")
    rate, rates = final["learning_rate"], rows["learning_rate"]
    same &= rows["epoch"].eq(final["epoch"]) & (rates.isna() if rate is None else rates.eq(rate))
    return rows[same].iloc[0] if same.any() else None
