from itertools import combinations
from typing import Any

import numpy as np
import pytest
from foxhound.evaluation.bootstrap import cluster_weights, resampling_weights
from foxhound.evaluation.paired_tests import (
    LEVEL,
    Pair,
    auroc_shares,
    difference_interval,
    holm,
    p_value,
    permutation_test,
    permuted_differences,
    step_down,
    step_down_levels,
    swaps,
)
from foxhound.names import AUROC
from null_rate import WORLDS, at_best_thresholds, paired, simulated_pair, units_of
from scipy import stats
from simulated_pairs import decisions
from sklearn.metrics import f1_score, roc_auc_score


def made_up(generator: np.random.Generator, comments: int, skill_a: float, skill_b: float) -> Pair:
    """Return decisions that are right with these probabilities, the same on part of the comments."""
    labels = (generator.random(comments) < 0.3).astype(int)
    shared = generator.random(comments)
    a, b = (
        np.where(
            np.where(generator.random(comments) < 0.5, shared, generator.random(comments)) < skill, labels, 1 - labels
        )
        for skill in (skill_a, skill_b)
    )
    return Pair(np.arange(comments), labels, a, b)


def test_the_difference_is_that_of_scikit_learn():
    pairs = [made_up(np.random.default_rng(seed), 200, 0.7, 0.8) for seed in (1, 2)]
    expected = np.mean([f1_score(y, b) - f1_score(y, a) for _, y, a, b in pairs])
    assert permutation_test(pairs, swaps(200, 50, 0))[0] == pytest.approx(expected)


@pytest.mark.parametrize("skill", [0.7, 0.75, 0.8])
def test_the_p_value_is_that_of_scipy(skill):
    pair = made_up(np.random.default_rng(3), 250, 0.7, skill)

    def statistic(a, b, axis=-1):
        hits, total = pair.labels.astype(float), pair.labels.sum()
        f1 = [2 * (hits * one).sum(axis) / (one.sum(axis) + total) for one in (a, b)]
        return f1[1] - f1[0]

    expected = stats.permutation_test(
        (pair.a.astype(float), pair.b.astype(float)), statistic, permutation_type="samples", n_resamples=20_000,
        vectorized=True, rng=np.random.default_rng(0), batch=1000,
    )  # fmt: skip
    difference, p = permutation_test([pair], swaps(250, 20_000, 0))
    assert difference == pytest.approx(expected.statistic)
    assert p == pytest.approx(expected.pvalue, abs=0.015)


def test_one_in_twenty_simulated_nulls_is_called_a_difference():
    generator = np.random.default_rng(5)
    tosses = swaps(300, 400, 1)
    found = [permutation_test([made_up(generator, 300, 0.75, 0.75)], tosses)[1] <= 0.05 for _ in range(2000)]
    assert 0.035 <= np.mean(found) <= 0.065


def test_so_is_one_in_twenty_with_several_seeds_on_the_same_comments():
    generator = np.random.default_rng(6)
    tosses = swaps(200, 300, 1)

    def seeds() -> list[Pair]:
        # What a model gets wrong it gets wrong under most seeds.
        first = made_up(generator, 200, 0.7, 0.7)
        pairs = []
        for _ in range(3):
            flips = [generator.random(200) < 0.1 for _ in range(2)]
            a, b = (np.where(flip, 1 - one, one) for flip, one in zip(flips, (first.a, first.b), strict=True))
            pairs.append(first._replace(a=a, b=b))
        return pairs

    found = [permutation_test(seeds(), tosses)[1] <= 0.05 for _ in range(2000)]
    assert 0.035 <= np.mean(found) <= 0.065


def test_nineteen_of_twenty_intervals_hold_the_true_difference():
    generator = np.random.default_rng(7)
    weights = resampling_weights(400, 300, 0)
    large = made_up(np.random.default_rng(8), 400_000, 0.7, 0.8)
    truth = f1_score(large.labels, large.b) - f1_score(large.labels, large.a)
    held = []
    for _ in range(1000):
        low, high = difference_interval([made_up(generator, 400, 0.7, 0.8)], weights, 0)
        held.append(low <= truth <= high)
    assert 0.93 <= np.mean(held) <= 0.97


def test_holm_by_hand():
    # Holm 1979: the smallest of four counts four times, the next three times, and none falls below an earlier one.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == pytest.approx([1, 1])


def test_a_unit_is_swapped_as_a_whole():
    # Two comments of one user, on which only b is right: swapped together or not at all, so the difference is f or -f.
    labels, a, b = np.array([1, 1, 0]), np.array([0, 0, 0]), np.array([1, 1, 0])
    pair, units = Pair(np.arange(3), labels, a, b), np.array([0, 0, 1])
    observed, permuted = permuted_differences([pair], swaps(2, 64, 0), units)
    assert observed == 1
    assert set(permuted) == {-1, 1}
    apart = permuted_differences([pair], swaps(3, 64, 0))[1]
    assert set(apart) == {-1, 0, 1}


def test_comments_as_units_are_what_no_units_are():
    pair = made_up(np.random.default_rng(0), 100, 0.6, 0.8)
    rows = np.random.default_rng(1).permutation(150)[:100]
    some, tosses = pair._replace(rows=rows), swaps(150, 200, 0)
    assert permutation_test([some], tosses, np.arange(150)) == permutation_test([some], tosses)


def rejected(world: int, corpora: int, ways: dict[str, tuple[str, Any]]) -> dict[str, float]:
    """Return how often two equally good models are called different, in corpora like Fox News.

    `ways` has for each name the unit that is swapped, and how decisions are made.
    """
    found: dict[str, list[bool]] = {name: [] for name in ways}
    for number in range(corpora):
        corpus, p = simulated_pair(7, number, WORLDS[world])
        decided = {
            rule: paired(corpus, *(rule(corpus, one) for one in p)) for rule in {rule for _, rule in ways.values()}
        }
        for name, (unit, rule) in ways.items():
            units = units_of(corpus)[unit]
            found[name].append(permutation_test(decided[rule], swaps(units.max() + 1, 199, 0), units)[1] <= LEVEL)
    return {name: float(np.mean(values)) for name, values in found.items()}


def test_one_in_twenty_equally_good_models_differ_under_the_dependence_of_fox_news():
    """Whole users are swapped, thresholds are chosen fold by fold; benchmarks/null_rate.py has 1,000 corpora of each."""
    ways = {"user": ("user", decisions), "comment": ("comment", decisions), "best": ("user", at_best_thresholds)}
    found = rejected(0, 100, ways)
    assert 0.01 <= found["user"] <= 0.09
    assert found["comment"] > found["user"] < found["best"]


def test_so_does_one_in_twenty_where_whole_articles_are_held_out_and_swapped():
    found = rejected(2, 100, {"article": ("article", decisions), "comment": ("comment", decisions)})
    assert 0.01 <= found["article"] <= 0.09 < found["comment"]


def test_weights_of_classes_make_no_difference_at_chosen_thresholds_and_all_the_difference_at_a_half():
    found = rejected(1, 40, {"chosen": ("user", decisions), "half": ("user", lambda _, p: (p >= 0.5).astype(int))})
    assert found["chosen"] < 0.1 < 0.5 < found["half"]


def test_the_shares_in_auroc_are_those_of_all_pairs():
    """DeLong et al. 1988, from the definition: by how often a hateful comment is ranked above another one."""
    generator = np.random.default_rng(0)
    labels, p = (generator.random(60) < 0.4).astype(int), generator.integers(0, 8, 60) / 8
    auroc, shares = auroc_shares(labels, p)
    assert auroc == pytest.approx(roc_auc_score(labels, p))
    above = (p[labels == 1][:, None] > p[labels == 0]) + 0.5 * (p[labels == 1][:, None] == p[labels == 0])
    assert shares[labels == 1] == pytest.approx((above.mean(axis=1) - auroc) / (labels == 1).sum())
    assert shares[labels == 0] == pytest.approx((above.mean(axis=0) - auroc) / (labels == 0).sum())
    assert np.isnan(auroc_shares(np.ones(3, int), np.arange(3))[0])


def test_the_spread_of_a_signed_auroc_is_delongs():
    generator = np.random.default_rng(1)
    labels = (generator.random(400) < 0.4).astype(int)
    a, b = (labels + generator.normal(0, 1.5, 400) for _ in range(2))
    observed, permuted = permuted_differences([Pair(np.arange(400), labels, a, b)], swaps(400, 20_000, 0), None, AUROC)
    assert observed == pytest.approx(roc_auc_score(labels, b) - roc_auc_score(labels, a))
    kernels = [(p[labels == 1][:, None] > p[labels == 0]).astype(float) for p in (a, b)]
    gap = kernels[1] - kernels[0]
    variance = gap.mean(axis=1).var() / (labels == 1).sum() + gap.mean(axis=0).var() / (labels == 0).sum()
    assert permuted.std() == pytest.approx(np.sqrt(variance), rel=0.03)
    assert p_value(observed, permuted) == pytest.approx(2 * stats.norm.sf(abs(observed) / np.sqrt(variance)), abs=0.02)
    low, high = difference_interval([Pair(np.arange(400), labels, a, b)], resampling_weights(400, 2000, 0), 0, AUROC)
    assert (high - low) / 3.92 == pytest.approx(np.sqrt(variance), rel=0.08)


def test_an_interval_of_few_units_is_wider():
    pair = made_up(np.random.default_rng(8), 400, 0.7, 0.75)
    weights = cluster_weights(np.arange(400) // 40, 2000, 0)
    narrow, wide = (np.diff(difference_interval([pair], weights, 0, units=units))[0] for units in (None, 10))
    # Student's t with nine degrees of freedom, and ten articles for nine: Hesterberg 2015.
    assert wide / narrow == pytest.approx(stats.t.ppf(0.975, 9) / 1.96 * np.sqrt(10 / 9), rel=0.08)


def test_the_step_down_maximum_by_hand():
    # Two pairs of equal spread under four permutations. The first is as extreme as the maximum in one of four; the
    # second is compared with its own permutations only.
    permuted = np.array([[3.0, -1, 1, -1], [1, -3, 1, 1]])
    found = step_down(np.array([3.0, -1.5]), permuted)
    assert found == pytest.approx([(1 + 2) / 5, (1 + 2) / 5])
    assert step_down(np.array([-3.5, 0.5]), permuted) == pytest.approx([1 / 5, 1])
    assert step_down(np.array([0.0, 3.5]), np.array([[0.0] * 4, [1, -3, 1, 1]])) == pytest.approx([1, 1 / 5])


def test_one_family_in_twenty_has_a_false_alarm_and_more_is_found_than_by_holm():
    """Three equal models and a better one."""
    generator = np.random.default_rng(11)
    tosses, couples = swaps(300, 300, 0), list(combinations(range(4), 2))
    better = np.array([3 in couple for couple in couples])
    alarms, found = [], []
    for _ in range(250):
        labels, shared = (generator.random(300) < 0.4).astype(int), generator.random(300)
        models = [
            np.where(np.where(generator.random(300) < 0.5, shared, generator.random(300)) < skill, labels, 1 - labels)
            for skill in (0.7, 0.7, 0.7, 0.8)
        ]
        pairs = [Pair(np.arange(300), labels, models[a], models[b]) for a, b in couples]
        differences = [permuted_differences([pair], tosses) for pair in pairs]
        plain = np.array([p_value(*one) for one in differences])
        stepped = step_down(np.array([one for one, _ in differences]), np.stack([drawn for _, drawn in differences]))
        ways = [plain, holm(plain), stepped]
        alarms.append([(p[~better] <= LEVEL).any() for p in ways])
        found.append([(p[better] <= LEVEL).mean() for p in ways])
    unadjusted, _, step_down_alarms = np.mean(alarms, axis=0)
    assert step_down_alarms <= 0.08 < 0.1 < unadjusted
    _, by_holm, by_step_down = np.mean(found, axis=0)
    assert by_step_down > by_holm


def test_levels_are_those_that_the_step_down_maximum_asks_for():
    generator = np.random.default_rng(0)
    # Independent pairs: the most extreme of five meets 1 - .95 ** (1 / 5), the last the whole level.
    permuted, observed = generator.normal(size=(5, 20_000)), np.array([1.0, -5, 4, 3, 2])
    expected = [1 - 0.95 ** (1 / left) for left in (1, 5, 4, 3, 2)]
    assert step_down_levels(observed, permuted, LEVEL) == pytest.approx(expected, rel=0.1)
    adjusted, levels = step_down(observed, permuted), step_down_levels(observed, permuted, LEVEL)
    plain = np.array([p_value(*one) for one in zip(observed, permuted, strict=True)])
    assert ((adjusted <= LEVEL) == (plain <= levels)).tolist() == [True] * 5


def test_ten_articles_can_show_a_difference_in_a_family_of_many():
    # Swapped in 1,024 ways; a difference that all articles share has p = .002, and Holm would ask for .05 / 28.
    permuted = np.concatenate([permuted_articles(place) for place in range(28)])
    observed = np.array([10.0] + [0.1] * 27)
    assert step_down(observed, permuted)[0] < 0.05
    assert min(holm([p_value(one, drawn) for one, drawn in zip(observed, permuted, strict=True)])) > 0.05


def permuted_articles(place: int) -> np.ndarray:
    """Return what one pair's difference over ten articles is under random signs, shape (1, draws)."""
    signs = 1 - 2 * np.random.default_rng(0).integers(0, 2, (2000, 10))
    shares = np.ones(10) if place == 0 else np.random.default_rng(place).normal(size=10)
    return (signs @ shares)[None]


@pytest.mark.parametrize("draws", [1, 7, 40])
def test_tosses_and_their_sums_are_the_same_in_pieces(draws, monkeypatch):
    generator = np.random.default_rng(0)
    rows, values = generator.permutation(101)[:60], generator.integers(-1, 2, (2, 60))
    swaps.cache_clear()
    whole = swaps(101, draws, 3)
    plain = np.random.default_rng([3, 101, draws]).integers(0, 2, (101, draws), dtype=np.uint8)
    assert (whole.sums(rows, values) == values @ plain[rows]).all()
    monkeypatch.setattr("foxhound.evaluation.paired_tests.CELLS", 8 * draws)
    swaps.cache_clear()
    pieces = swaps(101, draws, 3)
    assert (pieces.bits == whole.bits).all()
    assert (pieces.sums(rows, values) == values @ plain[rows]).all()
