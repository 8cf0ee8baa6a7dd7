"""Ask a fine-tuned model: by ONNX Runtime where its folder has an export, else by PyTorch.

PyTorch is imported only where it is needed: with an export, the first answer comes in under a second.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from foxhound.errors import FoxhoundError
from foxhound.inference.empty_texts import finds_no_token
from foxhound.inference.kept_model import KeptModel
from foxhound.inference.model_folder import check_files, load_folder_tokenizer
from foxhound.inference.onnx_graph import load_graph
from foxhound.inference.token_batches import end_of_tokens, in_batches

ONNX = Path("onnx") / "model.onnx"

Logits = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Token ids (batch, tokens) and their mask of the same shape -> logits (batch, 2)."""


@dataclass(frozen=True)
class TransformerModel(KeptModel):
    """A classifier of two labels, with its tokenizer and settings.

    padding: id of the padding token.
    hateful: which of the two labels means hateful.
    max_tokens: longer comments are cut.
    """

    tokenizer: Tokenizer
    logits: Logits
    padding: int
    hateful: int
    threshold: float
    max_tokens: int

    def log_odds(self, texts: Sequence[str]) -> np.ndarray:
        """Return the log-odds of hateful, (texts,), in their order."""

        def odds(ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
            logits = self.logits(ids, mask)
            return logits[:, self.hateful] - logits[:, 1 - self.hateful]

        return np.array(in_batches(self.tokenizer, self.padding, odds, texts), np.float32)

    def finds_nothing(self, text: str) -> bool:
        """Say whether a text leaves no token."""
        return finds_no_token(self.tokenizer)(text)

    def end_of_reading(self, text: str) -> int:
        """Return where the text is cut."""
        return end_of_tokens(self.tokenizer, text)


def onnx_logits(file: Path, threads: int) -> Logits:
    """Return a function that computes logits by ONNX Runtime.

    Raises:
        FoxhoundError: the file is damaged.
    """
    graph = load_graph(file, threads, "Make the model again, or delete the file to use PyTorch.")
    return lambda ids, mask: graph({"input_ids": ids, "attention_mask": mask})


def torch_logits(folder: Path, threads: int) -> Logits:
    """Return a function that computes logits by PyTorch, in float32.

    Raises:
        FoxhoundError: the folder holds no weights in safetensors, or no classifier.
    """
    import torch

    from foxhound.inference.pytorch_model import load_classifier

    torch.set_num_threads(threads)
    model = load_classifier(str(folder)).eval()

    @torch.inference_mode()
    def logits(ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
        return model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask)).logits.numpy()

    return logits


def _hateful_label(folder: Path, config: Mapping[str, Any]) -> int:
    """Return which of the two labels means hateful."""
    names = config.get("id2label", {})
    hateful = [int(label) for label, name in names.items() if name == "hateful"]
    if len(names) != 2 or len(hateful) != 1:
        raise FoxhoundError(
            f"{folder}/config.json: labels {list(names.values())}. Two are needed, one of them 'hateful'; "
            "rename them in id2label if the model is of that kind."
        )
    return hateful[0]


def load_transformer(folder: Path, config: Mapping[str, Any], threads: int) -> TransformerModel:
    """Load a classifier of two labels from its folder; raise as `load_saved` does.

    Args:
        config: the content of config.json.
    """
    tokenizer = load_folder_tokenizer(folder)
    check_files(folder, config, ("tokenizer.json", ONNX.as_posix()))
    hateful = _hateful_label(folder, config)
    positions = config.get("max_position_embeddings", 512)
    max_tokens = min(config.get("max_tokens", positions), positions)
    tokenizer.enable_truncation(max_tokens)
    file = folder / ONNX
    return TransformerModel(
        tokenizer,
        onnx_logits(file, threads) if file.is_file() else torch_logits(folder, threads),
        config.get("pad_token_id") or 0,
        hateful,
        config.get("threshold", 0.5),
        max_tokens,
    )
