import numpy as np
import pytest
from foxhound.replication.printed_digits import ANYTHING, FIGURES, most_comments, spans


def span_of(printed, name="accuracy"):
    return spans(dict.fromkeys(FIGURES, 0.5) | {name: printed})[name]


@pytest.mark.parametrize(
    ("printed", "low", "high"),
    [
        (0.78, 0.775, 0.79),  # rounded, or cut
        (78.5, 0.7845, 0.786),  # per cent
        (1e-05, 0.5e-05, 2e-05),
        (57, 0.565, 0.58),
        (56.99999999999999, 0.565, 0.58),  # 100 * .57
        (100.0, 0.995, 1.01),
        (1, 0.95, 1.1),
        (0.0, -0.05, 0.1),
        (float(np.float32(0.785)), 0.7845, 0.786),
    ],
)
def test_a_figure_stands_for_what_rounds_or_is_cut_to_it(printed, low, high):
    found = span_of(printed)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-7)


def test_many_digits_may_be_those_of_float32():
    two_thirds = span_of(0.6666666865348816)  # as float32
    assert two_thirds.low < 2 / 3 < two_thirds.high
    assert two_thirds.high - two_thirds.low < 1e-6


def test_undefined_figures():
    assert [span_of(printed).undefined for printed in (0.0, 1.0, 0.5, np.nan, None)] == [True, True, False, True, True]
    assert span_of(None) == ANYTHING
    assert span_of(np.nan).low > span_of(np.nan).high


@pytest.mark.parametrize(
    ("precision", "recall", "f1", "free"),
    [
        (0.67, 0.8, 0.73, True),  # 2 * .67 * .8 / 1.47 = .7293
        (0.67, 0.8, 0.72, True),  # cut
        (0.67, 0.8, 0.75, False),
        (0.0, 0.0, 0.0, True),
        (0.0, 0.0, np.nan, True),
        (np.nan, 0.0, np.nan, True),
        (np.nan, 0.0, 0.3, False),
    ],
)
def test_an_f1_of_the_printed_precision_and_recall_says_nothing_more(precision, recall, f1, free):
    found = spans({"accuracy": 0.7, "precision": precision, "recall": recall, "f1": f1})
    assert (found["f1"] == ANYTHING) is free


def test_numbers_of_comments_that_a_claim_can_stand_for():
    claims = {170: 179, 1528: 1528, 50: 75, 100: 199, 470: 479, 165: 167, 1500: 1750, 1: 1}
    assert {claimed: most_comments(claimed) for claimed in claims} == claims
