"""Ask a kept ensemble: the mean of its members' log-odds, calibrated after averaging."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foxhound.inference.kept_model import CalibratedModel, KeptModel
from foxhound.names import CONFIDENCE_MARGIN

LARGEST = math.log((1 - CONFIDENCE_MARGIN) / CONFIDENCE_MARGIN)


@dataclass(frozen=True)
class EnsembleModel(CalibratedModel):
    """Models whose log-odds are averaged with equal weights, each cut off as `foxhound.models.ensembles` does."""

    members: Sequence[KeptModel]

    def raw_log_odds(self, texts: Sequence[str]) -> np.ndarray:
        """Return the log-odds before calibration, (texts,)."""
        odds = np.stack([member.log_odds(texts).astype(np.float64) for member in self.members])
        mean: np.ndarray = odds.clip(-LARGEST, LARGEST).mean(axis=0)
        return mean

    def finds_nothing(self, text: str) -> bool:
        """Say whether nothing is left of a text for any member."""
        return all(member.finds_nothing(text) for member in self.members)

    def end_of_reading(self, text: str) -> int:
        """Return the end of what the member reads that reads farthest."""
        return max(member.end_of_reading(text) for member in self.members)
