from itertools import pairwise

import numpy as np
import pytest
from foxhound.evaluation.answered import FEWEST, answered_table, cross_answers, measures
from foxhound.evaluation.conformal import (
    ASK,
    HATEFUL,
    NOT_HATEFUL,
    RATES,
    Limits,
    kept_limits,
    limits,
    limits_by_rate,
)
from foxhound.evaluation.pooled_runs import Group, Run
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

FOLDS = 5


def test_answers_by_hand():
    labels = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0])
    p = np.array([0.2, 0.6, 0.7, 0.9, 0.1, 0.15, 0.3, 0.4, 0.8])
    # Of four hateful comments the first from below at .2 (4 + 1) = 1, of five others the first from above at .2 (5 + 1).
    assert limits(labels, p, 0.2) == Limits(0.2, 0.8)
    assert Limits(0.2, 0.8).answers(np.array([0.1, 0.2, 0.5, 0.8, 0.81])).tolist() == [
        NOT_HATEFUL, ASK, ASK, ASK, HATEFUL,
    ]  # fmt: skip
    # Too few comments to say anything at one in ten; of the others there would have to be nine.
    assert limits(labels, p, 0.1) == Limits(-np.inf, np.inf)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=2, max_size=60).filter(
        lambda rows: len({label for label, _ in rows}) == 2
    )
)
def test_a_lower_rate_never_answers_more_and_limits_never_cross(rows):
    labels, p = np.array([label for label, _ in rows], int), np.array([score / 9 for _, score in rows])
    found = [limits(labels, p, rate) for rate in RATES]
    for rate, (low, high) in zip(RATES, found, strict=True):
        assert low <= high
        assert ((p < low) & (labels == 1)).sum() <= rate * ((labels == 1).sum() + 1)
        assert ((p > high) & (labels == 0)).sum() <= rate * ((labels == 0).sum() + 1)
    for one, other in pairwise(found):
        assert one.low <= other.low and one.high >= other.high


@pytest.mark.parametrize("signal", [0.0, 1.0, 4.0])
@pytest.mark.parametrize("rounded", [False, True])
def test_errors_keep_to_the_rate_whatever_the_model(signal, rounded):
    """Coverage as the theorem says it, on comments drawn like those that set the limits."""
    generator, corpora, wrong = np.random.default_rng(0), 4000, np.zeros((3, 2))
    rates = (0.05, 0.1, 0.3)
    for _ in range(corpora):
        labels = np.repeat([1, 0], [41, 63])
        scores = generator.normal(size=104) + signal * labels
        new = generator.normal(size=2) + signal * np.array([1, 0])
        if rounded:  # with ties
            scores, new = np.round(scores), np.round(new)
        for place, rate in enumerate(rates):
            answer = limits(labels, scores, rate).answers(new)
            wrong[place] += [answer[0] == NOT_HATEFUL, answer[1] == HATEFUL]
    for rate, shares in zip(rates, wrong / corpora, strict=True):
        error = np.sqrt(rate * (1 - rate) / corpora)
        assert (shares <= rate + 3 * error).all()
        if signal < 2 and not rounded and rate < 0.3:  # and no more is left to people than has to be
            assert (shares >= rate - 1 / 42 - 3 * error).all()


def test_what_is_kept_comes_back_for_the_highest_rate_that_is_allowed():
    generator = np.random.default_rng(1)
    labels = np.repeat([1, 0], 30)
    p = expit(generator.normal(size=60) + labels)
    kept = limits_by_rate(np.arange(60), labels, p)
    assert kept["0.01"] == [None, None]  # 30 comments of a class are too few
    for rate in (0.01, 0.1, 0.25, 0.5):
        assert kept_limits(kept, rate) == limits(labels, p, rate)
    assert kept_limits(kept, 0.257) == limits(labels, p, 0.25)
    assert kept_limits(kept, 0.001) is None and kept_limits({}, 0.5) is None


def test_a_comment_that_three_seeds_score_counts_once():
    generator = np.random.default_rng(2)
    ids, labels = np.tile(np.arange(60), 3), np.tile(np.repeat([1, 0], 30), 3)
    p = expit(generator.normal(size=180) + labels)
    assert limits_by_rate(ids, labels, p) == limits_by_rate(ids[:60], labels[:60], p[:60])


def run_of(comments: int, seed: int) -> Run:
    generator = np.random.default_rng(seed)
    odds = generator.normal(-1, 1.5, comments)
    labels = (generator.random(comments) < expit(odds)).astype(np.float32)
    pieces = np.array([f"p/fold-{place % FOLDS + 1:02d}" for place in range(comments)])
    return Run(seed, np.array([3]), np.arange(comments), labels, pieces, expit(odds)[None], np.empty((0, 1)))


def test_no_label_of_the_own_fold_is_read():
    run = run_of(400, 0)
    own = run.pieces == "p/fold-01"
    turned = Run(run.seed, run.epochs, run.comments, np.where(own, 1 - run.labels, run.labels), run.pieces,
                 run.probabilities, run.losses)  # fmt: skip
    one, other = (cross_answers(each, each.probabilities[0], [0.1, 0.3])[:, own] for each in (run, turned))
    assert np.array_equal(one, other) and (one != ASK).any()


def test_measures_by_hand():
    labels = np.array([1, 1, 0, 0, 0], np.float32)
    found = np.array([[NOT_HATEFUL, ASK, HATEFUL, NOT_HATEFUL, ASK]], object)
    missed, accused, asked = measures(labels, found, np.ones((5, 1), np.float32))[:, 0, 0]
    assert (missed, asked) == (0.5, pytest.approx(0.4)) and accused == pytest.approx(1 / 3)


def test_the_table_holds_the_rate_on_other_folds_and_finds_the_worst_group():
    runs = [run_of(4000, 1), run_of(4000, 2)]
    groups = np.array([f"thread {place // 400}" for place in range(4000)])
    bent = [Run(run.seed, run.epochs, run.comments, np.where(groups == "thread 3", 1 - run.labels, run.labels),
                run.pieces, run.probabilities, run.losses) for run in runs]  # fmt: skip
    for several, worst in ((runs, 0.2), (bent, 0.4)):
        table = answered_table({Group("p", "test", "m", None): several, Group("p", "test", "user-only", None): several},
                               ["p"], [0.1, 0.2], groups, 100, 0)  # fmt: skip
        assert table["model"].tolist() == ["m", "m"] and (table["groups"] == 10).all()
        for _, row in table.iterrows():
            for name in ("missed", "accused"):
                assert row[name] == pytest.approx(row["error_rate"], abs=0.02)
                assert row[f"{name}_low"] < row[name] < row[f"{name}_high"]
        assert (table["worst_group"].iloc[0] > 0.3) == (worst == 0.4)
    few = np.array([f"thread {place}" for place in range(4000)])
    alone = answered_table({Group("p", "test", "m", None): runs}, ["p"], [0.1], few, 20, 0)
    assert FEWEST > 1 and alone["groups"].tolist() == [0] and alone["worst_group"].isna().all()
