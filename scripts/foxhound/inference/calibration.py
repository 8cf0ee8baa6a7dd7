"""Calibrate the final model, and save it as a Hugging Face folder."""

import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from torch import nn
from transformers import PreTrainedModel

from foxhound.errors import FoxhoundError
from foxhound.evaluation.thresholds import best_threshold
from foxhound.inference.model_folder import whole_files
from foxhound.inference.pytorch_model import load_classifier

FINITE_MARGIN = 1e-6  # log-odds of 0 and 1 are infinite


class Calibration(NamedTuple):
    """Log-odds z become slope * z + intercept (Platt 1999); comments from `threshold` on are called hateful."""

    slope: float
    intercept: float
    threshold: float


def calibrate(labels: np.ndarray, probabilities: np.ndarray) -> Calibration:
    """Fit a calibration to held-out predictions, arrays of shape (comments,).

    Raises:
        FoxhoundError: the predictions rank comments no better than chance.
    """
    p = np.clip(probabilities.astype(np.float64), FINITE_MARGIN, 1 - FINITE_MARGIN)
    odds = logit(p)
    fitted = LogisticRegression(C=np.inf).fit(odds[:, None], labels)
    slope, intercept = float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
    if slope <= 0:
        raise FoxhoundError(
            "The final model ranks held-out comments no better than chance. Choose another one in config.yaml, under "
            "`final`; the report shows which models do better."
        )
    # The threshold with the highest expected F1, as the scores on held-out comments were decided by.
    calibrated = expit(slope * odds + intercept)
    return Calibration(slope, intercept, best_threshold(calibrated, calibrated))


def fold_in_calibration(model: nn.Module, calibration: Calibration) -> None:
    """Change the last layer of a classifier of two labels, so that its probabilities are calibrated."""
    # In some models (RoBERTa, MPNet, ELECTRA) the classifier has a hidden layer, which stays as it is.
    *_, layer = (module for module in model.get_submodule("classifier").modules() if isinstance(module, nn.Linear))
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.mul_(calibration.slope)
        layer.get_parameter("bias")[1] += calibration.intercept


def save_calibrated_model(trained: str, folder: str, calibration: Calibration) -> PreTrainedModel:
    """Fold `calibration` into the model in the folder `trained`, and write what comes out, with its threshold.

    Returns:
        The calibrated model.
    """
    model = load_classifier(trained).eval()
    fold_in_calibration(model, calibration)
    model.config.threshold = calibration.threshold
    with whole_files(folder) as temporary:
        model.save_pretrained(temporary)
        for file in Path(trained).glob("tokenizer*.json"):
            shutil.copyfile(file, temporary / file.name)
    return model
