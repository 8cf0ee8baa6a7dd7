import numpy as np
import pytest
import torch
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
    direction,
    greater,
    recall_over_precision,
    saturated_counts,
    score,
    undecided_after,
    within,
    without_runs,
)
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_score, recall_score

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


@pytest.mark.parametrize(
    ("found", "p", "verdict"),
    [((0.1, 0.05, 0.15), 0.01, HOLDS), ((-0.1, -0.15, -0.05), 0.01, FAILS), ((0.1, -0.05, 0.25), 0.06, UNDECIDED)],
)
def test_a_direction_needs_a_small_p(found, p, verdict):
    assert direction(Result(*found, p, 1), p) == verdict
    assert direction(Result(*found, p, 1), float("nan")) == UNDECIDED


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
    assert greater(Result(*found, p, 1), p, 0.03) == verdict


def test_a_true_null_effect_of_many_comments_is_refuted_and_a_true_difference_is_not():
    """Two classifiers of equal skill on 20,000 comments; and one that is better by about .1."""
    generator = np.random.default_rng(3)
    labels = (generator.random(20_000) < 0.4).astype(np.float32)

    def run(skill):
        p = 1 / (1 + np.exp(-generator.normal(skill * (labels - 0.5))))
        return [Outcome(1, np.arange(len(labels)), labels, p)]

    one, twin, worse = run(2), run(2), run(1.2)
    null, real = difference(one, twin, 500, 1000, 0), difference(one, worse, 500, 1000, 0)
    assert greater(null, null.p, 0.03) == FAILS
    assert greater(real, real.p, 0.03) == HOLDS


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
    assert beyond(found, 0.1) == beyond_tenth
    assert within(found, -0.1, 0.1) == within_tenth
