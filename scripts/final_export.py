"""Make the folder of the final model that answers: the calibrated model, and (with `onnx`) its export to ONNX.

Reads the calibrated model, and texts on which the export must compute the same as PyTorch, up to rounding.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from foxhound.compute.device import choose_device
from foxhound.corpus.columns import column_files, load_columns
from foxhound.features.encoder import place
from foxhound.inference.model_folder import copy_or_link, write_checksums
from foxhound.inference.onnx_export import check_onnx, export_onnx
from foxhound.inference.pytorch_model import load_classifier
from foxhound.workflow.job import start_job

CHECKED = 256  # comments


def export_final_model(columns: dict[str, str], files: Sequence[str], folder: Path, onnx: bool) -> None:
    """Gather the model's files in `folder`, and export it there."""
    folder.mkdir(parents=True)
    for file in files:
        copy_or_link(file, str(folder / Path(file).name))
    if onnx:
        model = place(load_classifier(str(folder)).eval(), choose_device(gpu=False))
        export_onnx(model, folder, model.config.max_tokens)
        write_checksums(folder)
        difference = check_onnx(folder, load_columns(columns)["text"].tolist()[:CHECKED])
        logging.info("%s: the ONNX export gives the same log-odds within %.1e", folder, difference)


if __name__ == "__main__":
    with start_job(snakemake) as job:
        export_final_model(column_files(job.input), job.input.files, Path(job.output.folder), **job.params)
