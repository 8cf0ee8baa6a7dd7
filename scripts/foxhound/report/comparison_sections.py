"""Write the report's sections on which models differ."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from foxhound.evaluation.comparisons import model_names
from foxhound.evaluation.paired_tests import LEVEL
from foxhound.evaluation.pairs import Pairs, compared_pairs, shared_letters
from foxhound.evaluation.power import FARTHEST, NEEDED, POWER
from foxhound.evaluation.score_views import protocol_titles, standing_rows
from foxhound.evaluation.units import COMMENT
from foxhound.markdown import NOTHING, escape, number, p_value, table, with_interval
from foxhound.names import ALWAYS, AT_HALF, AUROC, MEASURE_WORDS, TFIDF, TUNED
from foxhound.report.score_tables import metric

BESIDE = {AT_HALF: "F1 at .5", AUROC: "AUROC", "average_precision": "Average precision"}
"""What stands beside the primary measure."""
ABOUT = f"""\
Models that share a letter show no significant difference on these comments: paired permutation tests of the difference
in the primary measure, each model at its last epoch, all comments of a user swapped together ({100 * LEVEL:.0f} %
level, adjusted within a table by the step-down maximum over permutations). Dummies, leakage alarms and collapsed models
know nothing of the comments: they have no letter (–), and their comparisons are adjusted by themselves, so that they
change no verdict on two models. Beside the letters: the difference to each baseline with its 95 % interval (paired
bootstrap over users and seeds) and its p value. p is about these trained models and other users under the same
articles; where whole articles are held out, it is about other articles. How much seeds differ is in the interval only.
A question mark: not all pairs ran on the same comments.

*More labelled comments*: how many, beside those there are, would tell a model from the first one of its table in
{100 * POWER:.0f} % of samples, by simulation, if the difference is what was seen; in brackets the same for the ends of
its interval. There is *no limit* where the interval holds 0, and *cannot say* stands where it takes more than
{FARTHEST} times the comments there are. It is about these trained models on comments like these (by more users; under
more articles, where whole articles are held out), to be scored and not to be trained on."""
NEAREST = 5  # other undecided pairs that are named
REASONS = {
    TUNED: "the threshold is chosen on other comments than those that are scored (those of the other folds; of a draw, "
    "the validation part, and for that part the test part)",
    AT_HALF: "these draws have no validation part to choose a threshold on, and they balance the classes in training, "
    "so that .5 means the same to every model",
    AUROC: "these draws have no validation part to choose a threshold on, and the classes are not balanced in "
    "training, so that .5 means something else to every model",
}
UNITS = {"user": "users", "thread": "articles", COMMENT: "comments (no user is named)"}


def ranked_models(standing: pd.DataFrame, protocol: str, part: str, draws: str) -> pd.DataFrame:
    """Return the models that a table compares, best first by the primary measure, with their `name` in comparisons.

    Args:
        standing: what `standing_rows` returns.
        draws: those that the models share; empty under folds.
    """
    chosen = (standing["protocol"] == protocol) & (standing["part"] == part) & (standing["draws"] == draws)
    models = standing[chosen].reset_index(drop=True)
    primary = models["primary"].iloc[0] if len(models) else TUNED
    return models.assign(name=model_names(models)).sort_values([primary, "name"], ascending=[False, True])


def measures_shown(primary: str) -> dict[str, str]:
    """Return the measures that a table shows, the primary one first, and what it calls them."""
    return {primary: MEASURE_WORDS[primary]} | BESIDE


def caption(primary: str, pairs: Pairs, draws: str) -> str:
    """Return what a table compares models by and why, and on how many comments of how many units."""
    row = max(pairs.values(), key=lambda pair: pair["comments"])
    units = "" if row["unit"] == COMMENT else f" of {row['units']} {UNITS[row['unit']]}"
    over = f", draws {draws}" if draws else ""
    return f"By {MEASURE_WORDS[primary]}: {REASONS[primary]}. {row['comments']} comments{units}{over}."


def comparison_sections(comparisons: pd.DataFrame, rows: pd.DataFrame, standings: pd.DataFrame) -> list[str]:
    """Return a table per protocol, part and set of draws, best model first.

    Args:
        comparisons: table `comparisons`.
        rows: what `over_seeds` returns.
        standings: table `standings`.
    """
    sections, titles, standing = [], protocol_titles(rows, "`"), standing_rows(rows, standings)
    places = comparisons[["protocol", "part", "draws"]].drop_duplicates().sort_values(["protocol", "part", "draws"])
    for protocol, part, draws in places.itertuples(index=False):
        models, pairs = (
            ranked_models(standing, protocol, part, draws),
            compared_pairs(comparisons, protocol, part, draws),
        )
        names, primary = models["name"].tolist(), models["primary"].iloc[0]
        marks, shown = shared_letters(names, pairs), measures_shown(primary)
        cells = []
        for name, (_, row) in zip(names, models.iterrows(), strict=True):
            first, *others = (metric(row, measure) for measure in shown)
            differences = [difference(pairs.get(frozenset((name, other))), name) for other in (TFIDF, ALWAYS)]
            more = more_comments(pairs.get(frozenset((name, names[0]))))
            cells.append([escape(name), first, marks[name], *others, *differences, more])
        first, *others = shown.values()
        last = ("Minus TF-IDF logistic", "Minus always hateful", "More labelled comments to tell it from the first")
        header = ("Model", first, "No significant difference", *others, *last)
        over = f", draws {draws}" if draws else ""
        heading = f"### {titles[protocol]}, {escape(part)} part{over}"
        sections += [heading, caption(primary, pairs, draws), table(header, cells)]
        sections += [*what_would_decide(names, pairs), *nearest_to_a_decision(names[0], pairs)]
    return ["## Which models differ", ABOUT, *sections] if sections else []


def difference(pair: Mapping[str, Any] | None, name: str) -> str:
    """Return `.054 [.012, .101], p .031`: the measure of `name` minus that of the other model of the pair."""
    if pair is None:
        return NOTHING
    estimate, low, high = (pair[key] for key in ("difference", "difference_low", "difference_high"))
    if pair["model_a"] == name:
        estimate, low, high = -estimate, -high, -low
    return f"{with_interval(estimate, low, high)}, p {p_value(pair['p_adjusted'])}"


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
    rest = f"; {len(others) - NEAREST} more in comparisons.parquet" if len(others) > NEAREST else ""
    return [f"Other undecided pairs, the nearest to a decision first: {', '.join(named)}{rest}."] if named else []


def comments_to_decide(pair: Mapping[str, Any] | None) -> str:
    """Return how many more labelled comments decide a pair, if the difference is what was seen; "" where none is named.

    Nothing is named of a pair that is decided, or that takes more than FARTHEST times the comments there are.
    """
    return "" if pair is None or pair["p_adjusted"] <= LEVEL else _about(pair, "needed")


def _about(pair: Mapping[str, Any], name: str) -> str:
    """Return how many comments more than there are, two digits of it; nothing where there is no number."""
    if pd.isna(pair[name]):
        return ""
    more = max(0, pair[name] - pair["comments"])
    return f"{float(f'{more:.2g}'):,.0f}"
