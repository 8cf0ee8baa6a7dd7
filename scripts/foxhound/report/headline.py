"""Write the README's headline: the main table of an experiment, between two marks."""

import pandas as pd

from foxhound.errors import FoxhoundError
from foxhound.evaluation.score_views import main_protocol, over_seeds, protocol_titles
from foxhound.markdown import NOTHING, escape, table
from foxhound.report.claim_sections import count_verdicts
from foxhound.report.comparison_sections import compared_pairs, ranked_models, shared_letters
from foxhound.report.leak_alarms import alarm_sentence
from foxhound.report.score_tables import metric

START, END = "<!-- headline: made by `make headline` -->", "<!-- end of headline -->"


def headline(scores: pd.DataFrame, comparisons: pd.DataFrame, claims: pd.DataFrame) -> str:
    """Return every model under the fold protocol with the most models, best first, and the verdicts in a sentence.

    Args:
        scores, comparisons, claims: tables of these names.

    Raises:
        FoxhoundError: no model ran under a fold protocol.
    """
    protocol = main_protocol(scores)
    if not protocol:
        raise FoxhoundError("The headline is about folds, and no model of this experiment ran under a fold protocol.")
    rows = over_seeds(scores)
    models = ranked_models(rows, protocol, "test")
    marks = shared_letters(models["name"].tolist(), compared_pairs(comparisons, protocol, "test"))
    cells = [
        [escape(row["name"]), str(row["epoch"] or NOTHING), metric(row, "f1"), marks[row["name"]], metric(row, "auroc")]
        for _, row in models.iterrows()
    ]
    return "\n\n".join(
        [
            f"{protocol_titles(rows, '`')[protocol]}, folds pooled (AUROC: mean of folds), {models['n'].max():.0f} "
            "comments; 95 % intervals over comments, and seeds where there are several; models that share a letter "
            "show no significant difference; each at its last epoch.",
            table(("Model", "Epoch", "F1", "No significant difference", "AUROC"), cells),
            alarm_sentence(rows, protocol, "test"),
            count_verdicts(claims),
        ]
    )


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
