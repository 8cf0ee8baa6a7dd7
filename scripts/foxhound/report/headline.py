"""The README's headline: the main table of an experiment, between two marks."""

import pandas as pd

from foxhound.errors import FoxhoundError
from foxhound.evaluation.comparisons import LEVEL, letters, model_names
from foxhound.evaluation.score_views import latest_epochs, main_protocol, over_seeds, protocol_titles
from foxhound.markdown import escape, table
from foxhound.report.claim_sections import count_verdicts
from foxhound.report.score_tables import metric

START, END = "<!-- headline: made by `make headline` -->", "<!-- end of headline -->"


def headline(scores: pd.DataFrame, comparisons: pd.DataFrame, claims: pd.DataFrame) -> str:
    """Every model under the protocol of most models, best first, and the verdicts in a sentence.

    Args:
        scores, comparisons, claims: tables of these names.

    Raises:
        FoxhoundError: no model ran under a fold protocol.
    """
    protocol = main_protocol(scores)
    if not protocol:
        raise FoxhoundError("The headline is about folds, and no model of this experiment ran under a fold protocol.")
    rows = over_seeds(scores)
    title = protocol_titles(rows, "`")[protocol]
    chosen = latest_epochs(rows[(rows["protocol"] == protocol) & (rows["part"] == "test")]).reset_index(drop=True)
    chosen = chosen.assign(name=model_names(chosen)).sort_values(["f1", "name"], ascending=[False, True])
    pairs = comparisons[(comparisons["protocol"] == protocol) & (comparisons["part"] == "test")]
    differ = pairs[pairs["p_adjusted"] <= LEVEL]
    different = {frozenset(two) for two in zip(differ["model_a"], differ["model_b"], strict=True)}
    marks = letters(chosen["name"].tolist(), different)
    body = [
        [escape(row["name"]), str(row["epoch"] or "–"), metric(row, "f1"), marks[row["name"]], metric(row, "auroc")]
        for _, row in chosen.iterrows()
    ]
    return "\n\n".join(
        [
            f"{title}, folds pooled, {chosen['n'].max():.0f} comments; 95 % intervals; models that share a "
            "letter cannot be told apart; each at its largest epoch.",
            table(("Model", "Epoch", "F1", "Alike", "AUROC"), body),
            count_verdicts(claims),
        ]
    )


def insert(readme: str, text: str) -> str:
    """The README with `text` between its two marks.

    Raises:
        FoxhoundError: it lacks a mark.
    """
    before, start, rest = readme.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise FoxhoundError(f"README.md: the headline goes between {START!r} and {END!r}; put both in.")
    return f"{before}{START}\n\n{text}\n\n{END}{after}"
