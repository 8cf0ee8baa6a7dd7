"""Test that models of every kind score in bulk as they answer, in this process and in one of its own."""

from pathlib import Path

import numpy as np
import pytest
import torch
from foxhound.inference.bulk_scoring import load_bulk, score_in_new_process
from foxhound.inference.pytorch_model import load_classifier, score_texts
from foxhound.inference.saved_model import load_saved
from kept_models import demo_comments, keep_ensemble, keep_tfidf
from tiny_models import FILLER, save_classifier

CPU = torch.device("cpu")
TEXTS = ["vermin", "our neighbours came back", *(" ".join(FILLER[:n]) for n in range(9, 0, -1))]


@pytest.fixture(scope="module", params=["tuned", "tfidf", "ensemble"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bulk") / "model"
    folder.mkdir()
    if request.param == "tuned":
        save_classifier(folder)
    elif request.param == "tfidf":
        keep_tfidf(folder, demo_comments(60))
    else:
        keep_ensemble(folder)
    return folder


def test_it_scores_as_it_answers(folder: Path, precision: str) -> None:
    model, computed_on = load_bulk(folder, CPU)
    answers = load_saved(folder)
    scored = model.probabilities(TEXTS)
    assert np.ptp(scored) > 0.01 and model.threshold == answers.threshold
    np.testing.assert_allclose(scored, answers.probabilities(TEXTS), atol=1e-4 if precision == "float32" else 0.03)
    tuned = (folder / "tuned").is_dir() or (folder / "model.safetensors").is_file()
    assert computed_on == (f"cpu, {precision}" if tuned else "cpu, float32")
    assert model.finds_nothing("") and not model.finds_nothing("vermin")
    assert model.end_of_reading("our vermin") == 10
    assert model.probabilities([]).tolist() == []


def test_a_process_of_its_own_gives_the_same_bits(folder: Path) -> None:
    np.testing.assert_array_equal(score_in_new_process(folder, TEXTS), load_bulk(folder, CPU)[0].probabilities(TEXTS))


def test_what_is_fine_tuned_is_scored_as_it_was_before_it_was_saved(tmp_path: Path) -> None:
    save_classifier(tmp_path)
    before = score_texts(load_classifier(str(tmp_path)), str(tmp_path), TEXTS)
    np.testing.assert_array_equal(load_bulk(tmp_path, CPU)[0].probabilities(TEXTS), before)


def test_a_certain_answer_stays_one(tmp_path: Path) -> None:
    model, _ = load_bulk(save_classifier(tmp_path), CPU)
    certain = torch.nn.Parameter(torch.tensor([-400.0, 400.0]))
    model.model.classifier.bias = certain
    assert np.isposinf(model.log_odds(["vermin"])).all()
