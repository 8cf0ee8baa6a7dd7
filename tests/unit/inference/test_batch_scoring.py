import numpy as np
import pytest
import torch
from foxhound.features.encoder import load_tokenizer, place
from foxhound.inference import batch_scoring
from tiny_models import FILLER, save_model
from transformers import BertForSequenceClassification

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> str:
    return save_model(tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="module")
def model(folder) -> BertForSequenceClassification:
    torch.manual_seed(1)
    return place(BertForSequenceClassification.from_pretrained(folder, num_labels=2).eval(), CPU)


def test_every_text_gets_the_probability_it_has_alone_in_the_order_given(folder, model, precision, monkeypatch):
    monkeypatch.setattr(batch_scoring, "WINDOW", 10)
    monkeypatch.setattr(batch_scoring, "BATCH", 4)
    generator = np.random.default_rng(0)
    texts = [" ".join(generator.choice(FILLER, length)) for length in generator.integers(1, 20, 27)]
    tokenizer = load_tokenizer(folder, 24)
    windows = list(batch_scoring.probabilities(model, tokenizer, iter(texts), CPU))
    assert [len(window) for window in windows] == [10, 10, 7]
    with torch.inference_mode():
        alone = [model(torch.tensor([tokenizer.encode(text).ids])).logits.softmax(1)[0, 1].item() for text in texts]
    assert np.std(alone) > 0.02  # else any order would do
    np.testing.assert_allclose(np.concatenate(windows), alone, atol=1e-5 if precision == "float32" else 0.01)


def test_texts_are_taken_a_window_at_a_time(folder, model, monkeypatch):
    monkeypatch.setattr(batch_scoring, "WINDOW", 3)
    taken = []

    def endless():
        while True:
            taken.append(None)
            yield "our neighbours came"

    scored = batch_scoring.probabilities(model, load_tokenizer(folder, 24), endless(), CPU)
    next(scored)
    assert len(taken) == 3
    next(scored)
    assert len(taken) == 6


def test_nothing_to_score(folder, model):
    assert list(batch_scoring.probabilities(model, load_tokenizer(folder, 24), [], CPU)) == []
