"""Save fitted baselines as kept models: ONNX graphs, and the terms that TF-IDF counts."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import TfidfVectorizer
from torch import Tensor, nn
from transformers import PreTrainedModel

from foxhound.compute.device import choose_device
from foxhound.errors import FoxhoundError
from foxhound.features.encoder import load_encoder, load_tokenizer, most_tokens, place
from foxhound.files import write_text
from foxhound.inference.model_folder import KIND, write_checksums
from foxhound.inference.onnx_export import export_graph, need_exporters
from foxhound.inference.pooled_model import ENCODER, LINE, MeanEncoder, load_mean_encoder
from foxhound.inference.saved_model import load_saved
from foxhound.inference.tfidf_model import TERMS
from foxhound.names import POOLED, TFIDF

OPSETS = {"": 18, "ai.onnx.ml": 3}
LARGEST_DIFFERENCE = 1e-5  # in probabilities: ONNX Runtime computes in float32, scikit-learn in float64


def export_line(model: BaseEstimator, width: int, file: Path) -> None:
    """Write logistic regression, or a pipeline that ends in it, as an ONNX graph from `inputs` to log-odds.

    Args:
        width: of its inputs, (texts, width).

    Raises:
        FoxhoundError: what writes ONNX is not installed.
    """
    need_exporters("onnx", "skl2onnx")
    # Imported late: what is fine-tuned does without.
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType

    options = {"zipmap": False, "raw_scores": True}
    last = model[-1] if hasattr(model, "steps") else model
    converted = convert_sklearn(
        model, name="line", initial_types=[("inputs", FloatTensorType([None, width]))], options={id(last): options},
        target_opset=OPSETS,
    )  # fmt: skip
    file.write_bytes(converted.SerializeToString())


def save_tfidf(model: BaseEstimator, folder: Path) -> None:
    """Write a fitted TF-IDF + logistic regression (`foxhound.models.baselines.tfidf_logistic`) into `folder`."""
    _, union, line = (step for _, step in model.steps)
    vectorizers = [vectorizer for _, vectorizer in union.transformer_list]
    for one in vectorizers:
        counted = {"analyzer": one.analyzer, "ngram_range": one.ngram_range, "sublinear_tf": True}
        if one.get_params() != TfidfVectorizer(**counted).get_params():
            raise ValueError(f"{one}: foxhound.inference.tfidf_model counts no terms like this")
    terms = [
        {
            "analyzer": one.analyzer,
            "ngram_range": list(one.ngram_range),
            "terms": one.get_feature_names_out().tolist(),
            "idf": one.idf_.tolist(),
        }
        for one in vectorizers
    ]
    write_text(folder / TERMS, json.dumps({"vectorizers": terms}, ensure_ascii=False))
    export_line(line, line.coef_.shape[1], folder / LINE)
    write_text(folder / "config.json", json.dumps({KIND: TFIDF}))
    write_checksums(folder)


class _Mean(nn.Module):
    """Make of token ids and their mask, both (batch, tokens), the mean vector of the tokens, (batch, dimensions)."""

    def __init__(self, encoder: PreTrainedModel, layer: int) -> None:
        super().__init__()
        self.encoder, self.layer = encoder, layer

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the mean, of vectors rounded as `foxhound.features.vector_rows` keeps them."""
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True)
        hidden = states.hidden_states[self.layer].to(torch.float16).to(torch.float32)
        weights = attention_mask.unsqueeze(-1).to(torch.float32)
        return (hidden * weights).sum(dim=1) / weights.sum(dim=1)


def save_mean_encoder(location: str, layer: int, max_tokens: int, folder: Path) -> MeanEncoder:
    """Write an encoder, up to the mean of its token vectors, as ONNX into `folder`; return it as it is read from there.

    Args:
        location: folder or hub id of the encoder.
        layer: index into its hidden states.
        max_tokens: longer texts are cut; no more than it has positions for.
    """
    encoder = place(load_encoder(location), choose_device(gpu=False))
    most = min(max_tokens, most_tokens(encoder.config) or max_tokens)
    load_tokenizer(location, most).save(str(folder / "tokenizer.json"))
    export_graph(_Mean(encoder, layer), folder / ENCODER, most, "means")
    config = {KIND: POOLED, "max_tokens": most, "pad_token_id": encoder.config.pad_token_id or 0}
    write_text(folder / "config.json", json.dumps(config))
    return load_mean_encoder(folder, config, threads=1)


def save_pooled(model: BaseEstimator, width: int, folder: Path) -> None:
    """Write logistic regression on mean vectors (`foxhound.models.baselines.pooled_logistic`) beside its encoder.

    Args:
        width: of the vectors.
    """
    export_line(model[1:], width, folder / LINE)
    write_checksums(folder)


def check_saved_baseline(folder: Path, texts: Sequence[str], expected: np.ndarray) -> float:
    """Return the largest difference between the probabilities of what is saved and those of what was fitted.

    Args:
        expected: (texts,) by scikit-learn.

    Raises:
        FoxhoundError: it is larger than rounding explains.
    """
    largest = float(np.abs(load_saved(folder).probabilities(texts) - expected).max())
    if not largest <= LARGEST_DIFFERENCE:  # nan fails too
        raise FoxhoundError(
            f"{folder}: loaded again, its probabilities differ from the fitted model's by {largest:.6f}, more than "
            f"{LARGEST_DIFFERENCE}. Name another model in config.yaml, under `final`, and please report this."
        )
    return largest
