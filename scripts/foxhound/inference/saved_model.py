"""A saved model, ready to score: by ONNX Runtime where its folder has an export, else by PyTorch.

Nothing here imports PyTorch before it is needed: with an export, the first answer is there in under a second.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from foxhound.errors import FoxhoundError

ONNX = Path("onnx") / "model.onnx"
BATCH = 32

Logits = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class SavedModel:
    """A classifier of two labels and what belongs to it.

    logits: token ids (batch, tokens) and their mask of the same shape -> logits (batch, 2).
    hateful: which of the two is hateful.
    threshold: the probability from which a comment is called hateful.
    max_tokens: longer comments are cut.
    """

    tokenizer: Tokenizer
    logits: Logits
    padding: int
    hateful: int
    threshold: float
    max_tokens: int

    def log_odds(self, texts: Sequence[str]) -> np.ndarray:
        """Log-odds of hateful, (texts,), in their order."""
        tokens = [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))  # like lengths, little padding
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
        """Probability of hateful, (texts,), in their order."""
        return 1 / (1 + np.exp(-self.log_odds(texts).astype(np.float64)))


def onnx_logits(file: Path, threads: int) -> Logits:
    """Logits by ONNX Runtime.

    Raises:
        FoxhoundError: the file is damaged.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    try:
        session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime has no common class of its errors
        raise FoxhoundError(f"{file}: damaged ({str(error).splitlines()[0]}). Make the model again.") from error
    return lambda ids, mask: session.run(None, {"input_ids": ids, "attention_mask": mask})[0]


def torch_logits(folder: Path, threads: int) -> Logits:
    """Logits by PyTorch, float32.

    Raises:
        FoxhoundError: the folder holds no weights in safetensors, or no classifier.
    """
    import torch
    from safetensors import SafetensorError

    from foxhound.inference.pytorch_model import load_classifier

    torch.set_num_threads(threads)
    try:
        model = load_classifier(str(folder)).eval()
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise FoxhoundError(
            f"{folder}: cannot be loaded ({str(error).splitlines()[0]}). It needs model.safetensors; "
            "pickled weights can run code and are never loaded."
        ) from error

    @torch.inference_mode()
    def logits(ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
        return model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask)).logits.numpy()

    return logits


def _hateful_label(folder: Path, config: dict[str, Any]) -> int:
    names = config.get("id2label", {})
    hateful = [int(label) for label, name in names.items() if name == "hateful"]
    if len(names) != 2 or len(hateful) != 1:
        raise FoxhoundError(
            f"{folder}/config.json: labels {list(names.values())}. Two are needed, one of them 'hateful'; "
            "rename them in id2label if this is such a model."
        )
    return hateful[0]


def load_saved(folder: str | Path, threads: int = 1) -> SavedModel:
    """The model that `snakemake results/model` saved, or another classifier of two labels, in a Hugging Face folder.

    Raises:
        FoxhoundError: the folder or a file is missing or damaged, or its labels are not two with a hateful one.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FoxhoundError(f"{folder}: there is no such folder. Make the model with\n  snakemake --cores 2 {folder}")
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the tokenizers library raises plain Exception
        raise FoxhoundError(
            f"{folder}: not a model ({error}). It needs config.json, tokenizer.json and model.safetensors."
        ) from error
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
