"""Say how far from its training comments a model was scored: on random folds, on unseen users, on unseen articles."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from foxhound.evaluation.comparisons import model_names
from foxhound.evaluation.score_views import last_epochs, most_models, rate_text
from foxhound.evaluation.scoring import ARTICLES, USERS
from foxhound.names import GROUPED, STRATIFIED, TUNED

PRIMARY = TUNED
"""What is quoted of a model under folds, whose primary measure it is (`experiment.protocols.primary_measure`)."""

RANDOM, BY_USER, BY_ARTICLE = "random", "by user", "by article"
FOLDS_OF = {RANDOM: (STRATIFIED, None), BY_USER: (GROUPED, "user"), BY_ARTICLE: (GROUPED, "thread")}
"""What a model meets -> kind of protocol and the column whose groups it keeps whole; the easiest first.

An article is harder than a user: what is said under one is about the same things, by many users.
"""


OVER = {RANDOM: "", BY_USER: USERS, BY_ARTICLE: ARTICLES}
"""Kind of folds -> the kind of interval that is about what they hold out: other comments, users or articles."""


def held_out_interval(row: "pd.Series[Any]", metric: str, kind: str) -> tuple[float, float, float]:
    """Return a metric under a kind of folds with the ends of its interval over what these hold out.

    Over comments, which is narrower, where there is one user or article only.
    """
    over = OVER[kind] if pd.notna(row[f"{metric}{OVER[kind]}_low"]) else ""
    return row[metric], row[f"{metric}{over}_low"], row[f"{metric}{over}_high"]


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


class SideBySide(NamedTuple):
    """A model at its last epoch, named as in the comparisons, and its row of scores by the kind of folds."""

    name: str
    epoch: int
    rows: dict[str, "pd.Series[Any]"]


def last_rows(rows: pd.DataFrame, protocol: str) -> pd.DataFrame:
    """Return the rows of models at their last epoch under a protocol, with their `name` in the comparisons."""
    last = last_epochs(rows[rows["protocol"].eq(protocol) & rows["part"].eq("test")])
    return last.assign(name=model_names(last))


def side_by_side(rows: pd.DataFrame) -> list[SideBySide]:
    """Return every model that runs under folds, those best at the hardest folds first, those that lack them last.

    A model stands at its last epoch under the hardest folds that it runs under, and at the same epoch elsewhere. Where
    that is not its last one there, its row bears the epoch in its name: nobody compared it.

    Args:
        rows: what `over_seeds` returns.
    """
    protocols = fold_protocols(rows)
    found: dict[tuple[str, str], dict[str, pd.Series[Any]]] = {}
    for kind, protocol in reversed(protocols.items()):
        for _, row in last_rows(rows, protocol).iterrows():
            several = found.setdefault((row["model"], rate_text(row["learning_rate"])), {})
            several[kind] = _at_epoch(rows, row, next(iter(several.values()))["epoch"]) if several else row
    if not found:
        return []
    firsts = pd.DataFrame([next(iter(several.values())) for several in found.values()])
    models = [
        SideBySide(name, epoch, {kind: several[kind] for kind in protocols if kind in several})
        for name, epoch, several in zip(model_names(firsts), firsts["epoch"], found.values(), strict=True)
    ]

    def place(model: SideBySide) -> tuple[Any, ...]:
        scores = [model.rows[kind][PRIMARY] if kind in model.rows else np.nan for kind in reversed(protocols)]
        return (*((np.isnan(score), -score) for score in scores), model.name)

    return sorted(models, key=place)


def _at_epoch(rows: pd.DataFrame, last: "pd.Series[Any]", epoch: int) -> "pd.Series[Any]":
    """Return the row of the same model and protocol at this epoch, or the last one where there is none."""
    same = rows["protocol"].eq(last["protocol"]) & rows["part"].eq("test") & rows["epoch"].eq(epoch)
    same &= rows["settings_key"].eq(last["settings_key"]) & rows["model"].eq(last["model"])
    if last["epoch"] == epoch or not same.any():
        return last
    row = rows[same].iloc[0].copy()
    row["name"] = f"{last['name']}, epoch {epoch}"
    return row
