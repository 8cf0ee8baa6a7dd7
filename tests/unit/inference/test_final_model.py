import json
from pathlib import Path

import pytest
import torch
from foxhound.errors import FoxhoundError
from foxhound.features.encoder import load_tokenizer
from foxhound.inference import final_model
from foxhound.inference.calibration import Calibration, save_calibrated_model
from foxhound.inference.final_model import save_trained_model
from foxhound.models.architectures import ARCHITECTURES
from foxhound.models.finetuning import hateful_logits
from tiny_models import WORDS
from transformers import AutoModelForSequenceClassification, BertConfig, BertModel, BertTokenizer, pipeline


@pytest.fixture
def encoder(tmp_path: Path) -> str:
    folder = tmp_path / "encoder"
    torch.manual_seed(0)
    words = [*WORDS, "[MASK]"]  # which BertTokenizer would otherwise add beyond what the model knows
    shape = {"vocab_size": len(words), "hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(**shape, num_hidden_layers=1, max_position_embeddings=24)).save_pretrained(folder)
    (tmp_path / "vocab.txt").write_text("\n".join(words))
    BertTokenizer(str(tmp_path / "vocab.txt")).save_pretrained(folder)
    return str(folder)


def test_the_folder_is_loaded_by_transformers_alone(encoder, tmp_path):
    trained, final = tmp_path / "trained", tmp_path / "final"
    save_trained_model(ARCHITECTURES["BertForSequenceClassification"](encoder).eval(), encoder, trained, 24)
    model = save_calibrated_model(str(trained), str(final), Calibration(0.5, -1.0, 0.3), {})
    files = {"model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json"}
    assert {path.name for path in trained.iterdir()} == {path.name for path in final.iterdir()} == files
    classify = pipeline("text-classification", str(final), device="cpu")
    [answers] = classify(["our neighbours came back"], top_k=None)
    ids = torch.tensor([load_tokenizer(str(final), 24).encode("our neighbours came back").ids])
    with torch.inference_mode():
        expected = hateful_logits(model, ids, torch.ones_like(ids)).sigmoid().item()
    assert {answer["label"]: answer["score"] for answer in answers}["hateful"] == pytest.approx(expected, abs=1e-5)
    assert classify.model.config.threshold == 0.3


def test_longer_comments_are_cut_to_the_positions_of_the_model(encoder, tmp_path):
    save_trained_model(ARCHITECTURES["BertForSequenceClassification"](encoder), encoder, tmp_path / "trained", 99)
    assert json.loads((tmp_path / "trained" / "config.json").read_text())["max_tokens"] == 24


def test_a_model_that_is_another_one_when_it_is_loaded_again_is_not_saved(encoder, tmp_path, monkeypatch):
    def load_changed(kind, location):
        model = AutoModelForSequenceClassification.from_pretrained(location)
        with torch.no_grad():
            model.classifier.bias[0] += 1e-6
        return model

    monkeypatch.setattr(final_model, "load_pretrained", load_changed)
    with pytest.raises(FoxhoundError, match="trained: loaded again, the trained model is not what it was"):
        save_trained_model(ARCHITECTURES["BertForSequenceClassification"](encoder), encoder, tmp_path / "trained", 24)
    assert not [*(tmp_path / "trained").iterdir()]
