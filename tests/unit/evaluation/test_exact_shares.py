import numpy as np
import pytest
from foxhound.evaluation.exact_shares import share_difference, share_interval
from foxhound.evaluation.proportions import wilson
from scipy.stats import barnard_exact, binom

SHARES = np.linspace(0, 1, 201)


def test_the_interval_of_a_share_is_clopper_and_pearsons():
    # Newcombe 1998, Statistics in Medicine 17, table I, method 5.
    assert share_interval(81, 263) == pytest.approx((0.2527, 0.3676), abs=5e-5)
    assert share_interval(0, 20) == pytest.approx((0.0, 0.1684), abs=5e-5)
    assert share_interval(0, 0) == (0, 1)


def test_six_runs_alike_show_what_most_runs_do_and_five_do_not():
    """The report says so. A fair coin shows the same side 5 times in 1 of 16 series, 6 times in 1 of 32."""
    assert share_interval(4, 4)[0] < share_interval(5, 5)[0] < 0.5 < share_interval(6, 6)[0]
    assert wilson(4, 4)[0] > 0.5  # what was printed before


@pytest.mark.parametrize("runs", range(2, 11))
def test_an_interval_of_few_runs_holds_95_percent_whatever_the_share_and_wilsons_does_not(runs):
    chances = binom.pmf(np.arange(runs + 1), runs, SHARES[:, None])

    def worst(interval):
        ends = np.array([interval(successes, runs) for successes in range(runs + 1)])
        return (chances * ((ends[:, 0] <= SHARES[:, None]) & (SHARES[:, None] <= ends[:, 1]))).sum(axis=1).min()

    assert worst(share_interval) >= 0.95
    assert worst(wilson) < 0.9


def test_the_interval_of_a_difference_is_that_of_statxact_and_sas():
    """StatXact 11 gives these, and SAS 9.4 the second interval (tests of the R package exact2x2, test_StatXact.R)."""
    assert share_difference(6, 13, 2, 7) == pytest.approx((-0.3108, 0.5787, 0.5569), abs=6e-5)
    low, high, p = share_difference(13, 13, 0, 7)
    assert (low, high) == pytest.approx((0.5904, 1.0), abs=6e-5)
    assert p == pytest.approx(4.758e-6, abs=5e-10)


@pytest.mark.parametrize("table", [(6, 6, 0, 6), (5, 6, 1, 6), (3, 4, 1, 10), (2, 2, 0, 2), (4, 9, 4, 7), (0, 5, 0, 5)])
def test_p_is_twice_that_of_scipys_one_sided_test_and_agrees_with_the_interval(table):
    one, of_one, other, of_other = table
    counts = [[one, other], [of_one - one, of_other - other]]
    tails = [barnard_exact(counts, alternative=side).pvalue for side in ("less", "greater")]
    low, high, p = share_difference(*table)
    assert p == pytest.approx(min(1, 2 * min(tails)), rel=1e-3)
    assert (p <= 0.05) == (low > 0 or high < 0)
    assert share_difference(other, of_other, one, of_one) == pytest.approx((-high, -low, p))


@pytest.mark.parametrize(("of_one", "of_other"), [(2, 2), (4, 4), (3, 8), (6, 6), (10, 10)])
def test_an_interval_of_a_difference_holds_95_percent_whatever_the_shares(of_one, of_other):
    tables = [[share_difference(a, of_one, b, of_other)[:2] for b in range(of_other + 1)] for a in range(of_one + 1)]
    low, high = np.moveaxis(np.array(tables), -1, 0)
    shares = SHARES[::5]
    one, other = (binom.pmf(np.arange(runs + 1), runs, shares[:, None]) for runs in (of_one, of_other))
    for first, chances in zip(shares, one, strict=True):
        for second, others in zip(shares, other, strict=True):
            holds = (low <= first - second + 1e-9) & (first - second - 1e-9 <= high)
            assert chances @ holds @ others >= 0.95 - 1e-6
