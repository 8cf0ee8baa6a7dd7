"""Test the scores of a fine-tuned model against transformers."""

from pathlib import Path

import numpy as np
import pytest
import torch
from foxhound.errors import FoxhoundError
from foxhound.inference.model_folder import write_checksums
from foxhound.inference.pytorch_model import load_classifier, score_texts
from safetensors.torch import load_file
from tiny_models import FILLER, save_classifier, save_model
from transformers import pipeline

TEXTS = ["vermin", "our neighbours came back", *(" ".join(FILLER[:n]) for n in range(9, 0, -1))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_classifier(tmp_path_factory.mktemp("model"))


def test_scores_are_those_of_transformers_in_the_order_of_the_texts(folder):
    classify = pipeline("text-classification", str(folder), device="cpu")
    answers = [{label["label"]: label["score"] for label in classify(text, top_k=None)} for text in TEXTS]
    p_hateful = score_texts(load_classifier(str(folder)), str(folder), TEXTS)
    assert np.std(p_hateful) > 0.02  # else any order would do
    np.testing.assert_allclose(p_hateful, [answer["hateful"] for answer in answers], atol=0.03)  # bfloat16


def test_an_encoder_without_a_classifier_is_refused(tmp_path):
    with pytest.raises(FoxhoundError, match=r"no classifier: classifier\.bias is not among its weights"):
        load_classifier(save_model(tmp_path))


def test_pickled_weights_are_not_loaded(tmp_path):
    folder = save_classifier(tmp_path)
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(FoxhoundError, match=r"never loaded"):
        load_classifier(str(folder))


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_half_a_file_names_the_folder_and_the_remedy(name, tmp_path):
    folder = save_classifier(tmp_path)
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FoxhoundError, match=rf"^{folder}: cannot be loaded .* delete it \(rm -r {folder}\) and run"):
        load_classifier(str(folder))


def test_altered_weights_are_found(tmp_path):
    folder = save_classifier(tmp_path)
    write_checksums(folder)
    load_classifier(str(folder))
    weights = bytearray((folder / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (folder / "model.safetensors").write_bytes(weights)
    with pytest.raises(FoxhoundError, match=r"model\.safetensors: damaged"):
        load_classifier(str(folder))
