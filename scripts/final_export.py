"""Make the folder of the final model that answers: the calibrated one, with (`onnx`) what is fine-tuned as ONNX too.

Reads the calibrated model, and texts on which the export must compute the same as PyTorch, up to rounding. Writes the
checksum of each file of the folder beside it: what reads the folder goes by them, and not by when it was made.
"""

import json
import logging
from pathlib import Path

from foxhound.compute.device import choose_device
from foxhound.corpus.columns import column_files, load_columns
from foxhound.features.encoder import place
from foxhound.files import sha256, write_text
from foxhound.inference.archive import unpack
from foxhound.inference.model_folder import fine_tuned_folders, write_checksums
from foxhound.inference.onnx_export import check_onnx, export_onnx
from foxhound.inference.pytorch_model import load_classifier
from foxhound.workflow.job import start_job

CHECKED = 256  # comments


def export_final_model(columns: dict[str, str], model: str, folder: Path, content: str, onnx: bool) -> None:
    """Unpack the model into `folder`, export it there, and write what the folder holds to the file `content`."""
    folder.mkdir(parents=True)
    unpack(model, folder)
    for one in fine_tuned_folders(folder) if onnx else []:
        classifier = place(load_classifier(str(one)).eval(), choose_device(gpu=False))
        export_onnx(classifier, one, classifier.config.max_tokens)
        write_checksums(one)
        difference = check_onnx(one, load_columns(columns)["text"].tolist()[:CHECKED])
        logging.info("%s: the ONNX export gives the same log-odds within %.1e", one, difference)
    files = {path.relative_to(folder).as_posix(): sha256(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    write_text(content, json.dumps(files, indent=1) + "\n")


if __name__ == "__main__":
    with start_job(snakemake) as job:
        columns, made = column_files(job.input), job.output
        export_final_model(columns, job.input.model, Path(made.folder), made.content, **job.params)
