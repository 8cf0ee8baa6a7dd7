import json
from pathlib import Path

import numpy as np
import pytest
import torch
from foxhound.errors import FoxhoundError
from foxhound.inference.model_folder import write_checksums
from foxhound.inference.onnx_export import export_onnx
from foxhound.inference.saved_model import load_saved
from foxhound.inference.transformer_model import ONNX
from safetensors.torch import load_file
from tiny_models import FILLER, save_classifier, save_model
from transformers import AutoModelForSequenceClassification

TEXTS = ["our neighbours came back", "vermin", "out with them all today", *(" ".join(FILLER[:n]) for n in range(1, 12))]


def change(folder: Path, **changes: object) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


@pytest.fixture(params=["bert", "distilbert"])
def folder(request, tmp_path) -> Path:
    folder = save_classifier(tmp_path, request.param)
    export_onnx(AutoModelForSequenceClassification.from_pretrained(folder).eval(), folder, 12)
    return folder


def test_without_an_export_pytorch_answers_the_same(folder):
    exported = load_saved(folder).log_odds(TEXTS)
    (folder / ONNX).unlink()
    np.testing.assert_allclose(load_saved(folder).log_odds(TEXTS), exported, atol=1e-4)


def test_no_texts_no_answers(folder):
    assert load_saved(folder).log_odds([]).tolist() == []


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


@pytest.mark.parametrize("name", [ONNX, "tokenizer.json"])
def test_an_altered_byte_is_found(name, folder):
    write_checksums(folder)
    load_saved(folder)
    content = (folder / name).read_bytes()
    changed = content.replace(b'"today"', b'"todaz"') if name == "tokenizer.json" else content[:-1] + b"\0"
    assert changed != content
    (folder / name).write_bytes(changed)
    with pytest.raises(FoxhoundError, match=rf"{name}: damaged \(it does not fit its checksum"):
        load_saved(folder)
