"""Test an ensemble's arithmetic against scipy, and against how ensembles are scored."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from foxhound.inference.ensemble_model import EnsembleModel
from foxhound.inference.kept_model import KeptModel
from foxhound.models.ensembles import combine
from scipy.special import expit, logit

P = np.array([[0.9, 0.2, 1e-7, 0.5], [0.4, 0.3, 0.9, 1.0], [0.6, 1e-5, 0.5, 0.25]])
TEXTS = ["a", "b", "c", "d"]


class Fixed(KeptModel):
    """A model that says of the first texts what it was told to say."""

    threshold = 0.5

    def __init__(self, p: Sequence[float], end: int = 1) -> None:
        self.p, self.end = np.asarray(p), end

    def log_odds(self, texts: Sequence[str]) -> np.ndarray:
        return logit(self.p[: len(texts)])

    def finds_nothing(self, text: str) -> bool:
        return self.end == 0

    def end_of_reading(self, text: str) -> int:
        return self.end


def ensemble(ends: Sequence[int] = (1, 1, 1)) -> EnsembleModel:
    members = [Fixed(p, end) for p, end in zip(P, ends, strict=True)]
    return EnsembleModel(members=members, slope=0.5, intercept=0.25, threshold=0.4)


def test_log_odds_are_cut_off_averaged_and_then_calibrated() -> None:
    expected = 0.5 * logit(P.clip(1e-4, 1 - 1e-4)).mean(axis=0) + 0.25
    np.testing.assert_allclose(ensemble().log_odds(TEXTS), expected, atol=1e-12)
    np.testing.assert_allclose(ensemble().probabilities(TEXTS), expit(expected), atol=1e-12)
    assert ensemble().threshold == 0.4


def test_it_is_what_was_scored() -> None:
    frames = [
        pd.DataFrame({"id": TEXTS, "label": 1, "p_hateful": p, "fold_or_split": "f", "part": "test", "model": "m"})
        for p in P
    ]
    scored = combine(frames, stacked=False)["p_hateful"]
    np.testing.assert_allclose(expit(ensemble().raw_log_odds(TEXTS)), scored, atol=1e-6)


@pytest.mark.parametrize(("ends", "nothing", "end"), [((0, 3, 2), False, 3), ((0, 0, 0), True, 0)])
def test_what_one_member_reads_is_read(ends: tuple[int, ...], nothing: bool, end: int) -> None:
    assert ensemble(ends).finds_nothing("abc") == nothing and ensemble(ends).end_of_reading("abc") == end
