"""Ask a kept logistic regression on the mean of an encoder's token vectors: encoder and line are ONNX graphs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from foxhound.inference.empty_texts import finds_no_token
from foxhound.inference.kept_model import CalibratedModel, calibration_of
from foxhound.inference.model_folder import check_files, load_folder_tokenizer, make_folder_again, not_a_model
from foxhound.inference.onnx_graph import Graph, load_graph
from foxhound.inference.token_batches import end_of_tokens, in_batches

LINE, ENCODER = "model.onnx", "encoder.onnx"


@dataclass(frozen=True)
class MeanEncoder:
    """An encoder that makes one vector of a text: the mean of its token vectors.

    padding: id of the padding token.
    """

    tokenizer: Tokenizer
    graph: Graph
    padding: int

    def means(self, texts: Sequence[str]) -> np.ndarray:
        """Return the mean token vector of every text, (texts, dimensions) float32; there is one text or more."""

        def mean(ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
            return self.graph({"input_ids": ids, "attention_mask": mask})

        return np.stack(in_batches(self.tokenizer, self.padding, mean, texts))


@dataclass(frozen=True)
class PooledModel(CalibratedModel):
    """Logistic regression on the mean token vector."""

    encoder: MeanEncoder
    line: Graph

    def raw_log_odds(self, texts: Sequence[str]) -> np.ndarray:
        """Return the log-odds before calibration, (texts,)."""
        return self.line({"inputs": self.encoder.means(texts)})[:, -1] if len(texts) else np.empty(0)

    def finds_nothing(self, text: str) -> bool:
        """Say whether a text leaves no token."""
        return finds_no_token(self.encoder.tokenizer)(text)

    def end_of_reading(self, text: str) -> int:
        """Return where the text is cut."""
        return end_of_tokens(self.encoder.tokenizer, text)


def load_mean_encoder(folder: Path, config: Mapping[str, Any], threads: int) -> MeanEncoder:
    """Load the encoder of a folder.

    Args:
        config: the content of config.json: `max_tokens`, at which texts are cut, and `pad_token_id`.

    Raises:
        FoxhoundError: a file is missing or damaged.
    """
    tokenizer = load_folder_tokenizer(folder)
    if not config.keys() >= {"max_tokens", "pad_token_id"}:
        raise not_a_model(folder, "its config.json lacks max_tokens or pad_token_id")
    tokenizer.enable_truncation(config["max_tokens"], strategy="longest_first")
    graph = load_graph(folder / ENCODER, threads, make_folder_again(folder))
    return MeanEncoder(tokenizer, graph, config["pad_token_id"])


def load_pooled(folder: Path, config: Mapping[str, Any], threads: int) -> PooledModel:
    """Load a kept logistic regression on mean token vectors from its folder; raise as `load_saved` does."""
    check_files(folder, config, (LINE, ENCODER, "tokenizer.json"))
    encoder = load_mean_encoder(folder, config, threads)
    line = load_graph(folder / LINE, threads, make_folder_again(folder))
    return PooledModel(encoder=encoder, line=line, **calibration_of(config))
