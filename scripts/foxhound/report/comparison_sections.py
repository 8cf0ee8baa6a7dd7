"""Write the report's sections on which models differ."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from foxhound.evaluation.comparisons import LEVEL, letters, model_names
from foxhound.evaluation.power import FARTHEST, NEEDED, POWER
from foxhound.evaluation.score_views import last_epochs, protocol_titles
from foxhound.markdown import NOTHING, escape, number, table, with_interval
from foxhound.names import ALWAYS, TFIDF
from foxhound.report.score_tables import metric

ABOUT = f"""\
Models that share a letter show no significant difference on these comments: paired permutation tests of the difference
in F1, each model at its last epoch, Holm-adjusted within a table, {100 * LEVEL:.0f} % level. Beside the letters: the
difference to each baseline with its 95 % interval (paired bootstrap over comments and seeds). p is about these trained
models; how much seeds differ is in the interval only. A question mark: not all pairs ran on the same comments.

*More labelled comments*: how many, beside those there are, would tell a model from the first one of its table in
{100 * POWER:.0f} % of samples, by simulation, if the difference is what was seen; in brackets the same for the ends of
its interval. There is *no limit* where the interval holds 0, and *cannot say* stands where it takes more than
{FARTHEST} times the comments there are. It is about these trained models on comments like these, to be scored and not
to be trained on."""
NEAREST = 5  # other undecided pairs that are named

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
            more = more_comments(pairs.get(frozenset((name, names[0]))))
            cells.append([escape(name), metric(row, "f1"), marks[name] + ("" if tested else "?"), *differences, more])
        header = ("Model", "F1", "No significant difference", "F1 minus TF-IDF logistic", "F1 minus always hateful")
        last = "More labelled comments to tell it from the first"
        sections += [f"### {titles[protocol]}, {escape(part)} part", table((*header, last), cells)]
        sections += [*what_would_decide(names, pairs), *nearest_to_a_decision(names[0], pairs)]
    return ["## Which models differ", ABOUT, *sections] if sections else []


def difference(pair: Mapping[str, Any] | None, name: str) -> str:
    """Return `.054 [.012, .101], p .031`: the F1 of `name` minus that of the other model of the pair."""
    if pair is None:
        return NOTHING
    estimate, low, high = (pair[key] for key in ("difference", "difference_low", "difference_high"))
    if pair["model_a"] == name:
        estimate, low, high = -estimate, -high, -low
    return f"{with_interval(estimate, low, high)}, p {number(pair['p_adjusted'])}"


def more_comments(pair: Mapping[str, Any] | None) -> str:
    """Return `2,400 [360, no limit]`: how many more labelled comments decide a pair; a dash where it is decided."""
    if pair is None or pair["p_adjusted"] <= LEVEL:
        return NOTHING
    more, low, high = (_about(pair, name) for name in NEEDED)
    return f"{more or 'cannot say'} [{low}, {high or 'no limit'}]" if low else "cannot say"


def what_would_decide(names: Sequence[str], pairs: Pairs) -> list[str]:
    """Return what it would take to tell the first model from the second, in a sentence, unless that is decided."""
    pair = pairs.get(frozenset(names[:2]))
    if pair is None or pair["p_adjusted"] <= LEVEL:
        return []
    more, low, high = (_about(pair, name) for name in NEEDED)
    ends = sorted((abs(pair["difference_low"]), abs(pair["difference_high"])))
    seen = f"if the difference is what was seen ({number(abs(pair['difference']))})"
    parts = [f"about {more} more labelled comments would decide it, {seen}"]
    if not more:
        parts = [
            f"cannot say. It would take more than {FARTHEST} times the {pair['comments']} comments there are, {seen}"
        ]
    if low:
        parts.append(f"{low} more, if it is as large as its interval allows ({number(ends[1])})")
    if high:
        parts.append(f"{high} more, if it is as small ({number(ends[0])})")
    elif pair["difference_low"] <= 0 <= pair["difference_high"]:
        parts.append("no number, if there is none")
    return [f"To tell {escape(names[0])} from {escape(names[1])}: {'; '.join(parts)}."]


def nearest_to_a_decision(first: str, pairs: Pairs) -> list[str]:
    """Return the undecided pairs without the first model that need the fewest comments, in a sentence."""
    others = [row for pair, row in pairs.items() if row["p_adjusted"] > LEVEL and first not in pair]
    others.sort(key=lambda row: np.inf if pd.isna(row["needed"]) else row["needed"] - row["comments"])
    named = []
    for row in others[:NEAREST]:
        more = _about(row, "needed")
        named.append(
            f"{escape(row['model_a'])} and {escape(row['model_b'])} ({f'{more} more' if more else 'cannot say'})"
        )
    rest = f"; {len(others) - NEAREST} more are in comparisons.parquet" if len(others) > NEAREST else ""
    return [f"Other undecided pairs, the nearest to a decision first: {', '.join(named)}{rest}."] if named else []


def _about(pair: Mapping[str, Any], name: str) -> str:
    """Return how many comments more than there are, two digits of it; nothing where there is no number."""
    if pd.isna(pair[name]):
        return ""
    more = max(0, pair[name] - pair["comments"])
    return f"{float(f'{more:.2g}'):,.0f}"
