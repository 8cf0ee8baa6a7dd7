import pytest
import torch
from foxhound.evaluation.calibration import Calibration
from foxhound.inference.calibration import fold_in_calibration
from foxhound.models.architectures import ARCHITECTURES
from foxhound.models.finetuning import hateful_logits
from tiny_models import save_model

IDS = torch.tensor([[2, 5, 6, 7, 3], [2, 12, 3, 0, 0]])


@pytest.mark.parametrize("architecture", list(ARCHITECTURES)[:2])
def test_calibration_becomes_part_of_the_model(architecture, tmp_path):
    model = ARCHITECTURES[architecture](save_model(tmp_path)).eval()
    mask = (IDS != 0).long()
    before = hateful_logits(model, IDS, mask)
    fold_in_calibration(model, Calibration(0.5, -1.0, 0.3))
    torch.testing.assert_close(hateful_logits(model, IDS, mask), 0.5 * before - 1)
