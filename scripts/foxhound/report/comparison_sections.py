"""Write the report's sections on which models differ."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from foxhound.evaluation.comparisons import LEVEL, letters, model_names
from foxhound.evaluation.score_views import last_epochs, protocol_titles
from foxhound.markdown import NOTHING, escape, number, table, with_interval
from foxhound.names import ALWAYS, TFIDF
from foxhound.report.score_tables import metric

ABOUT = f"""\
Models that share a letter show no significant difference on these comments: paired permutation tests of the difference
in F1, each model at its last epoch, Holm-adjusted within a table, {100 * LEVEL:.0f} % level. Beside the letters: the
difference to each baseline with its 95 % interval (paired bootstrap over comments and seeds). p is about these trained
models; how much seeds differ is in the interval only. A question mark: not all pairs ran on the same comments."""

Pairs = dict[frozenset[str], dict[str, Any]]


def ranked_models(rows: pd.DataFrame, protocol: str, part: str, by: str = "f1") -> pd.DataFrame:
    """Return the models under a protocol and part at their last epoch, best first, with their `name` in comparisons.

    Args:
        rows: what `over_seeds` returns.
        by: the metric that ranks them.
    """
    models = last_epochs(rows[(rows["protocol"] == protocol) & (rows["part"] == part)]).reset_index(drop=True)
    return models.assign(name=model_names(models)).sort_values([by, "name"], ascending=[False, True])


def compared_pairs(comparisons: pd.DataFrame, protocol: str, part: str) -> Pairs:
    """Return the rows of the table `comparisons` under a protocol and part, by the names of the two models."""
    rows = comparisons[(comparisons["protocol"] == protocol) & (comparisons["part"] == part)]
    return {frozenset((row["model_a"], row["model_b"])): dict(row) for _, row in rows.iterrows()}


def shared_letters(names: Sequence[str], pairs: Pairs) -> dict[str, str]:
    """Return each model's letters: models that share one show no significant difference."""
    return letters(names, {pair for pair, row in pairs.items() if row["p_adjusted"] <= LEVEL})


def comparison_sections(comparisons: pd.DataFrame, rows: pd.DataFrame) -> list[str]:
    """Return a table per protocol and part, best model first.

    Args:
        comparisons: table `comparisons`.
        rows: what `over_seeds` returns.
    """
    sections, titles = [], protocol_titles(rows, "`")
    for protocol, part in sorted(set(zip(comparisons["protocol"], comparisons["part"], strict=True))):
        models, pairs = ranked_models(rows, protocol, part), compared_pairs(comparisons, protocol, part)
        names = models["name"].tolist()
        marks = shared_letters(names, pairs)
        cells = []
        for name, (_, row) in zip(names, models.iterrows(), strict=True):
            tested = all(frozenset((name, other)) in pairs for other in names if other != name)
            differences = [difference(pairs.get(frozenset((name, other))), name) for other in (TFIDF, ALWAYS)]
            cells.append([escape(name), metric(row, "f1"), marks[name] + ("" if tested else "?"), *differences])
        header = ("Model", "F1", "No significant difference", "F1 minus TF-IDF logistic", "F1 minus always hateful")
        sections += [f"### {titles[protocol]}, {escape(part)} part", table(header, cells)]
    return ["## Which models differ", ABOUT, *sections] if sections else []


def difference(pair: Mapping[str, Any] | None, name: str) -> str:
    """Return `.054 [.012, .101], p .031`: the F1 of `name` minus that of the other model of the pair."""
    if pair is None:
        return NOTHING
    estimate, low, high = (pair[key] for key in ("difference", "difference_low", "difference_high"))
    if pair["model_a"] == name:
        estimate, low, high = -estimate, -high, -low
    return f"{with_interval(estimate, low, high)}, p {number(pair['p_adjusted'])}"
