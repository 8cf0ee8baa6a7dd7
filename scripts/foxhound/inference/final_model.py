"""Calibrate the final model, and save it as a Hugging Face folder."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from foxhound.errors import FoxhoundError
from foxhound.evaluation.thresholds import best_threshold
from foxhound.features.encoder import load_tokenizer, most_tokens

LABELS = {0: "not hateful", 1: "hateful"}
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
    return Calibration(slope, intercept, best_threshold(labels, expit(slope * odds + intercept)))


def fold_in_calibration(model: nn.Module, calibration: Calibration) -> None:
    """Change the last layer of a classifier of two labels, so that its probabilities are calibrated."""
    # In some models (RoBERTa, MPNet, ELECTRA) the classifier has a hidden layer, which stays as it is.
    *_, layer = (module for module in model.get_submodule("classifier").modules() if isinstance(module, nn.Linear))
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.mul_(calibration.slope)
        layer.get_parameter("bias")[1] += calibration.intercept


def save_final_model(
    model: PreTrainedModel, encoder: str, folder: Path, calibration: Calibration, max_tokens: int
) -> None:
    """Write the model (safetensors) and its tokenizer into `folder`, so that transformers alone can load them.

    Args:
        encoder: folder or hub id of the encoder, whose tokenizer the model was trained with.
        max_tokens: longer comments are cut; no more than the model has positions for.
    """
    max_tokens = min(max_tokens, most_tokens(model.config) or max_tokens)
    model.config.id2label = dict(LABELS)
    model.config.label2id = {name: label for label, name in LABELS.items()}
    model.config.threshold = calibration.threshold
    model.config.max_tokens = max_tokens
    model.save_pretrained(folder)
    # Saved as it was in training: in a folder without tokenizer_config.json, AutoTokenizer may make another one.
    tokenizer = load_tokenizer(encoder, max_tokens)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=max_tokens,
        pad_token=tokenizer.id_to_token(model.config.pad_token_id or 0),
        model_input_names=["input_ids", "attention_mask"],
    ).save_pretrained(folder)
