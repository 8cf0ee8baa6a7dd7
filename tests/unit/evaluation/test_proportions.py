import numpy as np
import pytest
from foxhound.evaluation.proportions import Confusion, clustered_wilson, confusion_intervals, wilson
from scipy.stats import beta


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


def test_copies_of_a_case_are_no_new_cases():
    once = np.repeat([1.0, 0.0], [700, 1300])
    alone = clustered_wilson(once, np.arange(2000), np.zeros(2000, int))
    assert alone == pytest.approx(wilson(700, 2000), abs=1e-4)  # Student's t for 1,999 degrees of freedom
    assert clustered_wilson(np.repeat(once, 7), np.repeat(np.arange(2000), 7), np.zeros(14_000, int)) == alone


def test_differences_between_strata_are_no_uncertainty():
    """Two functions, one always right and one half the time: another sample holds as many cases of each."""
    right = np.r_[np.ones(1000), np.tile([1.0, 0.0], 500)]
    strata = np.repeat([0, 1], 1000)
    low, high = clustered_wilson(right, np.arange(2000), strata)
    error = np.sqrt(0.25 / 1000) / 2  # of the mean of a share without error and one of a thousand coins
    assert high - low == pytest.approx(2 * 1.96 * error, rel=0.01)
    apart = clustered_wilson(right, np.arange(2000), np.zeros(2000, int))
    assert apart[1] - apart[0] == pytest.approx(2 * 1.96 * np.sqrt(0.75 * 0.25 / 2000), rel=0.01)


def test_clustered_intervals_hold_the_true_share_where_cases_of_a_cluster_are_alike():
    generator, clusters = np.random.default_rng(0), np.repeat(np.arange(20), 7)
    held = {"clusters": 0, "cases": 0}
    for _ in range(1500):
        chances = beta.rvs(0.8, 1.2, size=20, random_state=generator)  # right two times in five
        right = (generator.random(140) < chances[clusters]).astype(float)
        low, high = clustered_wilson(right, clusters, np.zeros(140, int))
        held["clusters"] += low <= 0.4 <= high
        low, high = wilson(int(right.sum()), 140)
        held["cases"] += low <= 0.4 <= high
    assert held["clusters"] / 1500 == pytest.approx(0.95, abs=0.02)
    assert held["cases"] / 1500 < 0.85
