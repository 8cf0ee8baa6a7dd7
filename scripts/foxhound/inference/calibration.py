"""Make a calibration part of the final model, and save it."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel

from foxhound.evaluation.calibration import Calibration
from foxhound.files import write_text
from foxhound.inference.model_folder import LIMITS, read_config, whole_files
from foxhound.inference.pytorch_model import load_classifier


def fold_in_calibration(model: nn.Module, calibration: Calibration) -> None:
    """Change the last layer of a classifier of two labels, so that its probabilities are calibrated."""
    # In some models (RoBERTa, MPNet, ELECTRA) the classifier has a hidden layer, which stays as it is.
    *_, layer = (module for module in model.get_submodule("classifier").modules() if isinstance(module, nn.Linear))
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.mul_(calibration.slope)
        layer.get_parameter("bias")[1] += calibration.intercept


def save_calibrated_model(
    trained: str, folder: str, calibration: Calibration, limits: Mapping[str, Any]
) -> PreTrainedModel:
    """Fold `calibration` into the model in the folder `trained`, and write what comes out, with its threshold.

    Args:
        limits: between which a person is asked, as `limits_by_rate` returns them.

    Returns:
        The calibrated model.
    """
    model = load_classifier(trained).eval()
    fold_in_calibration(model, calibration)
    model.config.threshold = calibration.threshold
    setattr(model.config, LIMITS, dict(limits))
    with whole_files(folder) as temporary:
        model.save_pretrained(temporary)
        for file in Path(trained).glob("tokenizer*.json"):
            shutil.copyfile(file, temporary / file.name)
    return model


def write_calibration(folder: Path, calibration: Calibration, limits: Mapping[str, Any]) -> None:
    """Write `calibration` and `limits` into the config.json of a model that is not fine-tuned, or of an ensemble."""
    calibrated = read_config(folder) | calibration._asdict() | {LIMITS: dict(limits)}
    write_text(folder / "config.json", json.dumps(calibrated, indent=2) + "\n")
