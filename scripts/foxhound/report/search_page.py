"""Write the page on what was tried for a better model: one table per protocol, whether it helped or not."""

from collections.abc import Mapping

import pandas as pd

from foxhound.evaluation.pairs import compared_pairs
from foxhound.evaluation.score_views import over_seeds, protocol_titles, standing_rows
from foxhound.markdown import NOTHING, escape, table
from foxhound.report.comparison_sections import difference, measures_shown, ranked_models
from foxhound.report.score_tables import metric

ABOUT = """\
Everything that was tried, whether it helped or not, best first by the first measure of a table; each model at its last
epoch, which was set beforehand. Weights of stacks, and thresholds that are chosen, come from other folds or a
validation part, so nothing here was chosen on the comments that it is scored on. Under draws, models are compared on
those that all of them share. What was tried is a choice too: a difference whose interval holds 0 is no reason to change
anything. An ensemble is made once per seed that its members share."""


def search_report(
    scores: pd.DataFrame,
    standings: pd.DataFrame,
    comparisons: pd.DataFrame,
    reference: str,
    made_of: Mapping[str, str],
    minutes: Mapping[tuple[str, str], float],
) -> str:
    """Return the page as Markdown.

    Args:
        scores, standings, comparisons: tables of these names.
        reference: the model that every other is compared with.
        made_of: model -> what it does differently, or its members.
        minutes: (model, protocol) -> processor time of one training run, where it trains.
    """
    rows = over_seeds(scores)
    sections, titles, standing = ["# What was tried", ABOUT], protocol_titles(rows, "`"), standing_rows(rows, standings)
    test = standing[standing["part"] == "test"]
    for protocol, draws in sorted(set(zip(test["protocol"], test["draws"], strict=True))):
        models = ranked_models(standing, protocol, "test", draws)
        pairs = compared_pairs(comparisons, protocol, "test", draws)
        shown = measures_shown(models["primary"].iloc[0])
        cells = []
        for _, row in models.iterrows():
            duration = minutes.get((row["model"], protocol))
            cells.append(
                [escape(row["name"]), escape(made_of.get(row["model"], NOTHING)), str(row["seeds"]),
                 *(metric(row, name) for name in shown),
                 difference(pairs.get(frozenset((row["name"], reference))), row["name"]),
                 NOTHING if duration is None else f"{duration:.1f}"]
            )  # fmt: skip
        header = ("Model", "What it is", "Seeds", *shown.values(), f"Minus {escape(reference)}")
        over = f", draws {draws}" if draws else ""
        sections += [
            f"## {titles[protocol]}, n = {models['n'].max():.0f}{over}",
            table((*header, "Processor time of a run, min"), cells),
        ]
    return "\n\n".join(sections) + "\n"
