import numpy as np
import pytest
import torch
from foxhound.errors import FoxhoundError
from foxhound.inference.calibration import Calibration, calibrate, fold_in_calibration
from foxhound.models.architectures import ARCHITECTURES
from foxhound.models.finetuning import hateful_logits
from scipy.special import expit
from tiny_models import save_model

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
