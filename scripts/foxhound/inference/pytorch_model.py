"""Load what was fine-tuned, and score texts with it, in PyTorch."""

import numpy as np
import torch
from safetensors import SafetensorError
from transformers import AutoModelForSequenceClassification, PreTrainedModel

from foxhound.compute.device import choose_device
from foxhound.errors import FoxhoundError
from foxhound.features.encoder import SAFE, load_tokenizer, place
from foxhound.files import raise_system_error
from foxhound.inference.batch_scoring import probabilities
from foxhound.inference.model_folder import check_files, make_folder_again


def score_texts(model: PreTrainedModel, folder: str, texts: list[str]) -> np.ndarray:
    """Return the probability of hateful of every text, (texts,), on the CPU; this freezes the model."""
    cpu = choose_device(gpu=False)
    tokenizer = load_tokenizer(folder, model.config.max_tokens)
    return np.concatenate([*probabilities(place(model.eval(), cpu, frozen=True), tokenizer, texts, cpu)])


def load_classifier(folder: str) -> PreTrainedModel:
    """Return the saved model, from safetensors only.

    Raises:
        FoxhoundError: the folder is damaged, or holds no classifier; its last layer would be random.
    """
    try:
        model, loading = AutoModelForSequenceClassification.from_pretrained(
            folder, use_safetensors=True, dtype=torch.float32, output_loading_info=True, **SAFE
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise_system_error(error, folder)
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise FoxhoundError(
            f"{folder}: cannot be loaded ({reason}). It needs config.json and model.safetensors; pickled weights can "
            f"run code and are never loaded. {make_folder_again(folder)}"
        ) from error
    check_files(folder, model.config.to_dict(), ("model.safetensors", "tokenizer.json"))
    if loading["missing_keys"]:
        raise FoxhoundError(f"{folder}: no classifier: {sorted(loading['missing_keys'])[0]} is not among its weights.")
    return model
