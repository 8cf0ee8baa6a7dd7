"""Write the README's headline: the main table of an experiment, between two marks."""

import pandas as pd

from foxhound.errors import FoxhoundError
from foxhound.evaluation.generalisation import fold_protocols, hardest_protocol
from foxhound.evaluation.score_views import over_seeds
from foxhound.report.claim_sections import count_verdicts
from foxhound.report.generalisation_sections import folds_in_words, generalisation_table
from foxhound.report.leak_alarms import alarm_sentence

START, END = "<!-- headline: made by `make headline` -->", "<!-- end of headline -->"


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
