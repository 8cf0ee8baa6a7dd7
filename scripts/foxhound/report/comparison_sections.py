"""The report's sections on which models differ."""

from collections.abc import Hashable
from typing import Any

import pandas as pd

from foxhound.evaluation.comparisons import LEVEL, letters, model_names
from foxhound.evaluation.score_views import latest_epochs, protocol_titles
from foxhound.markdown import NOTHING, escape, number, table, with_interval
from foxhound.names import ALWAYS, TFIDF
from foxhound.report.score_tables import metric

ABOUT = f"""\
Models that share a letter cannot be told apart on these comments: paired permutation tests of the difference in F1,
each model at its largest epoch, Holm-adjusted within a table, {LEVEL:.0%} level. Beside it the difference to each
yardstick with its 95 % interval (paired bootstrap over comments and seeds). p is about these trained models; the luck
of the seed is in the interval only. A question mark: not all pairs ran on the same comments."""


def comparison_sections(comparisons: pd.DataFrame, rows: pd.DataFrame) -> list[str]:
    """A table per protocol and part, best model first.

    Args:
        comparisons: table `comparisons`.
        rows: what `over_seeds` gives.
    """
    sections, titles = [], protocol_titles(rows, "`")
    for (protocol, part), pairs in comparisons.groupby(["protocol", "part"], sort=True):
        scored = latest_epochs(rows[(rows["protocol"] == protocol) & (rows["part"] == part)]).reset_index(drop=True)
        row_of = {name: scored.iloc[place] for place, name in enumerate(model_names(scored))}
        names = sorted(row_of, key=lambda name: (-row_of[name]["f1"], name))
        found = {frozenset((pair["model_a"], pair["model_b"])): pair for pair in pairs.to_dict("records")}
        shown = letters(names, {two for two, pair in found.items() if pair["p_adjusted"] <= LEVEL})
        body = []
        for name in names:
            beside = [difference(found.get(frozenset((name, other))), name) for other in (TFIDF, ALWAYS)]
            tested = all(frozenset((name, other)) in found for other in names if other != name)
            body.append([escape(name), metric(row_of[name], "f1"), shown[name] + ("" if tested else "?"), *beside])
        sections += [
            f"### {titles[str(protocol)]}, {escape(part)} part",
            table(("Model", "F1", "Cannot be told apart", "F1 minus TF-IDF logistic", "F1 minus always hateful"), body),
        ]
    return ["## Which models differ", ABOUT, *sections] if sections else []


def difference(pair: dict[Hashable, Any] | None, name: str) -> str:
    """`.054 [.012, .101], p .031`: the F1 of `name` minus that of the other model of the pair."""
    if pair is None:
        return NOTHING
    ends = [pair[key] for key in ("difference", "difference_low", "difference_high")]
    if pair["model_a"] == name:
        ends = [-ends[0], -ends[2], -ends[1]]
    return f"{with_interval(*ends)}, p {number(pair['p_adjusted'])}"
