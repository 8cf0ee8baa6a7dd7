"""Train the final model on all comments, and save it as a Hugging Face folder with a card.

Reads labels, texts, the held-out predictions of the same model (for calibration and threshold), the scores (for the
card) and the card's template. At the end a new process loads the folder, and must compute the same probabilities, bit
for bit. The export to ONNX (with `onnx`) must compute the same up to rounding.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import foxhound
import numpy as np
import pandas as pd
from foxhound.compute.device import choose_device
from foxhound.corpus.columns import column_files, load_columns
from foxhound.errors import FoxhoundError
from foxhound.evaluation.read_epochs import read_epochs
from foxhound.evaluation.score_views import over_seeds
from foxhound.features.encoder import find_encoder, load_tokenizer
from foxhound.files import write_text
from foxhound.inference.final_model import calibrate, fold_in_calibration, save_final_model
from foxhound.inference.model_card import model_card
from foxhound.inference.onnx_export import check_onnx, export_onnx
from foxhound.inference.pytorch_model import score_texts
from foxhound.inference.saved_model import load_saved
from foxhound.models.finetuning import FinetuneSettings, finetune
from foxhound.tables import read_table
from foxhound.workflow.job import start_job
from transformers import PreTrainedModel

ONNX_CHECKED = 256  # comments


def score_in_new_process(folder: str, texts: list[str]) -> np.ndarray:
    """Return the probabilities that a new process computes."""
    with tempfile.TemporaryDirectory() as temporary:
        inputs, outputs = Path(temporary) / "texts.json", Path(temporary) / "probabilities.npy"
        inputs.write_text(json.dumps(texts), encoding="utf-8")
        package = str(Path(foxhound.__file__).parents[1])
        command = [sys.executable, "-m", "foxhound.inference.pytorch_model", folder, str(inputs), str(outputs)]
        subprocess.run(command, check=True, env=os.environ | {"PYTHONPATH": package})
        return np.load(outputs)


def held_out_score(path: str, final: dict[str, Any]) -> pd.Series:
    """Return the final model's row over seeds."""
    rows = over_seeds(read_table(path, "scores"))
    same = (rows["model"] == final["model"]) & (rows["protocol"] == final["protocol"]) & (rows["part"] == "test")
    return rows[same & (rows["epoch"] == final["epoch"]) & (rows["learning_rate"] == final["learning_rate"])].iloc[0]


def make_final_model(
    columns: dict[str, str],
    predictions: Sequence[str],
    scores: str,
    template: str,
    folder: str,
    final: dict[str, Any],
    encoder: dict[str, Any],
    training: dict[str, Any],
    source: dict[str, Any],
    gpu: bool,
) -> None:
    """Train the final model on all comments, calibrate it, save it, and check what was saved."""
    frame = load_columns(columns)
    texts, labels = frame["text"].tolist(), frame["label"].to_numpy()
    held_out = pd.concat([read_epochs(path, [final["epoch"]]) for path in predictions])
    held_out = held_out[held_out["part"] == "test"]
    calibration = calibrate(held_out["label"].to_numpy(), held_out["p_hateful"].to_numpy())
    device, location = choose_device(gpu), find_encoder(encoder)
    everything, start = np.arange(len(texts)), time.monotonic()
    trained = finetune(
        location, load_tokenizer(location, training["max_tokens"]), texts, labels, everything, everything[:0],
        final["epoch"], final["learning_rate"], FinetuneSettings.from_config(training), final["seed"], device,
    )  # fmt: skip
    seconds = time.monotonic() - start
    model = trained.model.cpu()  # saved and checked for any machine
    fold_in_calibration(model, calibration)
    save_final_model(model, location, Path(folder), calibration, training["max_tokens"])
    row = held_out_score(scores, final)
    card = model_card(Path(template).read_text(encoding="utf-8"), final, row, calibration, source, training, seconds)
    write_text(Path(folder) / "README.md", card)
    if final["onnx"]:
        export_onnx(model, Path(folder), model.config.max_tokens)
    check_saved_model(model, folder, texts, final["onnx"])


def check_saved_model(model: PreTrainedModel, folder: str, texts: list[str], exported: bool) -> None:
    """Compare the saved model's answers with those of `model`, and the export's (if there is one) with PyTorch's.

    Raises:
        FoxhoundError: they differ.
    """
    if exported:
        difference = check_onnx(Path(folder), texts[:ONNX_CHECKED])
        logging.info("%s: the ONNX export gives the same log-odds within %.1e", folder, difference)
    scored = score_texts(model, folder, texts)
    largest = np.abs(load_saved(folder).probabilities(texts) - scored).max()
    logging.info("%s: scores and answers differ by at most %.4f, over %d comments", folder, largest, len(texts))
    if not np.array_equal(scored, score_in_new_process(folder, texts)):
        raise FoxhoundError(
            f"{folder}: loaded again, the model gives other probabilities than before it was saved. Please report this."
        )
    logging.info("%s: a fresh process gives the same %d probabilities, bit for bit", folder, len(texts))


if __name__ == "__main__":
    with start_job(snakemake) as job:
        make_final_model(
            column_files(job.input), job.input.predictions, job.input.scores, job.input.card, job.output.folder,
            **job.params, gpu=job.gpu,
        )  # fmt: skip
