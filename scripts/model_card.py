"""Write the card of the final model: what it is, its scores, how it was made, and what it is not for.

Reads the choice of the model, the scores, its held-out predictions (how well calibrated they are, each fold by the
others), the card's template, and the records of training (seconds) and calibration (threshold).
"""

from typing import Any

import pandas as pd
from foxhound.evaluation.calibration import measure_calibration
from foxhound.evaluation.generalisation import final_model_row, fold_protocols
from foxhound.evaluation.score_views import over_seeds, protocol_titles
from foxhound.files import read_json, read_text, write_text
from foxhound.inference.model_card import model_card
from foxhound.tables import read_table
from foxhound.workflow.job import start_job


def held_out_scores(path: str, choice: dict[str, Any], protocol: str) -> dict[str, pd.Series | None]:
    """Map what the folds are in words to the final model's row there, the hardest folds first, then those it is of.

    None where the model does not run under folds that the experiment has.
    """
    rows = over_seeds(read_table(path, "scores"))
    protocols = [*reversed(fold_protocols(rows).values()), protocol]
    titles = protocol_titles(rows, "`")
    return {titles[name]: final_model_row(rows, choice, name) for name in dict.fromkeys(protocols)}


def write_card(
    choice: str,
    scores: str,
    held_out: str,
    template: str,
    trained: str,
    calibration: str,
    output: str,
    final: dict[str, Any],
    source: dict[str, Any],
    draws: int,
    seed: int,
) -> None:
    """Write the card; `trained` and `calibration` are the records of these two steps."""
    chosen = read_json(choice, ["model", "learning_rate", "epoch", "seed", "members"])
    threshold = read_json(calibration, ["threshold"])["threshold"]
    seconds = read_json(trained, ["seconds"])["seconds"]
    text = read_text(template, f"Restore it: git checkout {template}")
    calibrated = measure_calibration(read_table(held_out, "held_out"), draws, seed)
    rows = held_out_scores(scores, chosen, final["protocol"])
    write_text(output, model_card(text, chosen, final, rows, calibrated, threshold, source, seconds))


if __name__ == "__main__":
    with start_job(snakemake) as job:
        write_card(**dict(job.input.items()), output=job.output.card, **job.params)
