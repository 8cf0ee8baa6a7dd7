"""Write what a report opens with: which model to take, how sure that is, what it costs, and what would change it."""

from collections.abc import Mapping
from typing import Any

from foxhound.evaluation.generalisation import PRIMARY, RANDOM, SideBySide
from foxhound.evaluation.pairs import gain, is_better
from foxhound.evaluation.recommendation import SCORE, Recommendation
from foxhound.markdown import escape, number, with_interval
from foxhound.names import ALWAYS, BASELINE_WORDS, TFIDF
from foxhound.report.comparison_sections import comments_to_decide
from foxhound.report.score_tables import metric
from foxhound.report.short_words import Costs, duration, met, rounded

TITLE = "Which model to take"
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
    told = f"; it cannot be told from {', '.join(found.equals[:MOST_NAMES])}" if found.equals else ""
    rest = f" and {len(found.equals) - MOST_NAMES} more" if len(found.equals) > MOST_NAMES else ""
    return f"{what}: F1 {metric(found.row, PRIMARY)} on {met(found.kind, group)}{_always(found)}{told}{rest}."


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
    best = f"{escape(found.best.name)} (F1 {metric(found.best.rows[found.kind], PRIMARY)} on {met(found.kind, group)})"
    return (
        f"{name} It is the simplest of the models that can be kept, read the comment alone, and show no significant "
        f"difference from the best of them, {best}."
    )


def is_useful(found: Recommendation) -> bool:
    """Say whether the model to take does significantly better than calling everything hateful, under some folds."""
    always = found.models.get(ALWAYS)
    kinds = [kind for kind in found.protocols if always is None or kind in always.rows]
    return always is None or any(
        is_better(found.pairs[kind], found.taken.rows[kind]["name"], always.rows[kind]["name"]) for kind in kinds
    )


def _how_sure(found: Recommendation, group: str) -> str:
    parts = [f"On {met(found.kind, group)} its F1 is {metric(found.row, PRIMARY)}"]
    parts.append(f"its AUROC {metric(found.row, 'auroc')}")
    text = f"{' and '.join(parts)}{_always(found)}."
    against = found.models.get(TFIDF)
    more = gain(found.pairs[found.kind], found.row["name"], TFIDF) if against is not None else None
    if more is not None and found.taken.name != TFIDF:
        text += f" That is {_by(more)} {BASELINE_WORDS[TFIDF]}."
    if found.worse:
        text += f" It does significantly better than {listed(found.worse)}, under one kind of folds or more."
    if found.equals:
        text += f" It cannot be told from {listed(found.equals)}."
    if found.better:
        text += f" {listed(found.better)} {'does' if len(found.better) == 1 else 'do'} significantly better"
        text += ", and cannot be kept." if _unkept(found) else "."
    return text


def _unkept(found: Recommendation) -> bool:
    return found.best.name not in found.better


def _always(found: Recommendation) -> str:
    always = found.models.get(ALWAYS)
    if always is None or found.kind not in always.rows:
        return ""
    return f" (calling every comment hateful: {metric(always.rows[found.kind], PRIMARY)})"


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
    scores = [f"{metric(found.taken.rows[kind], PRIMARY)} on {met(kind, group)}" for kind in found.protocols]
    return f"F1 is {', '.join(scores[:-1])} and {scores[-1]}. The last is what to expect in use."


def price(cost: tuple[float, float, float] | None) -> str:
    """Return what a model takes, in a sentence."""
    if cost is None:
        return "The logs of this experiment's jobs are not here, or tell nothing."
    seconds, milliseconds, megabytes = cost
    return (
        f"{duration(seconds)} to train and {rounded(milliseconds)} ms to ask a comment, on one core of the machine "
        f"that ran this; {rounded(megabytes)} MB."
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
    pair = found.pairs[found.kind].get(frozenset((found.row["name"], other.rows[found.kind]["name"])))
    needed = comments_to_decide(pair)
    apart = f"to tell it from {escape(other.name)}, if the difference is what was seen"
    if not needed:
        seen = number(abs(pair["difference"])) if pair else "unknown"
        return f"No number of labels that is worth naming would tell it from {escape(other.name)} (difference {seen})."
    return (
        f"About {needed} more labelled comments would be needed {apart} ({number(abs(pair['difference']))})."
        if pair
        else ""
    )


def facts_line(source: Mapping[str, Any], made: str) -> str:
    """Return in a sentence which corpus this is about, which label counts as hateful, and when it was made."""
    share = 100 * source["hateful"] / source["comments"]
    return (
        f"{escape(source['corpus'])}: {source['comments']:,} comments, {source['hateful']:,} of them hateful "
        f"({share:.1f} %), that is {source['counts_as_hateful']}. {made}"
    )
