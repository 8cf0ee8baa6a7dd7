"""Write the README's headline: the main table of an experiment, between two marks."""

import pandas as pd

from foxhound.errors import FoxhoundError
from foxhound.evaluation.generalisation import (
    BY_ARTICLE,
    BY_USER,
    PRIMARY,
    RANDOM,
    fold_protocols,
    hardest_protocol,
)
from foxhound.evaluation.score_views import over_seeds
from foxhound.names import ALARMS, ALWAYS, BASELINE_WORDS, DUMMIES
from foxhound.report.claim_sections import count_verdicts
from foxhound.report.comparison_sections import compared_pairs, shared_letters
from foxhound.report.generalisation_sections import folds_in_words, generalisation_table, side_by_side
from foxhound.report.leak_alarms import alarm_sentence
from foxhound.report.score_tables import metric

START, END = "<!-- headline: made by `make headline` -->", "<!-- end of headline -->"

MET = {
    RANDOM: "comments that it has not seen",
    BY_USER: "users that it has not seen",
    BY_ARTICLE: "articles that it has not seen",
}
"""Kind of folds -> what a model is scored on there."""


def answer(scores: pd.DataFrame, comparisons: pd.DataFrame) -> str:
    """Return in a sentence which model is first in the headline's table, beside its baseline and its equals.

    Args:
        scores, comparisons: tables of these names.
    """
    rows = over_seeds(scores)
    protocols = fold_protocols(rows)
    if not protocols:
        return "No model of this experiment ran under folds."
    kind, protocol = list(protocols.items())[-1]
    models = [model for model in side_by_side(rows) if kind in model.rows]
    names = [model.rows[kind]["name"] for model in models]
    reading = [model for model in models if model.rows[kind]["model"] not in (*DUMMIES, *ALARMS)]
    if not reading:
        return "No model of this experiment that reads comments ran under folds."
    best = reading[0]
    letters = shared_letters(names, compared_pairs(comparisons, protocol, "test", ""))
    own = set(letters[best.rows[kind]["name"]])
    equals = [model for model in reading[1:] if own & set(letters[model.rows[kind]["name"]])]
    always = next((model for model in models if model.rows[kind]["model"] == ALWAYS), None)
    baseline = f" ({BASELINE_WORDS[ALWAYS]}: {metric(always.rows[kind], PRIMARY)})" if always else ""
    return (
        f"First of {len(reading)} on {MET[kind]}: {best.name}, F1 {metric(best.rows[kind], PRIMARY)}{baseline}; "
        f"{len(equals)} of {len(reading) - 1} others show no significant difference from it."
    )


def headline(scores: pd.DataFrame, comparisons: pd.DataFrame, claims: pd.DataFrame) -> str:
    """Return every model under each kind of folds, best at the hardest first, and the verdicts in a sentence.

    Args:
        scores, comparisons, claims: tables of these names.

    Raises:
        FoxhoundError: no model ran under a fold protocol.
    """
    if not hardest_protocol(scores):
        raise FoxhoundError("The headline is about folds, and no model of this experiment ran under a fold protocol.")
    rows = over_seeds(scores)
    protocols = fold_protocols(rows)
    comments = rows.loc[rows["protocol"].isin(protocols.values()), "n"].max()
    about = (
        f"{folds_in_words(rows)}. {comments:.0f} comments; F1 at a threshold chosen on other folds; 95 % intervals "
        "over comments, and seeds where there are several. Ranked, and compared, "
        f"*{list(protocols)[-1]}*: models that share a letter show no significant difference there, and AUROC is the "
        "mean of these folds. Each model at its last epoch."
    )
    alarms = [f"*{kind}*: {alarm_sentence(rows, protocol, 'test')}" for kind, protocol in protocols.items()]
    return "\n\n".join([about, generalisation_table(rows, comparisons), *alarms, count_verdicts(claims)])


def insert(readme: str, text: str) -> str:
    """Return the README with `text` between its two marks.

    Raises:
        FoxhoundError: it lacks a mark.
    """
    before, start, rest = readme.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise FoxhoundError(f"README.md: the headline goes between {START!r} and {END!r}; add both.")
    return f"{before}{START}\n\n{text}\n\n{END}{after}"
