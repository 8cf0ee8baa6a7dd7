"""What was tried for a better model: one table per protocol, everything in it, whether it helped or not."""

from collections.abc import Mapping

import pandas as pd

from foxhound.evaluation.comparisons import model_names
from foxhound.evaluation.score_views import latest_epochs, over_seeds, protocol_titles
from foxhound.markdown import NOTHING, escape, table
from foxhound.report.comparison_sections import difference
from foxhound.report.score_tables import metric

ABOUT = """\
Everything that was tried, whether it helped or not, best AUROC first; each model at its largest epoch, which was set
beforehand. Weights of stacks, and the thresholds of the column "F1, threshold chosen", come from other folds (in a draw
without a validation part, from no label at all), so nothing here was chosen on the comments that it is scored on. That
these and no other things were tried is a choice too: a difference whose interval holds 0 is no reason to change
anything. Several seeds of a model are averaged where it is a member of an ensemble."""


def search_report(
    scores: pd.DataFrame,
    comparisons: pd.DataFrame,
    reference: str,
    made_of: Mapping[str, str],
    minutes: Mapping[tuple[str, str], float],
) -> str:
    """The page, as Markdown.

    Args:
        scores, comparisons: tables of these names.
        reference: the model that every other is compared with.
        made_of: model -> what it does differently, or its members.
        minutes: (model, protocol) -> processor time of one training run, where it trains.
    """
    rows = over_seeds(scores)
    parts, titles = ["# What was tried", ABOUT], protocol_titles(rows, "`")
    header = ("Model", "What it is", "Seeds", "F1", "F1, threshold chosen", "AUROC", f"F1 minus {escape(reference)}")
    for (protocol, part), group in rows[rows["part"] == "test"].groupby(["protocol", "part"]):
        chosen = latest_epochs(group).reset_index(drop=True)
        chosen = chosen.assign(name=model_names(chosen)).sort_values(["auroc", "name"], ascending=[False, True])
        pairs = comparisons[(comparisons["protocol"] == protocol) & (comparisons["part"] == part)].to_dict("records")
        found = {frozenset((pair["model_a"], pair["model_b"])): pair for pair in pairs}
        body = []
        for _, row in chosen.iterrows():
            took = minutes.get((row["model"], str(protocol)))
            body.append(
                [escape(row["name"]), escape(made_of.get(row["model"], NOTHING)), str(row["seeds"]),
                 *(metric(row, name) for name in ("f1", "f1_tuned", "auroc")),
                 difference(found.get(frozenset((row["name"], reference))), row["name"]),
                 NOTHING if took is None else f"{took:.1f}"]
            )  # fmt: skip
        parts += [
            f"## {titles[str(protocol)]}, n = {chosen['n'].max():.0f}",
            table((*header, "Processor time of a run, min"), body),
        ]
    return "\n\n".join(parts) + "\n"
