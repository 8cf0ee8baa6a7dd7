"""Calibrate the final model on held-out predictions of the same model, choose its threshold, and save it with both.

Saved beside them: between which probabilities a person is asked, for each error rate that can be wished for.

Reads the trained model, the held-out predictions, and the texts for a check: a new process loads what was saved, and
must compute the same probabilities, bit for bit.
"""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from foxhound.compute.device import choose_device
from foxhound.corpus.columns import column_files, load_columns
from foxhound.errors import FoxhoundError
from foxhound.evaluation.calibration import Calibration, calibrate
from foxhound.evaluation.conformal import limits_by_rate
from foxhound.evaluation.platt import log_odds
from foxhound.files import write_text
from foxhound.inference.archive import pack, unpacked
from foxhound.inference.bulk_scoring import load_bulk, score_in_new_process
from foxhound.inference.calibration import save_calibrated_model, write_calibration
from foxhound.inference.model_folder import kind_of, read_config
from foxhound.inference.pytorch_model import score_texts
from foxhound.inference.saved_model import load_saved
from foxhound.names import FINETUNE
from foxhound.tables import read_table
from foxhound.workflow.job import start_job

LARGEST_DIFFERENCE = 1e-6  # in probabilities, between what was calibrated and what should come out


def calibrate_and_score(
    folder: Path, calibration: Calibration, limits: Mapping[str, Any], texts: list[str]
) -> np.ndarray:
    """Calibrate the model in `folder`, and return the probabilities that it gives texts as it is saved.

    Raises:
        FoxhoundError: what comes out is not calibrated.
    """
    if kind_of(read_config(folder)) == FINETUNE:
        model = save_calibrated_model(str(folder), str(folder), calibration, limits)
        return score_texts(model, str(folder), texts)
    cpu = choose_device(gpu=False)
    before = load_bulk(folder, cpu)[0].log_odds(texts)
    write_calibration(folder, calibration, limits)
    scored = load_bulk(folder, cpu)[0].probabilities(texts)
    expected = 1 / (1 + np.exp(-(calibration.slope * before + calibration.intercept)))
    if not np.abs(scored - expected).max() <= LARGEST_DIFFERENCE:
        raise FoxhoundError("The final model is not calibrated as it was fitted. Please report this.")
    return scored


def check_saved_model(folder: Path, texts: list[str], scored: np.ndarray) -> None:
    """Compare the answers of the model saved in `folder` with those before it was saved.

    Raises:
        FoxhoundError: they differ.
    """
    largest = np.abs(load_saved(folder).probabilities(texts) - scored).max()
    logging.info("scores and answers differ by at most %.4f, over %d comments", largest, len(texts))
    if not np.array_equal(scored, score_in_new_process(folder, texts)):
        raise FoxhoundError(
            "Loaded again, the final model gives other probabilities than before it was saved. Please report this."
        )
    logging.info("a fresh process gives the same %d probabilities, bit for bit", len(texts))


def calibrate_final_model(columns: dict[str, str], trained: str, held_out: str, model: str, record: str) -> None:
    """Write the calibrated model into the archive `model`, and the calibration to the file `record`."""
    rows = read_table(held_out, "held_out")
    labels, p = rows["label"].to_numpy(), rows["p_hateful"].to_numpy()
    calibration = calibrate(labels, p)
    limits = limits_by_rate(rows["id"].to_numpy(), labels, calibration.line.applied(log_odds(p)))
    texts = load_columns(columns)["text"].tolist()
    with unpacked(trained) as folder:
        scored = calibrate_and_score(folder, calibration, limits, texts)
        check_saved_model(folder, texts, scored)
        pack(folder, model)
    write_text(record, json.dumps(calibration._asdict(), indent=1) + "\n")


if __name__ == "__main__":
    with start_job(snakemake) as job:
        calibrate_final_model(
            column_files(job.input), job.input.trained, job.input.held_out, job.output.model, job.output.record
        )
