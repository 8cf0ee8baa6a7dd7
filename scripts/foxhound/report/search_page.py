"""Write the page on what was tried for a better model: one table per protocol, whether it helped or not."""

from collections.abc import Mapping

import pandas as pd

from foxhound.evaluation.score_views import over_seeds, protocol_titles
from foxhound.markdown import NOTHING, escape, table
from foxhound.report.comparison_sections import compared_pairs, difference, ranked_models
from foxhound.report.score_tables import metric

ABOUT = """\
Everything that was tried, whether it helped or not, best AUROC first; each model at its last epoch, which was set
beforehand. Weights of stacks, and the thresholds of the column "F1, threshold chosen", come from other folds (in a draw
without a validation part, from no label at all), so nothing here was chosen on the comments that it is scored on. What
was tried is a choice too: a difference whose interval holds 0 is no reason to change anything. An ensemble is made once
per seed that its members share."""


def search_report(
    scores: pd.DataFrame,
    comparisons: pd.DataFrame,
    reference: str,
    made_of: Mapping[str, str],
    minutes: Mapping[tuple[str, str], float],
) -> str:
    """Return the page as Markdown.

    Args:
        scores, comparisons: tables of these names.
        reference: the model that every other is compared with.
        made_of: model -> what it does differently, or its members.
        minutes: (model, protocol) -> processor time of one training run, where it trains.
    """
    rows = over_seeds(scores)
    sections, titles = ["# What was tried", ABOUT], protocol_titles(rows, "`")
    header = ("Model", "What it is", "Seeds", "F1", "F1, threshold chosen", "AUROC", f"F1 minus {escape(reference)}")
    for protocol in sorted(set(rows.loc[rows["part"] == "test", "protocol"])):
        models, pairs = ranked_models(rows, protocol, "test", by="auroc"), compared_pairs(comparisons, protocol, "test")
        cells = []
        for _, row in models.iterrows():
            duration = minutes.get((row["model"], protocol))
            cells.append(
                [escape(row["name"]), escape(made_of.get(row["model"], NOTHING)), str(row["seeds"]),
                 *(metric(row, name) for name in ("f1", "f1_tuned", "auroc")),
                 difference(pairs.get(frozenset((row["name"], reference))), row["name"]),
                 NOTHING if duration is None else f"{duration:.1f}"]
            )  # fmt: skip
        sections += [
            f"## {titles[protocol]}, n = {models['n'].max():.0f}",
            table((*header, "Processor time of a run, min"), cells),
        ]
    return "\n\n".join(sections) + "\n"
