"""Gather the held-out predictions of the model that is kept: they calibrate it.

Reads the choice of that model, and predictions, among which are its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from foxhound.errors import FoxhoundError
from foxhound.files import read_json
from foxhound.tables import read_table, table_schema, write_table
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance

COLUMNS = ["id", "label", "p_hateful", "fold_or_split", "part", "seed", "epoch", "model", "settings"]


def own_rows(path: str, choice: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows of a model at its learning rate and epoch, on the test part."""
    frame = read_table(path, "predictions", COLUMNS)
    rates = frame["settings"].map(lambda settings: settings["learning_rate"]).astype(float)
    rate = choice["learning_rate"]
    same = frame["model"].eq(choice["model"]) & frame["epoch"].eq(choice["epoch"]) & frame["part"].eq("test")
    return frame[same & (rates.isna() if rate is None else rates.eq(rate))]


def gather(predictions: Sequence[str], choice_file: str, output: str) -> None:
    """Write the table `held_out`."""
    choice = read_json(choice_file, ["model", "learning_rate", "epoch"])
    rows = pd.concat([own_rows(path, choice) for path in predictions], ignore_index=True)
    if rows.empty:
        raise FoxhoundError(
            f"{choice['model']} (learning rate {choice['learning_rate']}, epoch {choice['epoch']}) has no held-out "
            "predictions under the protocol of `final` in config.yaml. Name another protocol or model there."
        )
    write_table(rows[table_schema("held_out").names], output, "held_out", provenance())


if __name__ == "__main__":
    with start_job(snakemake) as job:
        gather(job.input.predictions, job.input.choice, job.output.held_out)
