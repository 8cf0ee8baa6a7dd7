"""Make the folder of the final model that answers: the calibrated one, with (`onnx`) what is fine-tuned as ONNX too.

Reads the calibrated model, and texts on which the export must compute the same as PyTorch, up to rounding.
"""

import logging
from pathlib import Path

from foxhound.compute.device import choose_device
from foxhound.corpus.columns import column_files, load_columns
from foxhound.features.encoder import place
from foxhound.inference.archive import unpack
from foxhound.inference.model_folder import fine_tuned_folders, write_checksums
from foxhound.inference.onnx_export import check_onnx, export_onnx
from foxhound.inference.pytorch_model import load_classifier
from foxhound.workflow.job import start_job

CHECKED = 256  # comments


def export_final_model(columns: dict[str, str], model: str, folder: Path, onnx: bool) -> None:
    """Unpack the model into `folder`, and export it there."""
    folder.mkdir(parents=True)
    unpack(model, folder)
    for one in fine_tuned_folders(folder) if onnx else []:
        classifier = place(load_classifier(str(one)).eval(), choose_device(gpu=False))
        export_onnx(classifier, one, classifier.config.max_tokens)
        write_checksums(one)
        difference = check_onnx(one, load_columns(columns)["text"].tolist()[:CHECKED])
        logging.info("%s: the ONNX export gives the same log-odds within %.1e", one, difference)


if __name__ == "__main__":
    with start_job(snakemake) as job:
        export_final_model(column_files(job.input), job.input.model, Path(job.output.folder), **job.params)
