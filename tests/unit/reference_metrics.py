"""Compute metrics by scikit-learn, on rows that were really copied."""

import numpy as np
from sklearn import metrics
from sklearn.calibration import calibration_curve


def by_scikit_learn(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Return every metric but the calibration error, on rows that were really copied."""
    predicted = probabilities >= 0.5
    kind = {"zero_division": 0.0}
    both = len(set(labels)) == 2
    return {
        "accuracy": metrics.accuracy_score(labels, predicted),
        "precision": metrics.precision_score(labels, predicted, **kind),
        "recall": metrics.recall_score(labels, predicted, **kind),
        "f1": metrics.f1_score(labels, predicted, **kind),
        "macro_f1": metrics.f1_score(labels, predicted, average="macro", labels=[0, 1], **kind),
        "auroc": metrics.roc_auc_score(labels, probabilities) if both else np.nan,
        "average_precision": metrics.average_precision_score(labels, probabilities) if labels.any() else np.nan,
        "brier": metrics.brier_score_loss(labels, probabilities, pos_label=1),
    }


def calibration_error(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the calibration error by scikit-learn's calibration curve, with the bin sizes counted apart."""
    share, mean = calibration_curve(labels, probabilities, n_bins=10, strategy="uniform")
    sizes = np.histogram(probabilities, bins=np.linspace(0, 1, 11))[0]
    return float(np.sum(sizes[sizes > 0] * np.abs(share - mean)) / len(labels))
