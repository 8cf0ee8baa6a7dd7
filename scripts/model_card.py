"""Write the card of the final model: its scores, how it was made, and what it is not for.

Reads the scores, the card's template, and the records of training (seconds) and calibration (threshold).
"""

from typing import Any

import pandas as pd
from foxhound.evaluation.score_views import over_seeds
from foxhound.files import read_json, read_text, write_text
from foxhound.inference.model_card import model_card
from foxhound.tables import read_table
from foxhound.workflow.job import start_job


def held_out_score(path: str, final: dict[str, Any]) -> pd.Series:
    """Return the final model's row over seeds."""
    rows = over_seeds(read_table(path, "scores"))
    same = (rows["model"] == final["model"]) & (rows["protocol"] == final["protocol"]) & (rows["part"] == "test")
    return rows[same & (rows["epoch"] == final["epoch"]) & (rows["learning_rate"] == final["learning_rate"])].iloc[0]


def write_card(
    scores: str,
    template: str,
    trained: str,
    calibration: str,
    output: str,
    final: dict[str, Any],
    training: dict[str, Any],
    source: dict[str, Any],
) -> None:
    """Write the card; `trained` and `calibration` are the records of these two steps."""
    threshold = read_json(calibration, ["threshold"])["threshold"]
    seconds = read_json(trained, ["seconds"])["seconds"]
    text = read_text(template, f"Restore it: git checkout {template}")
    write_text(output, model_card(text, final, held_out_score(scores, final), threshold, source, training, seconds))


if __name__ == "__main__":
    with start_job(snakemake) as job:
        write_card(**dict(job.input.items()), output=job.output.card, **job.params)
