"""Recommend a model: the simplest of those that can be kept and show no significant difference from the best of them.

Reads the tables scores and comparisons. The protocol is the hardest that one of them runs under.
"""

import json
from collections.abc import Mapping

import pandas as pd
from foxhound.errors import FoxhoundError
from foxhound.evaluation.comparisons import model_names
from foxhound.evaluation.generalisation import fold_protocols
from foxhound.evaluation.paired_tests import LEVEL
from foxhound.evaluation.score_views import last_epochs, over_seeds
from foxhound.files import write_text
from foxhound.tables import read_table
from foxhound.workflow.job import start_job


def named_rows(rows: pd.DataFrame, protocol: str) -> pd.DataFrame:
    """Return the models under a protocol at their last epoch, best first by its primary measure, with their `name`."""
    last = last_epochs(rows[rows["protocol"].eq(protocol) & rows["part"].eq("test")])
    last = last.assign(name=model_names(last))
    return last.sort_values([last["primary"].iloc[0], "name"], ascending=[False, True])


def recommend(rows: pd.DataFrame, comparisons: pd.DataFrame, keepable: Mapping[str, int]) -> "pd.Series":
    """Return the row of the model to take.

    Raises:
        FoxhoundError: nothing can be kept.
    """
    kept = rows[rows["model"].isin(keepable) & rows["part"].eq("test")]
    protocols = [*reversed(fold_protocols(rows).values()), *sorted(kept["protocol"].unique())]
    protocol = next((name for name in protocols if kept["protocol"].eq(name).any()), None)
    if protocol is None:
        raise FoxhoundError("No model that runs in this experiment can be kept. Select others, or other baselines.")
    ranked = named_rows(rows, protocol)
    ranked = ranked[ranked["model"].isin(keepable)]
    best = ranked["name"].iloc[0]
    pairs = comparisons[comparisons["protocol"].eq(protocol) & comparisons["part"].eq("test")]
    worse = pairs[pairs["p_adjusted"].le(LEVEL)]
    beaten = {*worse["model_a"][worse["model_b"].eq(best)], *worse["model_b"][worse["model_a"].eq(best)]}
    left = ranked[~ranked["name"].isin(beaten)]
    return left.iloc[left["model"].map(keepable).argmin()]


def write(scores: str, comparisons: str, output: str, keepable: Mapping[str, int]) -> None:
    """Write the recommendation."""
    row = recommend(over_seeds(read_table(scores, "scores")), read_table(comparisons, "comparisons"), keepable)
    rate = None if pd.isna(row["learning_rate"]) else float(row["learning_rate"])
    found = {"model": row["model"], "learning_rate": rate, "epoch": int(row["epoch"]), "name": row["name"]}
    write_text(output, json.dumps(found | {"protocol": row["protocol"]}, indent=1) + "\n")


if __name__ == "__main__":
    with start_job(snakemake) as job:
        write(job.input.scores, job.input.comparisons, job.output.recommendation, **job.params)
