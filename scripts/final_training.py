"""Train the final model on all comments, each of its members, and save it, not calibrated yet.

Reads the choice of the model, labels and texts. What is fine-tuned becomes a Hugging Face folder, a baseline ONNX
graphs with what they read (which must give the probabilities of the fitted model), an ensemble a folder with one per
member. The seconds that training took are kept beside the model, for its card.
"""

import json
import logging
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from foxhound.compute.device import choose_device
from foxhound.corpus.columns import column_files, load_columns
from foxhound.features.encoder import find_encoder, load_tokenizer
from foxhound.files import read_json, write_text
from foxhound.inference.archive import pack
from foxhound.inference.baseline_export import check_saved_baseline, save_mean_encoder, save_pooled, save_tfidf
from foxhound.inference.final_model import save_trained_model
from foxhound.inference.model_folder import new_member_folders
from foxhound.models.baselines import fit_baseline, probability_of_hateful
from foxhound.models.finetuning import FinetuneSettings, finetune
from foxhound.names import FINETUNE, POOLED, TFIDF
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance

Train = Callable[[pd.DataFrame, Mapping[str, Any], int, Path, bool], str]
"""Comments, settings of a member, seed, folder, whether to use a GPU -> what it was trained on."""


def train_fine_tuned(comments: pd.DataFrame, member: Mapping[str, Any], seed: int, folder: Path, gpu: bool) -> str:
    """Fine-tune, and save a Hugging Face folder."""
    training = member["training"]
    device, location, everything = choose_device(gpu), find_encoder(member["encoder"]), np.arange(len(comments))
    trained = finetune(
        location, load_tokenizer(location, training["max_tokens"]), comments["text"].tolist(),
        comments["label"].to_numpy(), everything, everything[:0], member["epoch"], member["learning_rate"],
        FinetuneSettings.from_config(training), seed, device,
    )  # fmt: skip
    # On the CPU, so that any machine can load it.
    save_trained_model(trained.model.cpu(), location, folder, training["max_tokens"])
    return trained.device


def train_tfidf(comments: pd.DataFrame, member: Mapping[str, Any], seed: int, folder: Path, gpu: bool) -> str:
    """Fit TF-IDF + logistic regression, save it, and compare the two."""
    fitted = fit_baseline(TFIDF, comments, np.arange(len(comments)), seed)
    save_tfidf(fitted, folder)
    _compare(folder, comments, probability_of_hateful(fitted, comments))
    return "cpu"


def train_pooled(comments: pd.DataFrame, member: Mapping[str, Any], seed: int, folder: Path, gpu: bool) -> str:
    """Save the encoder, fit logistic regression on what it makes of the comments, save that, and compare the two."""
    encoder = save_mean_encoder(find_encoder(member["encoder"]), member["layer"], member["max_tokens"], folder)
    means = encoder.means(comments["text"].tolist())
    pooled = comments.assign(pooled=list(means))
    fitted = fit_baseline(POOLED, pooled, np.arange(len(comments)), seed)
    save_pooled(fitted, means.shape[1], folder)
    _compare(folder, comments, probability_of_hateful(fitted, pooled))
    return "cpu"


def _compare(folder: Path, comments: pd.DataFrame, expected: np.ndarray) -> None:
    largest = check_saved_baseline(folder, comments["text"].tolist(), expected)
    logging.info("%s: the probabilities of %d comments are the fitted model's within %.1e",
                 folder.name, len(comments), largest)  # fmt: skip


TRAINERS: dict[str, Train] = {FINETUNE: train_fine_tuned, TFIDF: train_tfidf, POOLED: train_pooled}


def train_final_model(columns: dict[str, str], choice_file: str, model: str, record: str, gpu: bool) -> None:
    """Write the trained model into the archive `model`, and how long training took to the file `record`."""
    comments, choice = load_columns(columns), read_json(choice_file, ["model", "members", "seed"])
    start, devices = time.monotonic(), []
    with tempfile.TemporaryDirectory() as temporary:
        folders = new_member_folders(Path(temporary), choice["model"], [one["model"] for one in choice["members"]])
        for folder, member in zip(folders, choice["members"], strict=True):
            devices.append(TRAINERS[member["kind"]](comments, member, choice["seed"], folder, gpu))
        seconds = time.monotonic() - start
        pack(Path(temporary), model)
    logging.info("trained %s on %d comments in %.0f s", choice["model"], len(comments), seconds)
    made = provenance(seconds=seconds, device=", ".join(dict.fromkeys(devices)), choice=choice)
    write_text(record, json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    with start_job(snakemake) as job:
        train_final_model(column_files(job.input), job.input.choice, job.output.model, job.output.record, job.gpu)
