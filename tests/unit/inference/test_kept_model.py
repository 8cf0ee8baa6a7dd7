import numpy as np
from foxhound.inference.kept_model import CalibratedModel, calibration_of


class Constant(CalibratedModel):
    def raw_log_odds(self, texts):
        return np.array([0.0, 2.0, -4.0], np.float32)[: len(texts)]

    def finds_nothing(self, text):
        return False

    def end_of_reading(self, text):
        return len(text)


def test_calibration_is_applied_to_log_odds_by_hand():
    model = Constant(**calibration_of({"slope": 0.5, "intercept": 1, "threshold": 0.3, "sha256": {}}))
    np.testing.assert_allclose(model.log_odds("abc"), [1, 2, -1])
    np.testing.assert_allclose(model.probabilities("abc"), [0.731059, 0.880797, 0.268941], atol=1e-6)
    assert model.threshold == 0.3


def test_what_was_not_calibrated_stays_as_it_is():
    model = Constant(**calibration_of({}))
    np.testing.assert_allclose(model.log_odds("abc"), [0, 2, -4])
    assert model.threshold == 0.5
