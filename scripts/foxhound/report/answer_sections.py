"""Write what a report opens with: which model to take, how sure that is, what it costs, and what would change it."""

import math
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from foxhound.evaluation.generalisation import PRIMARY, RANDOM, SideBySide, held_out_interval
from foxhound.evaluation.paired_tests import LEVEL
from foxhound.evaluation.pairs import gain, is_better
from foxhound.evaluation.recommendation import SCORE, Recommendation
from foxhound.markdown import escape, number, p_value, with_interval
from foxhound.names import ALWAYS, BASELINE_WORDS, TFIDF
from foxhound.report.comparison_sections import comments_to_decide, more_comments
from foxhound.report.short_words import Costs, duration, kind_words, met, rounded

TITLE = "Which model to take"
NEAR = (0.02, 0.1)  # p values from which the draws of a test alone, or a result's last digits, reach its level
MOST_NAMES = 4  # of models in a sentence
INVENTED = (
    "The demo corpus is about invented peoples and was tuned to be neither trivial nor hopeless: all of this shows "
    "that the pipeline works, and is no evidence about any method."
)
NOTHING_TO_TAKE = (
    "Nothing can be recommended: no model that can be kept ran under every kind of folds and ranked comments better "
    "than chance there."
)
NONE = (
    f"{NOTHING_TO_TAKE} TF-IDF + logistic regression, logistic regression on an encoder's vectors, fine-tuned models "
    "and their ensembles can be kept (`final` in config.yaml). Where such models did run, the leaderboard shows their "
    "AUROC: if its interval holds .50, label more comments."
)


def listed(names: tuple[str, ...]) -> str:
    """Return some names, and how many more there are."""
    shown = [escape(name) for name in names[:MOST_NAMES]]
    if rest := len(names) - len(shown):
        return f"{', '.join(shown)} and {rest} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def answer_sections(
    found: Recommendation | None,
    costs: Costs,
    prefer: str,
    group: str,
    invented: bool,
    ask: str,
) -> list[str]:
    """Return the heading, and five short paragraphs, each of which answers one question.

    Args:
        prefer: the rule, as in config.yaml.
        group: what comments that belong together are on: `article` or `thread`.
        invented: whether the corpus is the demo's.
        ask: the commands that keep the model and ask it.
    """
    heading = [f"## {TITLE}", *([INVENTED] if invented else [])]
    if found is None:
        return [*heading, NONE]
    parts = {
        "Which one?": _which(found, prefer, group),
        "How sure?": _how_sure(found, group),
        f"On new {group}s and users?" if found.kind != RANDOM else "On new users?": _elsewhere(found, group),
        "At what price?": price(costs.get(found.taken.name)),
        "What next?": f"{_next(found)} {ask}",
    }
    return [*heading, "\n".join(f"- **{question}** {answer}" for question, answer in parts.items())]


def answer_line(found: Recommendation | None, group: str) -> str:
    """Return the recommendation in a sentence, for the console."""
    if found is None:
        return NOTHING_TO_TAKE
    what = (
        f"Take {found.taken.name}"
        if is_useful(found)
        else f"Nothing beats calling everything hateful; {found.taken.name}"
    )
    told = f"; not significantly different: {', '.join(found.equals[:MOST_NAMES])}" if found.equals else ""
    rest = f" and {len(found.equals) - MOST_NAMES} more" if len(found.equals) > MOST_NAMES else ""
    return (
        f"{what}: F1 {_score(found.row, PRIMARY, found.kind)} on {met(found.kind, group)}{_always(found)}{told}{rest}."
    )


def _which(found: Recommendation, prefer: str, group: str) -> str:
    name = f"**Take {escape(found.taken.name)}.**"
    if not is_useful(found):
        return (
            f"**None of them yet.** No model that can be kept does significantly better than calling every comment "
            f"hateful. The least that is worth trying on more labels: {escape(found.taken.name)}."
        )
    if prefer == SCORE or found.taken is found.best:
        why = "It has the highest score of the models that can be kept and read the comment alone"
        return f"{name} {why}{', and no simpler one does as well' if prefer != SCORE else ''}."
    best = escape(found.best.name)
    more = gain(found.pairs[found.kind], found.best.rows[found.kind]["name"], found.row["name"])
    ahead = f", {_by(more)} it{_corrected(found, found.best, more)}" if more else ""
    told = (
        f"{name} Of the models that can be kept and read the comment alone, it is the simplest that does not do "
        f"significantly worse than the best of them under any kind of folds. The best is {best} (F1 "
        f"{_score(found.best.rows[found.kind], PRIMARY, found.kind)} on {met(found.kind, group)}{ahead})."
    )
    if found.simpler:
        kinds = _kinds(found, [found.best.name], found.simpler, group)
        told += f" Simpler, and significantly worse than {best}: {listed(found.simpler)} ({kinds})."
    return told + _close_call(found)


def _close_call(found: Recommendation) -> str:
    """Name the p value that the recommendation hangs on, where it is so near the level that another run may differ."""
    names = [found.taken.name, *found.simpler]
    least = {name: found.least_p(found.best.name, name) for name in names}
    name = min(names, key=lambda name: abs(math.log(least[name] / LEVEL)))
    if not NEAR[0] <= least[name] <= NEAR[1]:
        return ""
    told = f"{escape(name)} does worse than {escape(found.best.name)} with p = {p_value(least[name])}"
    return f" It was a close call: {told}, corrected for all pairs, where {p_value(LEVEL)} decides."


def is_useful(found: Recommendation) -> bool:
    """Say whether the model to take does significantly better than calling everything hateful, under some folds."""
    always = found.models.get(ALWAYS)
    kinds = [kind for kind in found.protocols if always is None or kind in always.rows]
    return always is None or any(
        is_better(found.pairs[kind], found.taken.rows[kind]["name"], always.rows[kind]["name"]) for kind in kinds
    )


def _how_sure(found: Recommendation, group: str) -> str:
    f1, auroc = (_score(found.row, name, found.kind) for name in (PRIMARY, "auroc"))
    text = f"On {met(found.kind, group)} its F1 is {f1}{_always(found)}, and its AUROC {auroc}."
    against = found.models.get(TFIDF)
    more = gain(found.pairs[found.kind], found.row["name"], TFIDF) if against is not None else None
    if more is not None and against is not None and found.taken.name != TFIDF:
        text += f" Its F1 is {_by(more)} that of {BASELINE_WORDS[TFIDF]}{_corrected(found, against, more)}."
    if found.worse:
        kinds = _kinds(found, [found.taken.name], found.worse, group)
        text += f" It does significantly better than {listed(found.worse)} ({kinds})."
    if found.equals:
        text += f" No significant difference was found to {listed(found.equals)}."
    if found.better:
        text += f" {listed(found.better)} {'does' if len(found.better) == 1 else 'do'} significantly better "
        text += f"({_kinds(found, found.better, [found.taken.name], group)}){', and cannot be kept' * _unkept(found)}."
    return text


def _score(row: "pd.Series[Any]", name: str, kind: str) -> str:
    """Return a metric with the interval over what this kind of folds holds out."""
    return with_interval(*held_out_interval(row, name, kind))


def _kinds(found: Recommendation, winners: Collection[str], losers: Collection[str], group: str) -> str:
    """Return under which folds some of these models beat some of those: `folds: random, by user`."""
    return "folds: " + ", ".join(kind_words(kind, group) for kind in found.kinds_where(winners, losers))


def _corrected(found: Recommendation, other: SideBySide, more: tuple[float, float, float]) -> str:
    """Say where a difference to the model to take, whose own interval leaves out 0, is no significant one of all."""
    pairs, row = found.pairs[found.kind], other.rows[found.kind]
    decided = is_better(pairs, found.row["name"], row["name"]) or is_better(pairs, row["name"], found.row["name"])
    return "" if decided or more[1] <= 0 <= more[2] else ", which is not significant once all pairs are corrected for"


def _unkept(found: Recommendation) -> bool:
    return found.best.name not in found.better


def _always(found: Recommendation) -> str:
    always = found.models.get(ALWAYS)
    if always is None or found.kind not in always.rows:
        return ""
    return f" (calling every comment hateful: {_score(always.rows[found.kind], PRIMARY, found.kind)})"


def _by(more: tuple[float, float, float]) -> str:
    estimate, low, high = more
    ends = (low, high) if estimate >= 0 else (-high, -low)
    return f"{with_interval(abs(estimate), *ends)} {'more than' if estimate >= 0 else 'less than'}"


def _elsewhere(found: Recommendation, group: str) -> str:
    if found.kind == RANDOM:
        return (
            "Unknown: the corpus says neither who wrote a comment nor what it answers to, or the experiment asks for "
            "no such folds. Scores there can be much lower."
        )
    scores = [f"{_score(found.taken.rows[kind], PRIMARY, kind)} on {met(kind, group)}" for kind in found.protocols]
    return (
        f"F1 is {', '.join(scores[:-1])} and {scores[-1]}, each with the interval over others of the kind. The last is "
        "what to expect in use."
    )


def price(cost: tuple[float, float, float] | None) -> str:
    """Return what a model takes, in a sentence."""
    if cost is None:
        return "The logs of this experiment's jobs are not here, or tell nothing."
    seconds, milliseconds, megabytes = cost
    return (
        f"{duration(seconds)} to train and {rounded(milliseconds)} ms to classify a comment, on one core of the "
        f"machine that ran this; {rounded(megabytes)} MB."
    )


def rival(found: Recommendation) -> SideBySide | None:
    """Return the model whose place beside the one to take is worth settling: the best, or the best of its equals."""
    if found.best is not found.taken:
        return found.best
    equal = [found.models[name] for name in found.equals if found.kind in found.models[name].rows]
    return max(equal, key=lambda model: model.rows[found.kind][PRIMARY], default=None)


def _next(found: Recommendation) -> str:
    other = rival(found)
    if other is None:
        return "No other model comes near it; more labels would narrow its interval."
    name = escape(other.name)
    pair = found.pairs[found.kind].get(frozenset((found.row["name"], other.rows[found.kind]["name"])))
    needed = comments_to_decide(pair)
    if not needed or pair is None:
        seen = number(abs(pair["difference"])) if pair else "unknown"
        return f"No number of labels that is worth naming would tell it from {name} (difference {seen})."
    with_ends = more_comments(pair)
    return (
        f"About {with_ends if with_ends.startswith(needed) else needed} more labelled comments, to be scored, would be "
        f"needed to tell it from {name}, if the difference is what was seen ({number(abs(pair['difference']))})."
    )


def facts_line(source: Mapping[str, Any], made: str) -> str:
    """Return in a sentence which corpus this is about, which label counts as hateful, and when it was made."""
    share = 100 * source["hateful"] / source["comments"]
    return (
        f"{escape(source['corpus'])}: {source['comments']:,} comments, {source['hateful']:,} of them hateful "
        f"({share:.1f} %), that is {source['counts_as_hateful']}. {made}"
    )
