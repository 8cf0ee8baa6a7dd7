import json
from pathlib import Path

import numpy as np
import pytest
import torch
from foxhound.errors import FoxhoundError
from foxhound.inference.onnx_export import check_onnx, export_onnx
from foxhound.inference.saved_model import ONNX, load_saved
from foxhound.inference.word_effects import word_effects
from safetensors.torch import load_file, save_file
from tiny_models import FILLER, save_classifier, save_model
from transformers import AutoModelForSequenceClassification, pipeline

TEXTS = ["our neighbours came back", "vermin", "out with them all today", *(" ".join(FILLER[:n]) for n in range(1, 12))]


def change(folder: Path, **changes: object) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


@pytest.fixture(params=["bert", "distilbert"])
def folder(request, tmp_path) -> Path:
    folder = save_classifier(tmp_path, request.param)
    export_onnx(AutoModelForSequenceClassification.from_pretrained(folder).eval(), folder, 12)
    return folder


def test_the_export_gives_what_transformers_gives(folder):
    classify = pipeline("text-classification", str(folder), device="cpu", max_length=12, truncation=True)
    expected = [one["score"] for text in TEXTS for one in classify(text, top_k=None) if one["label"] == "hateful"]
    assert np.std(expected) > 0.005  # else any order would do
    model = load_saved(folder)
    assert model.threshold == 0.3
    np.testing.assert_allclose(1 / (1 + np.exp(-model.log_odds(TEXTS))), expected, atol=1e-5)
    assert check_onnx(folder, TEXTS) < 1e-4


def test_an_export_that_differs_is_refused(folder):
    weights = load_file(folder / "model.safetensors")
    save_file(
        weights | {"classifier.bias": weights["classifier.bias"] + torch.tensor([0.0, 0.01])},
        folder / "model.safetensors",
        {"format": "pt"},
    )
    with pytest.raises(FoxhoundError, match=r"differ from the model's by 0\.0100.*onnx: false"):
        check_onnx(folder, TEXTS)


def test_without_an_export_pytorch_answers_the_same(folder):
    exported = load_saved(folder).log_odds(TEXTS)
    (folder / ONNX).unlink()
    np.testing.assert_allclose(load_saved(folder).log_odds(TEXTS), exported, atol=1e-4)


def test_no_texts_no_answers(folder):
    assert load_saved(folder).log_odds([]).tolist() == []


def test_a_word_carries_what_is_lost_without_it(folder):
    model = load_saved(folder)
    found = word_effects(model, " vermin came\n\tback ")
    assert [word for word, _ in found] == ["vermin", "came", "back"]
    alone = model.log_odds(["vermin came back", "came back", "vermin back", "vermin came"])
    np.testing.assert_allclose([effect for _, effect in found], alone[0] - alone[1:], atol=1e-5)
    assert np.abs([effect for _, effect in found]).max() > 0.01
    assert word_effects(model, " ") == []


def test_words_that_the_model_cannot_read_are_not_listed(folder):
    assert len(word_effects(load_saved(folder), "vermin " * 50)) == 10  # of twelve tokens, two are [CLS] and [SEP]


def test_the_hateful_label_may_come_first(folder):
    as_saved = load_saved(folder).log_odds(TEXTS)
    change(folder, id2label={"0": "hateful", "1": "fine"})
    np.testing.assert_array_equal(load_saved(folder).log_odds(TEXTS), -as_saved)


@pytest.mark.parametrize("labels", [{"0": "a", "1": "b"}, {"0": "hateful"}, {"0": "x", "1": "hateful", "2": "y"}])
def test_a_model_of_other_labels_is_refused(labels, tmp_path):
    change(save_classifier(tmp_path), id2label=labels)
    with pytest.raises(FoxhoundError, match="one of them 'hateful'"):
        load_saved(tmp_path)


def test_an_encoder_without_a_classifier_is_refused(tmp_path):
    save_model(tmp_path)
    with pytest.raises(FoxhoundError, match="one of them 'hateful'"):
        load_saved(tmp_path)
    change(tmp_path, id2label={"0": "not hateful", "1": "hateful"})
    with pytest.raises(FoxhoundError, match=r"no classifier: classifier\.bias"):
        load_saved(tmp_path)


def test_no_more_is_read_than_the_model_has_positions_for(tmp_path):
    folder = save_classifier(tmp_path)
    change(folder, max_tokens=1000)
    assert load_saved(folder).max_tokens == 24
    assert np.isfinite(load_saved(folder).log_odds(["vermin " * 100])).all()


def test_what_is_no_model_is_refused(tmp_path):
    with pytest.raises(FoxhoundError, match="no such folder"):
        load_saved(tmp_path / "lost")
    with pytest.raises(FoxhoundError, match="not a model"):
        load_saved(tmp_path)


def test_pickled_weights_are_never_loaded(tmp_path):
    folder = save_classifier(tmp_path)
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(FoxhoundError, match="never loaded"):
        load_saved(folder)


@pytest.mark.parametrize("damaged", [ONNX, "model.safetensors", "tokenizer.json", "config.json"])
def test_a_damaged_file_is_named(damaged, tmp_path):
    folder = save_classifier(tmp_path)
    (folder / ONNX).parent.mkdir()
    (folder / damaged).write_bytes(b"\0" * 100)
    with pytest.raises(FoxhoundError, match=r"damaged|not a model|cannot be loaded"):
        load_saved(folder)
