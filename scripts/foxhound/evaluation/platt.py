"""Calibrate probabilities to labels by logistic regression on their log-odds (Platt 1999)."""

from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

FINITE_MARGIN = 1e-6  # log-odds of 0 and 1 are infinite
RIDGE = 1e6  # inverse strength; it only keeps the slope finite where the classes do not overlap


class Line(NamedTuple):
    """Calibrated log-odds are slope * log-odds + intercept."""

    slope: float
    intercept: float

    def applied(self, odds: np.ndarray) -> np.ndarray:
        """Return the calibrated probabilities of these log-odds."""
        return expit(self.slope * odds + self.intercept)


def log_odds(probabilities: np.ndarray) -> np.ndarray:
    """Return the log-odds of probabilities, cut off where they would be infinite."""
    return logit(np.clip(probabilities.astype(np.float64), FINITE_MARGIN, 1 - FINITE_MARGIN))


def fit_line(labels: np.ndarray, odds: np.ndarray) -> Line:
    """Fit the calibration; arrays of shape (comments,), both classes among the labels."""
    fitted = LogisticRegression(C=RIDGE, max_iter=1000).fit(odds[:, None], labels)
    return Line(float(fitted.coef_[0, 0]), float(fitted.intercept_[0]))
