import numpy as np
import pytest
import torch
from foxhound.names import AUROC
from foxhound.replication.claim_tests import (
    FAILS,
    HOLDS,
    IMPOSSIBLE,
    UNDECIDED,
    Outcome,
    Result,
    beyond,
    collapse_difference,
    collapse_share,
    difference,
    differs,
    direction,
    greater,
    mostly,
    recall_over_precision,
    saturated_counts,
    score,
    undecided_after,
    within,
    without_runs,
)
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score

COMMENTS = 200
LABELS = (np.arange(COMMENTS) % 3 == 0).astype(np.float32)


def outcome(skill: float, seed: int = 1, noise: int | None = None, comments: np.ndarray | None = None) -> Outcome:
    generator = np.random.default_rng(seed if noise is None else noise)
    p = 1 / (1 + np.exp(-generator.normal(skill * (LABELS - 0.5))))
    rows = np.arange(COMMENTS) if comments is None else comments
    return Outcome(seed, rows, LABELS[rows], p[rows])


def test_a_difference_is_that_of_scikit_learn_and_its_sign_that_of_one_minus_other():
    good, bad = outcome(4), outcome(0.5, noise=9)
    found = difference([good], [bad], 500, 2000, 0)
    assert found.estimate == pytest.approx(f1_score(LABELS, good.p >= 0.5) - f1_score(LABELS, bad.p >= 0.5))
    assert found.low < found.estimate < found.high
    assert found.p < 0.01
    assert found.comments == COMMENTS
    turned = difference([bad], [good], 500, 2000, 0)
    assert turned.estimate == pytest.approx(-found.estimate)


def test_equal_seeds_are_paired_and_a_single_run_meets_them_all():
    one, other = (
        [outcome(2, seed, noise=seed) for seed in (1, 2)],
        [outcome(1, seed, noise=seed + 9) for seed in (2, 3)],
    )
    paired = difference(one, other, 200, 500, 0)
    assert paired.estimate == pytest.approx(difference(one[1:], other[:1], 200, 500, 0).estimate)
    spread = difference(one, other[:1], 200, 500, 0)
    each = [difference([run], other[:1], 200, 500, 0).estimate for run in one]
    assert spread.estimate == pytest.approx(np.mean(each))


def test_other_comments_are_compared_without_pairs():
    half = np.arange(100)
    good, bad = outcome(4, comments=half), outcome(0.5, noise=9, comments=half + 100)
    found = difference([good], [bad], 1000, 2000, 0)
    expected = f1_score(good.labels, good.decided) - f1_score(bad.labels, bad.decided)
    assert found.estimate == pytest.approx(expected)
    assert found.low < expected < found.high and found.p < 0.05
    assert found.comments == COMMENTS


def sample(comments: np.ndarray, seed: int) -> Outcome:
    generator = np.random.default_rng(seed)
    labels = (generator.random(len(comments)) < 0.3).astype(np.float32)
    return Outcome(1, comments, labels, 1 / (1 + np.exp(-generator.normal(2 * labels - 1))))


def test_separate_resamples_call_one_simulated_null_in_twenty_a_difference():
    half, called = np.arange(100), 0
    for seed in range(1000):
        found = difference([sample(half, seed)], [sample(half + 100, seed + 5000)], 1000, 1000, 0)
        called += found.p <= 0.05
    assert 35 <= called <= 65


def test_recall_minus_precision_is_that_of_scikit_learn():
    eager = outcome(1)._replace(p=np.clip(outcome(1).p + 0.3, 0, 1))
    found = recall_over_precision([eager], 500, 0)
    assert found.estimate == pytest.approx(
        recall_score(LABELS, eager.decided) - precision_score(LABELS, eager.decided), abs=1e-6
    )
    assert found.low > 0 and found.p < 0.01


def test_a_score_is_that_of_scikit_learn():
    found = score([outcome(2)], 500, 0)
    assert found.estimate == pytest.approx(f1_score(LABELS, outcome(2).decided))
    assert found.low < found.estimate < found.high


def constant(value: float, seed: int = 1) -> Outcome:
    return outcome(1, seed)._replace(p=np.full(COMMENTS, value))


def test_the_share_of_collapsed_runs_counts_both_ways_of_collapsing():
    found = collapse_share([constant(0.1), constant(0.9), outcome(2), outcome(2)])
    assert found.estimate == 0.5
    assert found.comments == 4


def test_the_intervals_of_shares_are_exact():
    four = collapse_share([constant(0.1)] * 4)
    assert (four.low, four.high) == pytest.approx((0.025**0.25, 1.0))  # by Clopper & Pearson's formula for n of n
    # As StatXact 11 computes it: 6 of 13 against 2 of 7.
    one, other = ([constant(0.1)] * a + [outcome(2)] * (m - a) for a, m in ((6, 13), (2, 7)))
    found = collapse_difference(one, other)
    assert found[:4] == pytest.approx((6 / 13 - 2 / 7, -0.3108, 0.5787, 0.5569), abs=6e-5)
    assert found.comments == 20


def test_the_number_of_runs_is_part_of_the_verdict():
    assert [undecided_after(runs) for runs in (1, 4)] == ["undecided (1 run)", "undecided (4 runs)"]
    assert without_runs(undecided_after(4)) == UNDECIDED
    assert without_runs(IMPOSSIBLE) == IMPOSSIBLE


@given(st.integers(20, 300), st.integers(1, 60), st.booleans(), st.randoms())
def test_saturated_losses_are_recognised_as_pytorch_sums_them(comments, batch, hateful_answer, random):
    labels = torch.tensor([float(random.random() < 0.3) for _ in range(comments)])
    hateful = int(labels.sum())
    answer = torch.full((comments,), float(hateful_answer))
    sums = sum(
        torch.nn.functional.binary_cross_entropy(one, target).item()
        for one, target in zip(answer.split(batch), labels.split(batch), strict=True)
    )
    found = saturated_counts(sums, comments, hateful, batch)
    assert found is not None
    wrong = comments - hateful if found[0] == "hateful" else hateful
    last = comments % batch or batch
    assert 100 * (wrong - found[1]) / batch + 100 * found[1] / last == pytest.approx(sums, rel=1e-5)


def test_the_printed_losses_are_saturated_and_that_of_attention_is_not():
    assert saturated_counts(858.4895858764648, 1528, 435, 128) == ("hateful", 88)
    assert saturated_counts(341.25000190734863, 1528, 435, 128) == ("not hateful", 27)
    assert saturated_counts(0.0014144671586109325, 1528, 435, 128) is None
    assert saturated_counts(858.49, 1528, 435, 128) == ("hateful", 88)
    assert saturated_counts(858.4, 1528, 435, 128) is None


def test_a_direction_is_that_of_the_estimate_and_as_sure_as_its_test():
    assert direction(Result(0.1, 0.05, 0.15, 0.01, 1)) == (HOLDS, 0.01)
    assert direction(Result(-0.1, -0.15, -0.05, 0.01, 1)) == (FAILS, 0.01)


@pytest.mark.parametrize(
    ("low", "high", "beyond_tenth", "within_tenth"),
    [
        (0.11, 0.2, HOLDS, FAILS),
        (0.0, 0.09, FAILS, HOLDS),
        (0.05, 0.15, UNDECIDED, UNDECIDED),
        (-0.3, -0.2, FAILS, FAILS),
        (-0.2, 0.05, FAILS, UNDECIDED),
    ],
)
def test_sizes_are_decided_by_the_whole_interval(low, high, beyond_tenth, within_tenth):
    found = Result((low + high) / 2, low, high, 0.5, 1)
    for decision, expected in ((beyond(found, 0.1), beyond_tenth), (within(found, -0.1, 0.1), within_tenth)):
        assert (decision.verdict if decision.p < 0.05 else UNDECIDED) == expected


def test_the_p_value_of_a_size_is_that_of_the_nearer_bound():
    # An estimate of .05 with a standard error of .01 on the side of 0 and of .02 on the other.
    found = Result(0.05, 0.05 - 1.96 * 0.01, 0.05 + 1.96 * 0.02, 0.5, 1)
    assert within(found, 0.02, 0.2).p == pytest.approx(2 * norm.sf(3), rel=1e-3)
    assert within(found, -np.inf, 0.11).p == pytest.approx(2 * norm.sf(3), rel=1e-3)
    assert within(found, 0.02, 0.2).verdict == within(found, -np.inf, 0.11).verdict == HOLDS
    assert within(found, -np.inf, 0.02) == (FAILS, pytest.approx(2 * norm.sf(3), rel=1e-3))
    assert within(found, 0.05, 1).p == 1
    same = Result(0, 0, 0, 1, 1)
    assert within(same, -0.02, 0.02) == (HOLDS, 0)
    assert beyond(same, 0) == (FAILS, 1)


def test_one_true_bound_in_forty_is_said_to_be_passed():
    """At the bound itself a 95 % interval leaves it out on one side in one of forty samples."""
    generator = np.random.default_rng(0)
    estimates = generator.normal(0.1, 0.02, 4000)
    decisions = [within(Result(one, one - 0.02 * 1.96, one + 0.02 * 1.96, 1, 1), -0.1, 0.1) for one in estimates]
    held = np.mean([decision.verdict == HOLDS and decision.p <= 0.05 for decision in decisions])
    assert 0.018 < held < 0.032


def test_a_difference_and_its_absence_are_both_found():
    none, some, vague = (
        Result(0, -0.01, 0.01, 0.9, 1),
        Result(0.1, 0.05, 0.15, 1e-4, 1),
        Result(0.02, -0.1, 0.14, 0.7, 1),
    )
    assert differs(none, 0.03).verdict == FAILS
    assert differs(none, 0.03).p < 1e-6
    assert differs(some, 0.03) == (HOLDS, 1e-4)
    assert differs(vague, 0.03).p > 0.5


def test_a_share_of_runs_is_decided_exactly():
    # Of five runs that all collapse, one of sixteen samples of a fair coin says as much; of six, one of 32.
    assert mostly(collapse_share([constant(0.1)] * 5)) == "undecided (5 runs)"
    assert mostly(collapse_share([constant(0.1)] * 6)) == HOLDS
    assert mostly(collapse_share([outcome(2)] * 6)) == FAILS


@pytest.mark.parametrize(
    ("found", "p", "verdict"),
    [
        ((0.0, -0.02, 0.02), 0.9, FAILS),  # no difference that matters
        ((0.0, -0.04, 0.04), 0.9, UNDECIDED),
        ((0.01, 0.002, 0.018), 0.01, HOLDS),  # real, if small
        ((0.01, 0.002, 0.018), 0.2, FAILS),  # not significant among so many tests, and small at any rate
        ((-0.1, -0.15, -0.05), 0.01, FAILS),
        ((0.1, 0.05, 0.15), 0.01, HOLDS),
    ],
)
def test_that_one_beats_the_other_can_be_refuted(found, p, verdict):
    decision = greater(Result(*found, p, 1), 0.03)
    assert (decision.verdict if decision.p <= 0.05 else UNDECIDED) == verdict


def test_a_true_null_effect_of_many_comments_is_refuted_and_a_true_difference_is_not():
    """Two classifiers of equal skill on 20,000 comments; and one that is better by about .1."""
    generator = np.random.default_rng(3)
    labels = (generator.random(20_000) < 0.4).astype(np.float32)

    def run(skill):
        p = 1 / (1 + np.exp(-generator.normal(skill * (labels - 0.5))))
        return [Outcome(1, np.arange(len(labels)), labels, p)]

    one, twin, worse = run(2), run(2), run(1.2)
    null, real = difference(one, twin, 500, 1000, 0), difference(one, worse, 500, 1000, 0)
    assert greater(null, 0.03).verdict == FAILS and greater(null, 0.03).p < 0.001
    assert greater(real, 0.03) == (HOLDS, real.p)


def test_decisions_are_made_at_the_thresholds_given_and_collapse_at_a_half():
    run = outcome(2)
    low = run._replace(p=run.p / 4, thresholds=np.full(COMMENTS, 0.125))
    assert (low.decided == run.decided).all()
    assert low.one_class and not run.one_class
    assert difference([low], [run], 50, 50, 0).estimate == 0
    ranked = difference([low], [outcome(1, noise=3)], 200, 500, 0, None, AUROC)
    assert ranked.estimate == pytest.approx(
        roc_auc_score(LABELS, low.p) - roc_auc_score(LABELS, outcome(1, noise=3).p), abs=1e-6
    )


def test_comments_of_a_unit_are_drawn_and_swapped_together():
    """Ten units of twenty equal comments each are ten comments."""
    units, ten = np.arange(COMMENTS) // 20, np.arange(10)
    labels = (ten % 3 == 0).astype(np.float32)
    one, other = (np.array([0.9, 0.1, 0.8, 0.7, 0.2, 0.1, 0.9, 0.3, 0.6, 0.1]), np.full(10, 0.9))
    large = [Outcome(1, np.arange(COMMENTS), labels[units], p[units]) for p in (one, other)]
    small = [Outcome(1, ten, labels, p) for p in (one, other)]
    found, expected = (
        difference([large[0]], [large[1]], 400, 2000, 0, units),
        difference([small[0]], [small[1]], 400, 2000, 0, ten),
    )
    assert found.estimate == pytest.approx(expected.estimate)
    assert (found.low, found.high, found.p) == pytest.approx((expected.low, expected.high, expected.p), abs=1e-6)
    assert score([large[0]], 400, 0, units)[:3] == pytest.approx(score([small[0]], 400, 0, ten)[:3], abs=1e-6)
