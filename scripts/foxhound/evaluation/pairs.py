"""Look up pairs of models in the table of comparisons: which differ, and which share a letter."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from foxhound.evaluation.comparisons import MODELS, letters
from foxhound.evaluation.paired_tests import LEVEL
from foxhound.markdown import NOTHING

Pairs = dict[frozenset[str], dict[str, Any]]


def compared_pairs(comparisons: pd.DataFrame, protocol: str, part: str, draws: str) -> Pairs:
    """Return the rows of the table `comparisons` that one table shows, by the names of the two models."""
    chosen = (comparisons["protocol"] == protocol) & (comparisons["part"] == part) & (comparisons["draws"] == draws)
    return {frozenset((row["model_a"], row["model_b"])): dict(row) for _, row in comparisons[chosen].iterrows()}


def shared_letters(names: Sequence[str], pairs: Pairs) -> dict[str, str]:
    """Return each model's letters: models that share one show no significant difference.

    A dash for what is not in the family of models, and a question mark behind the letters of a model that was not
    compared with all of it.

    Args:
        names: best first.
    """
    family = {pair: row for pair, row in pairs.items() if row["family"] == MODELS}
    members = [name for name in names if any(name in pair for pair in family)]
    marks = letters(members, {pair for pair, row in family.items() if row["p_adjusted"] <= LEVEL}) if members else {}
    tested = {name: all(frozenset((name, other)) in family for other in members if other != name) for name in members}
    return {name: marks[name] + ("" if tested[name] else "?") if name in marks else NOTHING for name in names}


def gain(pairs: Pairs, name: str, other: str) -> tuple[float, float, float] | None:
    """Return how much better `name` does than `other`, with the ends of its interval; None where nobody compared them.

    In the measure that the pair is compared by.
    """
    pair = pairs.get(frozenset((name, other)))
    if pair is None:
        return None
    estimate, low, high = (pair[key] for key in ("difference", "difference_low", "difference_high"))
    return (estimate, low, high) if pair["model_b"] == name else (-estimate, -high, -low)


def is_better(pairs: Pairs, name: str, other: str) -> bool:
    """Say whether `name` does significantly better than `other`."""
    pair = pairs.get(frozenset((name, other)))
    if pair is None or pair["p_adjusted"] > LEVEL:
        return False
    return bool((pair["difference"] > 0) == (pair["model_b"] == name))
