"""Write the README's headline: the main table of an experiment, between two marks."""

import pandas as pd

from foxhound.errors import FoxhoundError
from foxhound.evaluation.score_views import last_epochs, main_protocol, over_seeds, protocol_titles
from foxhound.markdown import NOTHING, escape, table
from foxhound.report.claim_sections import count_verdicts
from foxhound.report.comparison_sections import compared_pairs, measures_shown, ranked_models, shared_letters
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
    models = ranked_models(last_epochs(rows), protocol, "test", "")
    marks = shared_letters(models["name"].tolist(), compared_pairs(comparisons, protocol, "test", ""))
    shown = measures_shown(models["primary"].iloc[0])
    cells = []
    for _, row in models.iterrows():
        first, *others = (metric(row, measure) for measure in shown)
        cells.append([escape(row["name"]), str(row["epoch"] or NOTHING), first, marks[row["name"]], *others])
    first, *others = shown.values()
    return "\n\n".join(
        [
            f"{protocol_titles(rows, '`')[protocol]}, {models['n'].max():.0f} comments; 95 % intervals; each model at "
            "its last epoch; a fold's threshold is chosen on the other folds. Models that share a letter show no "
            "significant difference in the first column; what knows nothing of the comments has no letter.",
            table(("Model", "Epoch", first, "No significant difference", *others), cells),
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
