import numpy as np
import pytest
from foxhound.evaluation.proportions import Confusion, confusion_intervals, wilson


def test_wilson_gives_the_textbook_interval():
    # Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263, and 0 of 20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(0, 0) == (0, 1)


def test_accuracy_precision_and_recall_are_proportions_of_the_counts():
    intervals = confusion_intervals(Confusion(tp=8, fp=4, fn=2, tn=26))
    assert intervals["accuracy"] == wilson(34, 40)
    assert intervals["precision"] == wilson(8, 12)
    assert intervals["recall"] == wilson(8, 10)


def test_the_interval_of_f1_covers_the_truth_as_often_as_it_says():
    generator = np.random.default_rng(0)
    share = np.array([0.13, 0.09, 0.155, 0.625])
    truth = 2 * share[0] / (2 * share[0] + share[1] + share[2])
    tables = generator.multinomial(300, share, size=1500)
    intervals = [confusion_intervals(Confusion(*table))["f1"] for table in tables.tolist()]
    assert np.mean([low <= truth <= high for low, high in intervals]) == pytest.approx(0.95, abs=0.02)
