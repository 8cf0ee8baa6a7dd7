"""Load a saved model and score texts: by ONNX Runtime where its folder has an export, else by PyTorch.

PyTorch is imported only where it is needed: with an export, the first answer comes in under a second.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from foxhound.errors import FoxhoundError
from foxhound.files import raise_system_error
from foxhound.inference.model_folder import check_files, make_folder_again

ONNX = Path("onnx") / "model.onnx"
BATCH = 32  # texts

Logits = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Token ids (batch, tokens) and their mask of the same shape -> logits (batch, 2)."""


@dataclass(frozen=True)
class SavedModel:
    """A classifier of two labels, with its tokenizer and settings.

    padding: id of the padding token.
    hateful: which of the two labels means hateful.
    threshold: comments from this probability on are called hateful.
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
        tokens = [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))  # texts of like length need little padding
        odds = np.empty(len(tokens), np.float32)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            lengths = np.array([len(tokens[row]) for row in batch])
            mask = (np.arange(lengths.max()) < lengths[:, None]).astype(np.int64)
            ids = np.full_like(mask, self.padding)
            ids[mask == 1] = np.concatenate([tokens[row] for row in batch])
            logits = self.logits(ids, mask)
            odds[batch] = logits[:, self.hateful] - logits[:, 1 - self.hateful]
        return odds

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Return the probability of hateful, (texts,), in their order."""
        return 1 / (1 + np.exp(-self.log_odds(texts).astype(np.float64)))


def onnx_logits(file: Path, threads: int) -> Logits:
    """Return a function that computes logits by ONNX Runtime.

    Raises:
        FoxhoundError: the file is damaged.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    try:
        session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors share no class
        raise_system_error(error, file)
        raise FoxhoundError(
            f"{file}: damaged ({str(error).splitlines()[0]}). Make the model again, or delete the file to use PyTorch."
        ) from error
    return lambda ids, mask: session.run(None, {"input_ids": ids, "attention_mask": mask})[0]


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


def _hateful_label(folder: Path, config: dict[str, Any]) -> int:
    """Return which of the two labels means hateful."""
    names = config.get("id2label", {})
    hateful = [int(label) for label, name in names.items() if name == "hateful"]
    if len(names) != 2 or len(hateful) != 1:
        raise FoxhoundError(
            f"{folder}/config.json: labels {list(names.values())}. Two are needed, one of them 'hateful'; "
            "rename them in id2label if the model is of that kind."
        )
    return hateful[0]


def load_saved(folder: str | Path, threads: int = 1) -> SavedModel:
    """Load the final model (`snakemake results/model`), or another classifier of two labels, from its folder.

    Args:
        threads: of ONNX Runtime or PyTorch.

    Raises:
        FoxhoundError: the folder or a file is missing or damaged, or the labels are not two, one of them hateful.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FoxhoundError(f"{folder}: there is no such folder. Make the model with\n  snakemake --cores 2 {folder}")
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the tokenizers library raises plain Exception
        raise_system_error(error, folder)
        raise FoxhoundError(
            f"{folder}: not a model ({error}). It needs config.json, tokenizer.json and model.safetensors. "
            f"{make_folder_again(folder)}"
        ) from error
    check_files(folder, config, ("tokenizer.json", ONNX.as_posix()))
    hateful = _hateful_label(folder, config)
    positions = config.get("max_position_embeddings", 512)
    max_tokens = min(config.get("max_tokens", positions), positions)
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    file = folder / ONNX
    return SavedModel(
        tokenizer,
        onnx_logits(file, threads) if file.is_file() else torch_logits(folder, threads),
        config.get("pad_token_id") or 0,
        hateful,
        config.get("threshold", 0.5),
        max_tokens,
    )
