from pathlib import Path

import numpy as np
import pytest
import torch
from foxhound.checks.explanations import explanation_methods, measure_faithfulness
from foxhound.errors import FoxhoundError
from foxhound.inference.pytorch_model import load_classifier
from foxhound.inference.saved_model import load_saved
from foxhound.inference.transformer_model import TransformerModel
from foxhound.tables import read_table, write_table
from tiny_models import FILLER, bag_of_words, save_classifier

TEXT = "our vermin came\n back  today"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return save_classifier(tmp_path_factory.mktemp("model"))


@pytest.fixture
def bag(tmp_path) -> TransformerModel:
    return bag_of_words(tmp_path)


def test_integrated_gradients_add_up_to_what_the_words_changed(folder):
    """Check completeness (Sundararajan et al. 2017, section 3): shares sum to the answer less that to a blank text."""
    saved, model = load_saved(folder), load_classifier(str(folder)).eval()
    shares = explanation_methods(model, saved)["integrated gradients"](TEXT)
    ids = torch.tensor([saved.tokenizer.encode(TEXT).ids])
    blank = ids.clone()
    blank[:, 1:-1] = 0
    with torch.inference_mode():
        whole, nothing = (
            model(input_ids=one, attention_mask=torch.ones_like(ids)).logits.diff()[0, 0] for one in (ids, blank)
        )
    assert len(shares) == 5 and abs(whole - nothing) > 0.4
    assert shares.sum() == pytest.approx(float(whole - nothing), rel=0.05)  # twenty steps


def test_gradient_times_input_as_autograd_gives_it(folder):
    saved, model = load_saved(folder), load_classifier(str(folder)).eval()
    ids = torch.tensor([saved.tokenizer.encode(TEXT).ids])
    vectors = model.get_input_embeddings()(ids).detach().requires_grad_()
    model(inputs_embeds=vectors, attention_mask=torch.ones_like(ids)).logits.diff().sum().backward()
    expected = (vectors.grad * vectors).sum(dim=-1)[0, 1:-1].detach().numpy()
    np.testing.assert_allclose(
        explanation_methods(model, saved)["gradient times input"](TEXT), expected, rtol=1e-4, atol=1e-5
    )


def test_words_of_several_tokens_take_the_sum_of_them(folder):
    saved, model = load_saved(folder), load_classifier(str(folder)).eval()
    explain = explanation_methods(model, saved)["gradient times input"]
    apart, joined = explain("our vermin ( today"), explain("our vermin( today")  # the tokenizer splits at punctuation
    np.testing.assert_allclose(joined, [apart[0], apart[1] + apart[2], apart[3]], rtol=1e-5)


def test_one_text_is_too_few(bag):
    with pytest.raises(FoxhoundError, match=r"raise `checks\.explained`"):
        measure_faithfulness(bag, {"x": lambda text: np.ones(2)}, ["vermin came", "alone"], 100, 0)


def test_who_knows_the_words_that_count_is_faithful_and_who_guesses_is_not(bag, tmp_path):
    generator = np.random.default_rng(0)
    texts = [" ".join(generator.choice(FILLER, 10)) for _ in range(60)]
    guess = np.random.default_rng(1)
    explain = {
        "knows": lambda text: np.array([bag.log_odds([word])[0] for word in text.split()]),
        "guesses": lambda text: guess.random(len(text.split())),
        "lies": lambda text: -np.array([bag.log_odds([word])[0] for word in text.split()]),
    }
    table = measure_faithfulness(bag, explain, [*texts, "alone"], 200, 0)
    write_table(table, tmp_path / "e.parquet", "explanations", {})
    knows, guesses, lies = (row for _, row in read_table(tmp_path / "e.parquet", "explanations").iterrows())
    assert knows["comments"] == 60  # a text of one word says nothing
    assert knows["low"] > 1 and lies["high"] < -1
    assert guesses["low"] < 0 < guesses["high"]
    # By hand: a fifth of ten words are two, those with the largest weights on the side of the answer.
    falls = []
    for text in texts:
        weights = np.array([bag.log_odds([word])[0] for word in text.split()])
        sign = 1 if weights.sum() >= 0 else -1
        falls.append(np.sort(sign * weights)[-2:].sum())
    assert knows["drop"] == pytest.approx(np.mean(falls), rel=1e-4)
