"""Train the final model on all comments, and save it as a Hugging Face folder, not calibrated yet.

Reads labels and texts. The seconds that training took are kept beside the model, for its card.
"""

import json
import logging
import time
from pathlib import Path
from typing import Any

import numpy as np
from foxhound.compute.device import choose_device
from foxhound.corpus.columns import column_files, load_columns
from foxhound.features.encoder import find_encoder, load_tokenizer
from foxhound.files import write_text
from foxhound.inference.final_model import save_trained_model
from foxhound.models.finetuning import FinetuneSettings, finetune
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance


def train_final_model(
    columns: dict[str, str],
    folder: Path,
    record: str,
    final: dict[str, Any],
    encoder: dict[str, Any],
    training: dict[str, Any],
    gpu: bool,
) -> None:
    """Write the trained model into `folder`, and how long training took to the file `record`."""
    frame = load_columns(columns)
    texts, labels = frame["text"].tolist(), frame["label"].to_numpy()
    device, location = choose_device(gpu), find_encoder(encoder)
    everything, start = np.arange(len(texts)), time.monotonic()
    trained = finetune(
        location, load_tokenizer(location, training["max_tokens"]), texts, labels, everything, everything[:0],
        final["epoch"], final["learning_rate"], FinetuneSettings.from_config(training), final["seed"], device,
    )  # fmt: skip
    seconds = time.monotonic() - start
    logging.info("trained on %d comments in %.0f s", len(texts), seconds)
    # On the CPU, so that any machine can load it.
    save_trained_model(trained.model.cpu(), location, folder, training["max_tokens"])
    write_text(record, json.dumps(provenance(seconds=seconds, device=trained.device, **final), indent=1) + "\n")


if __name__ == "__main__":
    with start_job(snakemake) as job:
        train_final_model(
            column_files(job.input), Path(job.output.files[0]).parent, job.output.record, **job.params, gpu=job.gpu
        )
