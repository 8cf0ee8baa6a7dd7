"""The model a user holds in the end: calibrated, saved as a Hugging Face folder, with a card on what it is worth."""

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
FINITE_MARGIN = 1e-6  # from 0 and 1, whose log-odds are infinite


class Calibration(NamedTuple):
    """Log-odds z become slope * z + intercept (Platt 1999); from `threshold` on a comment is called hateful."""

    slope: float
    intercept: float
    threshold: float


def calibrate(labels: np.ndarray, probabilities: np.ndarray) -> Calibration:
    """Fit to held-out predictions, arrays of shape (comments,).

    Raises:
        FoxhoundError: the predictions rank comments no better than chance.
    """
    odds = logit(np.clip(probabilities.astype(np.float64), FINITE_MARGIN, 1 - FINITE_MARGIN))
    fitted = LogisticRegression(C=np.inf).fit(odds[:, None], labels)
    slope, intercept = float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
    if slope <= 0:
        raise FoxhoundError(
            "The model to keep ranks held-out comments no better than chance. Choose another one in config.yaml, under "
            "`final`; the report says which learn."
        )
    return Calibration(slope, intercept, best_threshold(labels, expit(slope * odds + intercept)))


def fold_in(model: nn.Module, calibration: Calibration) -> None:
    """Make the classifier of two labels give calibrated probabilities by itself."""
    # Of some kinds (RoBERTa, MPNet, ELECTRA) the classifier has a hidden layer, which stays as it is.
    *_, layer = (module for module in model.get_submodule("classifier").modules() if isinstance(module, nn.Linear))
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.mul_(calibration.slope)
        layer.get_parameter("bias")[1] += calibration.intercept


def save(model: PreTrainedModel, encoder: str, folder: Path, calibration: Calibration, max_tokens: int) -> None:
    """Write the model (safetensors) and its tokenizer, so that transformers loads them with no code of ours."""
    max_tokens = min(max_tokens, most_tokens(model.config) or max_tokens)
    model.config.id2label = dict(LABELS)
    model.config.label2id = {name: label for label, name in LABELS.items()}
    model.config.threshold = calibration.threshold
    model.config.max_tokens = max_tokens
    model.save_pretrained(folder)
    # As it was trained with. What AutoTokenizer makes of a folder without tokenizer_config.json may be another one.
    tokenizer = load_tokenizer(encoder, max_tokens)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=max_tokens,
        pad_token=tokenizer.id_to_token(model.config.pad_token_id or 0),
        model_input_names=["input_ids", "attention_mask"],
    ).save_pretrained(folder)
