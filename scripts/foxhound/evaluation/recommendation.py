"""Recommend a model by a stated rule: the simplest of those that show no significant difference from the best."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from foxhound.evaluation.generalisation import PRIMARY, SideBySide, fold_protocols, side_by_side
from foxhound.evaluation.pairs import Pairs, compared_pairs, gain, is_better
from foxhound.names import ALARMS, DUMMIES

SIMPLICITY, SCORE = "simplicity", "score"
"""What is preferred among models that show no significant difference from the best (config.yaml)."""


@dataclass(frozen=True)
class Recommendation:
    """A model to take, and how it stands beside the others that read comments.

    protocols: kind of folds -> protocol, the hardest last.
    taken: the model; it has a row under every kind of folds.
    best: the one with the highest score under the hardest folds, of those that can be kept.
    worse, equals, better: names (as in `taken`) of the other models that read comments: those that do significantly
        worse under one kind of folds or more and better under none; those that differ under none; those that do better
        under one. What does better and worse counts as better.
    simpler: names of those that can be kept and are simpler, and that the best beats under some kind of folds.
    pairs: kind of folds -> the comparisons under it.
    """

    protocols: Mapping[str, str]
    taken: SideBySide
    best: SideBySide
    worse: tuple[str, ...]
    equals: tuple[str, ...]
    better: tuple[str, ...]
    simpler: tuple[str, ...]
    pairs: Mapping[str, Pairs]
    models: Mapping[str, SideBySide]

    @property
    def kind(self) -> str:
        """The hardest kind of folds: by article, else by user, else random."""
        return list(self.protocols)[-1]

    @property
    def row(self) -> "pd.Series[Any]":
        """The scores of the model to take under the hardest folds."""
        return self.taken.rows[self.kind]

    def kinds_where(self, winners: Collection[str], losers: Collection[str]) -> list[str]:
        """Return the kinds of folds under which one of `winners` does significantly better than one of `losers`."""
        return [
            kind
            for kind, pairs in self.pairs.items()
            if any(
                kind in self.models[one].rows
                and kind in self.models[other].rows
                and is_better(pairs, self.models[one].rows[kind]["name"], self.models[other].rows[kind]["name"])
                for one in winners
                for other in losers
            )
        ]

    def least_p(self, winner: str, loser: str) -> float:
        """Return the least p value, corrected for all pairs, with which one does better under some folds; else 1."""
        least = 1.0
        for kind, pairs in self.pairs.items():
            if kind in self.models[winner].rows and kind in self.models[loser].rows:
                names = [str(self.models[one].rows[kind]["name"]) for one in (winner, loser)]
                ahead = gain(pairs, *names)
                if ahead and ahead[0] > 0:
                    least = min(least, float(pairs[frozenset(names)]["p_adjusted"]))
        return least

    def facts(self) -> dict[str, Any]:
        """Return what those who keep the model need: model, learning_rate, epoch, name, protocol."""
        rate = self.row["learning_rate"]
        return {
            "model": str(self.row["model"]),
            "learning_rate": None if pd.isna(rate) else float(rate),
            "epoch": int(self.row["epoch"]),
            "name": self.taken.name,
            "protocol": self.protocols[self.kind],
        }


def recommend(
    rows: pd.DataFrame, comparisons: pd.DataFrame, keepable: Mapping[str, int], prefer: str = SIMPLICITY
) -> Recommendation | None:
    """Recommend one of the models that can be kept; None where none of them ranks comments under every kind of folds.

    The best has the highest primary score under the hardest folds that the corpus allows. A model that is no worse,
    by the tests of `evaluation.comparisons`, than the best under any kind of folds may take its place if it is simpler;
    of several as simple, the one with the higher score. All kinds of folds are asked, as the hardest has the fewest
    units to tell models apart by: what is not shown there may be plain on random folds.

    Args:
        rows: what `over_seeds` returns.
        comparisons: table of this name.
        keepable: model -> how many parts it has; what reads more than the comment, or cannot be kept, is not there.
        prefer: SIMPLICITY, or SCORE for the best one whatever it takes.
    """
    protocols = fold_protocols(rows)
    pairs = {kind: compared_pairs(comparisons, protocol, "test", "") for kind, protocol in protocols.items()}
    models = {model.name: model for model in side_by_side(rows)}
    reading = [model for model in models.values() if _model(model) not in (*DUMMIES, *ALARMS)]
    able = [
        model
        for model in reading
        if _model(model) in keepable
        and set(model.rows) == set(protocols)
        and not any(row["collapsed"] for row in model.rows.values())
    ]
    if not protocols or not able:
        return None
    hardest = list(protocols)[-1]
    best = max(able, key=lambda model: model.rows[hardest][PRIMARY])

    def beats(one: SideBySide, other: SideBySide) -> bool:
        shared = one.rows.keys() & other.rows.keys()
        return any(is_better(pairs[kind], one.rows[kind]["name"], other.rows[kind]["name"]) for kind in shared)

    taken = best
    if prefer == SIMPLICITY:
        level = [model for model in able if not beats(best, model)]
        taken = min(level, key=lambda model: (keepable[_model(model)], -model.rows[hardest][PRIMARY]))
    others = [model for model in reading if model is not taken]
    better = tuple(model.name for model in others if beats(model, taken))
    worse = tuple(model.name for model in others if beats(taken, model) and model.name not in better)
    equals = tuple(model.name for model in others if model.name not in (*better, *worse))
    fewer = [model for model in able if keepable[_model(model)] < keepable[_model(taken)]]
    simpler = tuple(model.name for model in fewer if beats(best, model))
    return Recommendation(protocols, taken, best, worse, equals, better, simpler, pairs, models)


def _model(model: SideBySide) -> str:
    return str(next(iter(model.rows.values()))["model"])
