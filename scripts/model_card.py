"""Write the card of the final model: its scores, how it was made, and what it is not for.

Reads the scores, the held-out predictions (how well calibrated they are, each fold by the others), the card's template,
and the records of training (seconds) and calibration (threshold).
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from foxhound.evaluation.calibration import Calibrated, measure_calibration
from foxhound.evaluation.generalisation import final_model_row, fold_protocols
from foxhound.evaluation.read_epochs import read_epochs
from foxhound.evaluation.score_views import over_seeds, protocol_titles
from foxhound.files import read_json, read_text, write_text
from foxhound.inference.model_card import model_card
from foxhound.tables import read_table
from foxhound.workflow.job import start_job


def held_out_scores(path: str, final: dict[str, Any]) -> dict[str, pd.Series | None]:
    """Map what the folds are in words to the final model's row there, the hardest folds first, then those it is of.

    None where the model does not run under folds that the experiment has.
    """
    rows = over_seeds(read_table(path, "scores"))
    protocols = [*reversed(fold_protocols(rows).values()), final["protocol"]]
    titles = protocol_titles(rows, "`")
    return {titles[name]: final_model_row(rows, final, name) for name in dict.fromkeys(protocols)}


def held_out_calibration(predictions: Sequence[str], epoch: int, draws: int, seed: int) -> Calibrated:
    """Measure the calibration on the test parts that the final model is calibrated on."""
    held_out = pd.concat([read_epochs(path, [epoch]) for path in predictions], ignore_index=True)
    return measure_calibration(held_out[held_out["part"] == "test"].reset_index(drop=True), draws, seed)


def write_card(
    scores: str,
    predictions: Sequence[str],
    template: str,
    trained: str,
    calibration: str,
    output: str,
    final: dict[str, Any],
    training: dict[str, Any],
    source: dict[str, Any],
    draws: int,
    seed: int,
) -> None:
    """Write the card; `trained` and `calibration` are the records of these two steps."""
    threshold = read_json(calibration, ["threshold"])["threshold"]
    seconds = read_json(trained, ["seconds"])["seconds"]
    text = read_text(template, f"Restore it: git checkout {template}")
    calibrated = held_out_calibration(predictions, final["epoch"], draws, seed)
    rows = held_out_scores(scores, final)
    write_text(output, model_card(text, final, rows, calibrated, threshold, source, training, seconds))


if __name__ == "__main__":
    with start_job(snakemake) as job:
        write_card(**dict(job.input.items()), output=job.output.card, **job.params)
