"""Load a saved model, and score texts with it, in PyTorch.

As a command: python -m foxhound.inference.pytorch_model FOLDER TEXTS.json OUT.npy
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, PreTrainedModel

from foxhound.compute.device import choose_device
from foxhound.errors import FoxhoundError
from foxhound.features.encoder import SAFE, load_tokenizer, place
from foxhound.inference.batch_scoring import probabilities


def score_texts(model: PreTrainedModel, folder: str, texts: list[str]) -> np.ndarray:
    """Return the probability of hateful of every text, (texts,), on the CPU; this freezes the model."""
    cpu = choose_device(gpu=False)
    tokenizer = load_tokenizer(folder, model.config.max_tokens)
    return np.concatenate([*probabilities(place(model.eval(), cpu, frozen=True), tokenizer, texts, cpu)])


def load_classifier(folder: str) -> PreTrainedModel:
    """Return the saved model, from safetensors only.

    Raises:
        FoxhoundError: the folder holds no classifier; its last layer would be random.
    """
    model, loading = AutoModelForSequenceClassification.from_pretrained(
        folder, use_safetensors=True, dtype=torch.float32, output_loading_info=True, **SAFE
    )
    if loading["missing_keys"]:
        raise FoxhoundError(f"{folder}: no classifier: {sorted(loading['missing_keys'])[0]} is not among its weights.")
    return model


if __name__ == "__main__":
    folder, texts, output = sys.argv[1:]
    np.save(output, score_texts(load_classifier(folder), folder, json.loads(Path(texts).read_text(encoding="utf-8"))))
