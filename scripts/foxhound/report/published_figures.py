"""Write the figures of the published experiment, recomputed from its confusion tables, and those of other papers."""

from typing import Any

import pandas as pd

from foxhound.markdown import escape, table, with_interval
from foxhound.replication.printed_digits import FIGURES
from foxhound.replication.printed_tables import MEANINGS
from foxhound.replication.published import CONFUSION, accusation, other_published
from foxhound.report.score_tables import metric


def recomputed_sections(checked: pd.DataFrame, published: dict[str, Any]) -> list[str]:
    """Return the published figures recomputed, with a verdict each; then figures of other papers."""
    results = []
    for _, row in checked.iterrows():
        counts = " / ".join(str(row[name]) for name in CONFUSION)
        cells = [metric(row, name) for name in FIGURES]
        results.append([escape(row["id"]), str(row["n_claimed"]), str(row["n"]), counts, *cells, verdict(row)])
    figures = ("Accuracy", "Precision", "Recall", "F1")
    others = []
    for paper in other_published(published):
        cells = [with_interval(paper.get(name), paper[name + "_low"], paper[name + "_high"]) for name in FIGURES]
        others.append([escape(paper["model"]), escape(paper["who"]), escape(paper["protocol"]), *cells])
    for paper in published.get("prior_work", []):
        cells = [with_interval(paper.get(name), None, None) for name in FIGURES]
        others.append([escape(paper["model"]), "quoted second-hand", "Gao & Huang 2017", *cells])
    return [
        "### Published figures, recomputed",
        "Confusion tables are solved from the printed digits of the published experiment, and every figure is "
        "recomputed from them by the code that scores our own models. Intervals: Wilson; for F1 by way of "
        "tp / (tp + fp + fn) (Lam et al. 2023).",
        table(("Result", "n claimed", "n solved", "tp / fp / fn / tn", *figures, "Verdict"), results),
        "### Other published figures",
        "Where the size of the test set is known, the interval spans all confusion tables whose figures print as "
        "these.",
        table(("Model", "Source", "Protocol", *figures), others),
    ]


def verdict(row: pd.Series) -> str:
    """Return what arithmetic says about a published row."""
    if row["impossible_as_printed"]:
        return f"**impossible as printed**: {accusation(row.to_dict())}"
    if row["meaning"] != MEANINGS[0]:
        return f"not of the hateful class: {row['meaning']}"
    return f"scored on {row['n']}, not {row['n_claimed']}" if row["n_differs"] else "possible as claimed"
