"""Test that a kept encoder gives the mean of the vectors that the baseline takes, and that damage is found."""

from pathlib import Path

import numpy as np
import pytest
import torch
from foxhound.compute import device
from foxhound.errors import FoxhoundError
from foxhound.features.encoder import load_encoder, load_tokenizer, place
from foxhound.features.encoding import encode
from foxhound.features.vector_rows import from_bytes, to_bytes
from foxhound.inference.baseline_export import save_mean_encoder
from foxhound.inference.saved_model import load_saved
from kept_models import change_config, demo_comments, keep_pooled
from tiny_models import FILLER, save_model

TEXTS = [
    "our neighbours came back",
    "vermin",
    "nobody knows",
    *(" ".join(FILLER[:n]) for n in range(1, 12)),
    "all " * 60,
]


@pytest.mark.parametrize(("kind", "layer"), [("bert", -1), ("distilbert", -2), ("roberta", 0)])
def test_the_mean_is_that_of_the_vectors_that_are_stored(kind, layer, tmp_path, monkeypatch):
    monkeypatch.setattr(device, "bfloat16_is_fast", lambda cpu: False)
    (tmp_path / "encoder").mkdir()
    location = save_model(tmp_path / "encoder", kind)
    cpu = torch.device("cpu")
    model, tokenizer = place(load_encoder(location), cpu, frozen=True), load_tokenizer(location, 20)
    stored = {row: to_bytes(vectors) for row, vectors in encode(model, tokenizer, TEXTS, None, layer, cpu)}
    expected = [from_bytes(*stored[row]).astype(np.float32).mean(axis=0) for row in range(len(TEXTS))]
    (tmp_path / "kept").mkdir()
    means = save_mean_encoder(location, layer, 20, tmp_path / "kept").means(TEXTS)
    assert means.dtype == np.float32 and np.ptp(means) > 0.1
    np.testing.assert_allclose(means, expected, atol=2e-3)  # float16 rounds at other places


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("pooled")
    for name in ("encoder", "kept"):
        (base / name).mkdir()
    keep_pooled(base / "kept", demo_comments(40), save_model(base / "encoder"))
    return base / "kept"


def test_what_is_left_of_a_text(folder: Path) -> None:
    model = load_saved(folder)
    assert not model.finds_nothing("vermin")
    assert model.end_of_reading("vermin " * 50) == 22 * 7 - 1  # of 24 tokens, two are [CLS] and [SEP]
    assert model.log_odds([]).tolist() == []


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


@pytest.mark.parametrize("name", ["model.onnx", "encoder.onnx", "tokenizer.json"])
def test_damage_is_found(name: str, copy: Path) -> None:
    load_saved(copy)
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(FoxhoundError, match=rf"{name}: damaged \(it does not fit its checksum"):
        load_saved(copy)
    change_config(copy, sha256={})
    (copy / name).write_bytes(b"\0" * 9)
    with pytest.raises(FoxhoundError, match=r"damaged|not a model"):
        load_saved(copy)


def test_a_config_that_lacks_what_is_needed_is_named(copy: Path) -> None:
    (copy / "config.json").write_text('{"foxhound_kind": "pooled-logistic"}')
    with pytest.raises(FoxhoundError, match=r"its config\.json lacks max_tokens or pad_token_id"):
        load_saved(copy)
