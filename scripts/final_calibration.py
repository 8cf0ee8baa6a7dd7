"""Calibrate the final model on held-out predictions of the same model, choose its threshold, and save it with both.

Reads the trained model, the held-out predictions, and the texts for a check: a new process loads what was saved, and
must compute the same probabilities, bit for bit.
"""

import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from foxhound.corpus.columns import column_files, load_columns
from foxhound.errors import FoxhoundError
from foxhound.evaluation.calibration import Calibration, calibrate
from foxhound.evaluation.read_epochs import read_epochs
from foxhound.files import write_text
from foxhound.inference.calibration import save_calibrated_model
from foxhound.inference.pytorch_model import score_in_new_process, score_texts
from foxhound.inference.saved_model import load_saved
from foxhound.workflow.job import start_job
from transformers import PreTrainedModel


def calibrate_on(predictions: Sequence[str], epoch: int) -> Calibration:
    """Fit the calibration to the test parts of all predictions."""
    held_out = pd.concat([read_epochs(path, [epoch]) for path in predictions])
    held_out = held_out[held_out["part"] == "test"]
    return calibrate(held_out["label"].to_numpy(), held_out["p_hateful"].to_numpy())


def check_saved_model(model: PreTrainedModel, folder: str, texts: list[str]) -> None:
    """Compare the answers of the model saved in `folder` with those of `model`.

    Raises:
        FoxhoundError: they differ.
    """
    scored = score_texts(model, folder, texts)
    largest = np.abs(load_saved(folder).probabilities(texts) - scored).max()
    logging.info("%s: scores and answers differ by at most %.4f, over %d comments", folder, largest, len(texts))
    if not np.array_equal(scored, score_in_new_process(folder, texts)):
        raise FoxhoundError(
            f"{folder}: loaded again, the model gives other probabilities than before it was saved. Please report this."
        )
    logging.info("%s: a fresh process gives the same %d probabilities, bit for bit", folder, len(texts))


def calibrate_final_model(
    columns: dict[str, str], trained: str, predictions: Sequence[str], folder: str, record: str, epoch: int
) -> None:
    """Write the calibrated model into `folder`, and the calibration to the file `record`."""
    calibration = calibrate_on(predictions, epoch)
    model = save_calibrated_model(trained, folder, calibration)
    check_saved_model(model, folder, load_columns(columns)["text"].tolist())
    write_text(record, json.dumps(calibration._asdict(), indent=1) + "\n")


if __name__ == "__main__":
    with start_job(snakemake) as job:
        trained, folder = (str(Path(files[0]).parent) for files in (job.input.trained, job.output.files))
        calibrate_final_model(
            column_files(job.input), trained, job.input.predictions, folder, job.output.record, **job.params
        )
