import numpy as np
import pytest
import torch
from foxhound.errors import FoxhoundError
from foxhound.features.encoder import load_tokenizer
from foxhound.inference.final_model import Calibration, calibrate, fold_in_calibration, save_final_model
from foxhound.models.architectures import ARCHITECTURES
from foxhound.models.finetuning import hateful_logits
from scipy.special import expit
from tiny_models import WORDS, save_model
from transformers import BertConfig, BertModel, BertTokenizer, pipeline

IDS = torch.tensor([[2, 5, 6, 7, 3], [2, 12, 3, 0, 0]])


def test_calibration_finds_how_odds_were_bent():
    generator = np.random.default_rng(0)
    odds = generator.normal(0, 2, 20_000)
    labels = (generator.random(len(odds)) < expit(0.5 * odds - 1)).astype(int)
    calibration = calibrate(labels, expit(odds).astype(np.float32))
    assert calibration.slope == pytest.approx(0.5, abs=0.03)
    assert calibration.intercept == pytest.approx(-1, abs=0.05)
    assert 0.2 < calibration.threshold < 0.5  # of calibrated probabilities, F1 wants half of the best F1: about .3


def test_a_model_that_has_learned_nothing_is_refused():
    generator = np.random.default_rng(0)
    probabilities = generator.random(200)
    labels = (generator.random(200) > probabilities).astype(int)  # the surer the model, the more often it is wrong
    with pytest.raises(FoxhoundError, match="no better than chance"):
        calibrate(labels, probabilities)


@pytest.mark.parametrize("architecture", list(ARCHITECTURES)[:2])
def test_calibration_becomes_part_of_the_model(architecture, tmp_path):
    model = ARCHITECTURES[architecture](save_model(tmp_path)).eval()
    mask = (IDS != 0).long()
    before = hateful_logits(model, IDS, mask)
    fold_in_calibration(model, Calibration(0.5, -1.0, 0.3))
    torch.testing.assert_close(hateful_logits(model, IDS, mask), 0.5 * before - 1)


def test_the_folder_is_loaded_by_transformers_alone(tmp_path):
    encoder = tmp_path / "encoder"
    torch.manual_seed(0)
    words = [*WORDS, "[MASK]"]  # which BertTokenizer would otherwise add beyond what the model knows
    shape = {"vocab_size": len(words), "hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(**shape, num_hidden_layers=1, max_position_embeddings=24)).save_pretrained(encoder)
    (tmp_path / "vocab.txt").write_text("\n".join(words))
    BertTokenizer(str(tmp_path / "vocab.txt")).save_pretrained(encoder)
    model = ARCHITECTURES["BertForSequenceClassification"](str(encoder)).eval()
    save_final_model(model, str(encoder), tmp_path / "final", Calibration(1, 0, 0.3), 24)
    assert {path.name for path in (tmp_path / "final").iterdir()} >= {"model.safetensors", "config.json"}
    assert not [*(tmp_path / "final").glob("*.bin")]
    classify = pipeline("text-classification", str(tmp_path / "final"), device="cpu")
    [answers] = classify(["our neighbours came back"], top_k=None)
    ids = torch.tensor([load_tokenizer(str(tmp_path / "final"), 24).encode("our neighbours came back").ids])
    with torch.inference_mode():
        expected = hateful_logits(model, ids, torch.ones_like(ids)).sigmoid().item()
    assert {answer["label"]: answer["score"] for answer in answers}["hateful"] == pytest.approx(expected, abs=1e-5)
    assert classify.model.config.threshold == 0.3
