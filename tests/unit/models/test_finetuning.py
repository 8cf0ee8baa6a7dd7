from dataclasses import fields
from typing import Any

import numpy as np
import pytest
import torch
from foxhound.features.encoder import load_tokenizer
from foxhound.models.architectures import ARCHITECTURES
from foxhound.models.finetuning import (
    FinetuneSettings,
    finetune,
    hateful_logits,
    parameter_groups,
)
from shipped_config import CONFIG
from sklearn.metrics import roc_auc_score
from tiny_models import WORDS, save_model
from torch import nn

CPU = torch.device("cpu")
BERT, _, HEAD, DISTILBERT, *_ = ARCHITECTURES
TRAIN, SCORED = np.arange(24), np.arange(24, 36)
IDS = torch.tensor([[2, 5, 6, 7, 3], [2, 12, 3, 0, 0]])
MASK = (IDS != 0).long()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> str:
    return save_model(tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="module")
def tiny_distilbert(tmp_path_factory) -> str:
    return save_model(tmp_path_factory.mktemp("distilbert"), kind="distilbert")


@pytest.fixture
def fitting(architecture: str, tiny: str, tiny_distilbert: str) -> str:
    """An encoder of the architecture's kind."""
    return tiny_distilbert if architecture.startswith("DistilBert") else tiny


@pytest.fixture(scope="module")
def comments() -> tuple[list[str], np.ndarray]:
    """Make up texts of different lengths; the hateful ones say "vermin"."""
    generator = np.random.default_rng(1)
    labels = np.arange(36, dtype=np.int8) % 2
    filler = [word for word in WORDS[4:] if word != "vermin"]
    texts = []
    for number, label in enumerate(labels):
        words = generator.choice(filler, 2 + number % 12).tolist()
        words[generator.integers(len(words))] = "vermin" if label else "neighbours"
        texts.append(" ".join(words))
    return texts, labels


def run(tiny: str, comments: tuple[list[str], np.ndarray], **changes: Any) -> dict[int, np.ndarray]:
    names = {field.name for field in fields(FinetuneSettings)} & changes.keys()
    plain = {"architecture": BERT, "class_weights": "none", "batch_size": 8}
    settings = FinetuneSettings(**plain | {name: changes.pop(name) for name in names})
    texts, labels = comments
    defaults: dict[str, Any] = {"train": TRAIN, "scored": SCORED, "epochs": 2, "learning_rate": 1e-2, "seed": 1}
    return finetune(
        tiny, load_tokenizer(tiny, 24), texts, labels, settings=settings, device=CPU, **(defaults | changes)
    ).predictions


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_leaving_out_unused_words_changes_no_training(architecture, fitting, comments, precision, monkeypatch):
    shrunk = run(fitting, comments, architecture=architecture)
    monkeypatch.setattr("foxhound.models.finetuning.shrink_vocabulary", lambda model, tokens: tokens)
    monkeypatch.setattr("foxhound.models.finetuning.restore_vocabulary", lambda model, tokens, whole: None)
    whole = run(fitting, comments, architecture=architecture)
    for epoch, probabilities in shrunk.items():
        np.testing.assert_allclose(probabilities, whole[epoch], atol=1e-3)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_equal_seeds_give_equal_predictions_bit_by_bit(architecture, fitting, comments, precision):
    first, again, other = (run(fitting, comments, architecture=architecture, seed=seed) for seed in (1, 1, 2))
    assert list(first) == [1, 2]
    for epoch in first:
        assert first[epoch].shape == SCORED.shape
        assert first[epoch].dtype == np.float32
        np.testing.assert_array_equal(first[epoch], again[epoch])
        assert (first[epoch] != other[epoch]).any()
    assert (first[1] != first[2]).any()


def learned(location: str, comments: tuple[list[str], np.ndarray], **settings: Any) -> float:
    """Return the AUROC of a run of forty epochs, the median of three seeds: one that random weights hold back is no news."""
    runs = [run(location, comments, epochs=40, learning_rate=5e-3, seed=seed, **settings)[40] for seed in (1, 2, 3)]
    return float(np.median([roc_auc_score(comments[1][SCORED], probabilities) for probabilities in runs]))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_fine_tuning_learns_the_word_that_decides(architecture, fitting, comments, precision):
    assert learned(fitting, comments, architecture=architecture) > 0.85


def test_predictions_follow_the_order_of_the_scored_comments(tiny, comments):
    forwards, backwards = (run(tiny, comments, scored=scored)[2] for scored in (SCORED, SCORED[::-1]))
    np.testing.assert_array_equal(forwards, backwards[::-1])


def test_neither_labels_nor_number_of_scored_comments_reach_the_training(tiny, comments):
    texts, labels = comments
    other = np.where(np.isin(np.arange(36), SCORED), 1 - labels, labels)
    np.testing.assert_array_equal(run(tiny, comments)[2], run(tiny, (texts, other))[2])
    np.testing.assert_allclose(run(tiny, comments)[2][:6], run(tiny, comments, scored=SCORED[:6])[2], atol=0.02)


def test_a_learning_rate_of_zero_leaves_the_model_alone_and_the_schedule_ends_at_zero(tiny, comments):
    # with warm-up over all steps of the run, the first step's learning rate is 0
    batch = len(TRAIN)
    one = run(tiny, comments, epochs=1, batch_size=batch, warm_up=1.0, learning_rate=0.5)[1]
    still = run(tiny, comments, epochs=1, batch_size=batch, warm_up=0.0, learning_rate=0.0)[1]
    np.testing.assert_array_equal(one, still)
    assert (run(tiny, comments, epochs=1, batch_size=batch, warm_up=0.0)[1] != still).any()


def test_the_learning_rate_decays_over_the_whole_run(tiny, comments):
    # to epoch 1 of a longer run the learning rate has fallen less far
    assert (run(tiny, comments, epochs=1)[1] != run(tiny, comments, epochs=4)[1]).any()


def test_a_constant_learning_rate_does_not_know_how_long_the_run_will_be(tiny, comments):
    short, long = (run(tiny, comments, schedule="constant", warm_up=0, epochs=epochs)[1] for epochs in (1, 4))
    np.testing.assert_array_equal(short, long)


def test_without_dropout_nothing_is_dropped_in_any_epoch(tiny, comments, monkeypatch):
    modes = []
    monkeypatch.setattr(
        "foxhound.models.finetuning.hateful_logits",
        lambda model, *tokens: (
            modes.append((model.training, torch.is_inference_mode_enabled())) or hateful_logits(model, *tokens)
        ),
    )
    run(tiny, comments, dropout=False)
    assert {training for training, _ in modes} == {False}
    modes.clear()
    run(tiny, comments)
    assert set(modes) == {(True, False), (False, True)}


def test_balanced_weights_raise_the_probability_of_the_rarer_class(tiny, comments):
    train = np.concatenate([TRAIN[::2], TRAIN[1::8]])
    none, balanced = (
        run(tiny, comments, train=train, class_weights=name, epochs=3, learning_rate=1e-3)[3]
        for name in ("none", "balanced")
    )
    assert balanced.mean() > none.mean() + 0.02


@pytest.mark.parametrize("architecture", [BERT, DISTILBERT])
def test_logits_are_the_log_odds_of_the_softmax(architecture, fitting):
    torch.manual_seed(1)
    model = ARCHITECTURES[architecture](fitting).eval()
    with torch.inference_mode():
        probabilities = model(input_ids=IDS, attention_mask=MASK).logits.double().softmax(1)
        logits = hateful_logits(model, IDS, MASK)
    assert logits.shape == (2,)
    torch.testing.assert_close(
        logits.double(), torch.log(probabilities[:, 1] / probabilities[:, 0]), atol=1e-5, rtol=1e-5
    )
    assert logits.abs().min() > 1e-3


def test_one_logit_is_taken_as_it_is(tiny):
    torch.manual_seed(1)
    model = ARCHITECTURES[HEAD](tiny).eval()
    with torch.inference_mode():
        first = model.encoder(IDS, MASK).last_hidden_state[:, 0]
        expected = first @ model.classifier.weight[0] + model.classifier.bias
        torch.testing.assert_close(hateful_logits(model, IDS, MASK), expected)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_padding_does_not_change_a_logit(architecture, fitting):
    torch.manual_seed(1)
    model = ARCHITECTURES[architecture](fitting).eval()
    with torch.inference_mode():
        together = hateful_logits(model, IDS, MASK)
        alone = hateful_logits(model, IDS[1:, :3], MASK[1:, :3])
    torch.testing.assert_close(together[1:], alone, atol=1e-5, rtol=0)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_matrices_decay_and_biases_and_normalisation_do_not(architecture, fitting):
    model = ARCHITECTURES[architecture](fitting)
    decaying, steady = parameter_groups(model, 0.3)
    assert (decaying["weight_decay"], steady["weight_decay"]) == (0.3, 0.0)
    normalisation = {
        id(parameter)
        for module in model.modules()
        if isinstance(module, nn.LayerNorm)
        for parameter in module.parameters()
    }
    for name, parameter in model.named_parameters():
        group = steady if name.endswith("bias") or id(parameter) in normalisation else decaying
        assert any(parameter is member for member in group["params"]), name
    assert len(decaying["params"]) + len(steady["params"]) == len(list(model.parameters()))


def test_frozen_parameters_are_in_no_group():
    model = nn.Linear(2, 2)
    model.bias.requires_grad_(False)
    assert [len(group["params"]) for group in parameter_groups(model, 0.1)] == [1, 0]


def test_settings_that_are_not_given_are_those_of_the_configuration():
    training = CONFIG["finetune"]["training"]
    assert FinetuneSettings.from_config(training | {"architecture": BERT}) == FinetuneSettings(BERT)
    with pytest.raises(KeyError, match="architecture"):
        FinetuneSettings.from_config(training)


def test_titles_are_read_before_the_comments(tiny, comments):
    texts, labels = comments
    titled = [("neighbours came" if row % 3 else "vermin", text) for row, text in enumerate(texts)]
    assert (run(tiny, comments)[2] != run(tiny, (titled, labels))[2]).any()
