"""Test that the export gives the logits of transformers, at every length, and that a difference is refused."""

import importlib.util
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from foxhound.errors import FoxhoundError
from foxhound.inference.baseline_export import export_line
from foxhound.inference.onnx_export import check_onnx, export_graph, export_onnx, need_exporters
from foxhound.inference.saved_model import load_saved
from foxhound.inference.transformer_model import ONNX
from safetensors.torch import load_file, save_file
from sklearn.linear_model import LogisticRegression
from tiny_models import FILLER, save_classifier
from transformers import AutoModelForSequenceClassification, pipeline

TEXTS = ["our neighbours came back", "vermin", "out with them all today", *(" ".join(FILLER[:n]) for n in range(1, 12))]


@pytest.fixture(params=["bert", "distilbert"])
def folder(request, tmp_path) -> Path:
    folder = save_classifier(tmp_path, request.param)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    assert export_onnx(model, folder, 12) == folder / ONNX
    return folder


def test_the_export_gives_what_transformers_gives(folder):
    classify = pipeline("text-classification", str(folder), device="cpu", max_length=12, truncation=True)
    answers = [{label["label"]: label["score"] for label in classify(text, top_k=None)} for text in TEXTS]
    expected = [answer["hateful"] for answer in answers]
    assert np.std(expected) > 0.005  # else any order would do
    model = load_saved(folder)
    assert model.threshold == 0.3
    np.testing.assert_allclose(1 / (1 + np.exp(-model.log_odds(TEXTS))), expected, atol=1e-5)
    assert check_onnx(folder, TEXTS) < 1e-4


def test_an_export_that_differs_is_refused(folder):
    weights = load_file(folder / "model.safetensors")
    bias = weights["classifier.bias"] + torch.tensor([0.0, 0.01])
    save_file(weights | {"classifier.bias": bias}, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(FoxhoundError, match=r"differ from the model's by 0\.0100.*onnx: false"):
        check_onnx(folder, TEXTS)


def test_the_file_takes_any_number_of_comments_of_any_length(folder):
    graph = onnx.load(folder / ONNX).graph
    shapes = {value.name: [axis.dim_param for axis in value.type.tensor_type.shape.dim] for value in graph.input}
    assert shapes == {"input_ids": ["comments", "tokens"], "attention_mask": ["comments", "tokens"]}
    assert [value.name for value in graph.output] == ["logits"]


def test_the_file_says_nothing_of_the_machine_that_made_it(folder):
    content = (folder / ONNX).read_bytes()
    places = (
        "site-packages",
        "dist-packages",
        "foxhound/inference",
        "onnx_export.py",
        str(Path(torch.__file__).parents[1]),
    )
    assert not [place for place in places if place.encode() in content]


def test_what_is_not_installed_is_named_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "onnxscript" else name)
    with pytest.raises(FoxhoundError, match=r"with onnxscript, and that is not .*pip install -r envs/export.txt"):
        need_exporters("onnx", "onnxscript")
    need_exporters("onnx", "skl2onnx")


def test_an_export_looks_first_whether_it_can(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(FoxhoundError, match="onnx and onnxscript"):
        export_graph(torch.nn.Identity(), tmp_path / "graph.onnx", 12, "logits")
    with pytest.raises(FoxhoundError, match="onnx and skl2onnx"):
        export_line(LogisticRegression(), 2, tmp_path / "line.onnx")
