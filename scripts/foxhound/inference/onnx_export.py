"""Export a classifier to ONNX: it then loads in a fraction of the seconds that PyTorch takes to start."""

import importlib.util
import logging
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from foxhound.errors import FoxhoundError
from foxhound.files import atomic_path
from foxhound.inference.model_folder import read_config
from foxhound.inference.transformer_model import ONNX, load_transformer, torch_logits

LARGEST_DIFFERENCE = 1e-3  # in log-odds: float32 sums in another order


def need_exporters(*packages: str) -> None:
    """Check that what writes ONNX is installed: asking a model that is there does without, and so may an installation.

    Raises:
        FoxhoundError: one of the packages is not.
    """
    missing = [package for package in packages if importlib.util.find_spec(package) is None]
    if missing:
        raise FoxhoundError(
            f"A model is exported to ONNX with {' and '.join(missing)}, and that is not installed. Run: pip install -r "
            "envs/export.txt. (A fine-tuned model can be kept without: `onnx: false` in config.yaml, under `final`.)"
        )


class _Logits(nn.Module):
    """Take the two inputs by position, and return nothing but logits, as the exporter needs."""

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return logits (batch, 2) of token ids and mask, both (batch, tokens)."""
        return self.model(input_ids=input_ids, attention_mask=attention_mask).logits


def export_graph(module: nn.Module, file: Path, max_tokens: int, output: str) -> None:
    """Write a module that reads token ids and their mask as an ONNX graph, float32.

    Args:
        module: on the CPU, float32; its inputs are called input_ids and attention_mask, both (comments, tokens), for
            any number of comments of any length up to `max_tokens`.
        output: name of what it returns.

    Raises:
        FoxhoundError: what writes ONNX is not installed.
    """
    need_exporters("onnx", "onnxscript")
    shape = {0: torch.export.Dim("comments", min=1, max=1 << 16), 1: torch.export.Dim("tokens", min=1, max=max_tokens)}
    example = torch.ones(2, 4, dtype=torch.long)
    for name in ("torch.onnx", "onnxscript", "onnx_ir"):  # each pass of their optimisers logs a line
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*axis name.*")  # both inputs share their two axes, as they should
        warnings.filterwarnings("ignore", message=".*LeafSpec.*", category=FutureWarning)
        program = torch.onnx.export(
            module.eval(),  # a new module is in training mode, whatever the one in it is in
            (example, example.clone()),  # one tensor twice would be one input
            input_names=["input_ids", "attention_mask"],
            output_names=[output],
            dynamic_shapes={"input_ids": shape, "attention_mask": shape},
            dynamo=True,
            verbose=False,
        )
    assert program is not None  # only the older exporter (dynamo=False) returns None
    _forget_where_it_was_made(program)
    with atomic_path(file) as temporary:
        program.save(temporary)


def _forget_where_it_was_made(program: torch.onnx.ONNXProgram) -> None:
    """Remove what the exporter notes of each node: the code that made it, with the paths of this machine.

    A model is passed on, and the same model is to be the same bytes wherever it is made.
    """
    graph = program.model.graph
    for part in (program.model, graph):
        part.metadata_props.clear()
    for node in graph.all_nodes():
        node.metadata_props.clear()
        node.doc_string = None


def export_onnx(model: PreTrainedModel, folder: Path, max_tokens: int) -> Path:
    """Write `folder`/onnx/model.onnx; as `export_graph` does.

    Args:
        model: on the CPU, float32.

    Returns:
        The file.
    """
    export_graph(_Logits(model), folder / ONNX, max_tokens, "logits")
    return folder / ONNX


def check_onnx(folder: Path, texts: Sequence[str]) -> float:
    """Return the largest difference in log-odds, over `texts`, between the export in `folder` and PyTorch.

    Raises:
        FoxhoundError: it is larger than rounding explains.
    """
    exported = load_transformer(folder, read_config(folder), threads=1)
    original = replace(exported, logits=torch_logits(folder, threads=1))
    largest = float(np.abs(exported.log_odds(texts) - original.log_odds(texts)).max())
    if not largest <= LARGEST_DIFFERENCE:  # nan fails too
        raise FoxhoundError(
            f"{folder / ONNX}: its log-odds differ from the model's by {largest:.4f}, more than {LARGEST_DIFFERENCE}. "
            "Set `onnx: false` in config.yaml, under `final`, and please report this."
        )
    return largest
