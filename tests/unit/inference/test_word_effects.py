"""Test what words are worth to a model whose words have known weights."""

from pathlib import Path

import numpy as np
import pytest
from foxhound.inference.transformer_model import TransformerModel
from foxhound.inference.word_effects import count_words_read, leave_out, strongest_effects, word_effects
from tiny_models import FILLER, bag_of_words

WEIGHTS = dict(zip(FILLER, np.linspace(-2, 3, len(FILLER)), strict=True))


@pytest.fixture
def model(tmp_path: Path) -> TransformerModel:
    return bag_of_words(tmp_path)


def test_a_word_is_worth_its_weight(model):
    effects = word_effects(model, " vermin came\n\tback ")
    assert [word for word, _ in effects] == ["vermin", "came", "back"]
    assert [effect for _, effect in effects] == pytest.approx([WEIGHTS[word] for word, _ in effects], abs=1e-5)


def test_a_word_that_stands_twice_is_left_out_once(model):
    effects = word_effects(model, "vermin vermin")
    assert [effect for _, effect in effects] == pytest.approx([WEIGHTS["vermin"]] * 2, abs=1e-5)


def test_a_text_without_words_has_no_effects(model):
    assert word_effects(model, " ") == []
    assert count_words_read(model, "") == 0


def test_words_that_the_model_cannot_read_are_not_listed(model):
    model.tokenizer.enable_truncation(12)  # two of the twelve tokens are [CLS] and [SEP]
    assert count_words_read(model, "vermin " * 50) == 10
    assert len(word_effects(model, "vermin " * 50)) == 10
    assert count_words_read(model, "vermin-vermin " * 50) == 4  # of three tokens each; the fourth is read in part


def test_leaving_words_out():
    text = "our vermin came\n back  today"
    assert leave_out(text, [1, 4]) == leave_out(text, [4, 1]) == "our  came\n back  "
    assert leave_out(text, []) == text


def test_the_strongest_effects_have_either_sign():
    effects = [("a", 0.1), ("b", -2.0), ("c", 1.5), ("d", 0.0)]
    assert strongest_effects(effects, 2) == [("b", -2.0), ("c", 1.5)]
    assert strongest_effects(effects, 9) == [("b", -2.0), ("c", 1.5), ("a", 0.1), ("d", 0.0)]
