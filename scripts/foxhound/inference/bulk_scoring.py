"""Load a kept model to score any number of texts: what is fine-tuned by PyTorch, on a GPU where there is one.

As a command: python -m foxhound.inference.bulk_scoring FOLDER TEXTS.json OUT.npy
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import PreTrainedModel

import foxhound
from foxhound.compute.device import choose_device, describe_device
from foxhound.features.encoder import load_tokenizer, place
from foxhound.inference.batch_scoring import probabilities
from foxhound.inference.empty_texts import finds_no_token
from foxhound.inference.kept_model import KeptModel
from foxhound.inference.model_folder import fine_tuned_folders
from foxhound.inference.pytorch_model import load_classifier
from foxhound.inference.saved_model import load_saved
from foxhound.inference.token_batches import end_of_tokens


@dataclass(frozen=True)
class BulkTransformer(KeptModel):
    """A fine-tuned model on a device, in the precision that is fastest there."""

    model: PreTrainedModel
    tokenizer: Tokenizer
    device: torch.device
    threshold: float

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Return the probability of hateful, (texts,) float32, in their order."""
        scored = [*probabilities(self.model, self.tokenizer, texts, self.device)]
        return np.concatenate(scored) if scored else np.empty(0, np.float32)

    def log_odds(self, texts: Sequence[str]) -> np.ndarray:
        """Return the log-odds of hateful, (texts,), in their order; infinite where float32 knows 0 or 1 only."""
        p = self.probabilities(texts).astype(np.float64)
        with np.errstate(divide="ignore"):
            return np.log(p) - np.log1p(-p)

    def finds_nothing(self, text: str) -> bool:
        """Say whether a text leaves no token."""
        return finds_no_token(self.tokenizer)(text)

    def end_of_reading(self, text: str) -> int:
        """Return where the text is cut."""
        return end_of_tokens(self.tokenizer, text)


def load_bulk(folder: str | Path, device: torch.device) -> tuple[KeptModel, str]:
    """Load a kept model, and say what it computes on, and in which precision; raise as `load_saved` does."""
    described = [] if fine_tuned_folders(Path(folder)) else ["cpu, float32"]  # ONNX Runtime

    def fine_tuned(location: Path, config: Mapping[str, Any], threads: int) -> BulkTransformer:
        model = place(load_classifier(str(location)).eval(), device, frozen=True)
        described.append(describe_device(device, model))
        tokenizer = load_tokenizer(str(location), model.config.max_tokens)
        return BulkTransformer(model, tokenizer, device, config.get("threshold", 0.5))

    model = load_saved(folder, torch.get_num_threads(), fine_tuned)
    return model, ", ".join(dict.fromkeys(described))


def score_in_new_process(folder: str | Path, texts: list[str]) -> np.ndarray:
    """Return the probabilities of texts, (texts,), that a new process computes on the CPU, of the model in `folder`."""
    with tempfile.TemporaryDirectory() as temporary:
        inputs, outputs = Path(temporary) / "texts.json", Path(temporary) / "probabilities.npy"
        inputs.write_text(json.dumps(texts), encoding="utf-8")
        package = str(Path(foxhound.__file__).parents[1])
        command = [sys.executable, "-m", "foxhound.inference.bulk_scoring", str(folder), str(inputs), str(outputs)]
        subprocess.run(command, check=True, env=os.environ | {"PYTHONPATH": package})
        return np.load(outputs)


if __name__ == "__main__":
    folder, texts, output = sys.argv[1:]
    model, _ = load_bulk(folder, choose_device(gpu=False))
    np.save(output, model.probabilities(json.loads(Path(texts).read_text(encoding="utf-8"))))
