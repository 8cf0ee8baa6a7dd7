"""Say what every kind of kept model does: give texts their log-odds and probabilities, and decide at its threshold."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


class KeptModel(ABC):
    """A model that says how likely texts are hateful.

    threshold: comments from this probability on are called hateful.
    """

    threshold: float

    @abstractmethod
    def log_odds(self, texts: Sequence[str]) -> np.ndarray:
        """Return the log-odds of hateful, (texts,), in their order."""

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Return the probability of hateful, (texts,), in their order."""
        return 1 / (1 + np.exp(-self.log_odds(texts).astype(np.float64)))

    @abstractmethod
    def finds_nothing(self, text: str) -> bool:
        """Say whether nothing is left of a text for the model to read."""

    @abstractmethod
    def end_of_reading(self, text: str) -> int:
        """Return the position in a text behind the last character that the model reads."""


@dataclass(frozen=True)
class CalibratedModel(KeptModel):
    """A model whose calibration stands beside it: log-odds become slope * log-odds + intercept."""

    slope: float
    intercept: float
    threshold: float

    @abstractmethod
    def raw_log_odds(self, texts: Sequence[str]) -> np.ndarray:
        """Return the log-odds before calibration, (texts,)."""

    def log_odds(self, texts: Sequence[str]) -> np.ndarray:
        """Return the log-odds of hateful, (texts,), in their order."""
        return self.slope * self.raw_log_odds(texts).astype(np.float64) + self.intercept


def calibration_of(config: Mapping[str, Any]) -> dict[str, float]:
    """Return slope, intercept and threshold from the content of config.json.

    What was not calibrated yet stays as it is, and is cut at .5.
    """
    return {
        "slope": float(config.get("slope", 1.0)),
        "intercept": float(config.get("intercept", 0.0)),
        "threshold": float(config.get("threshold", 0.5)),
    }
