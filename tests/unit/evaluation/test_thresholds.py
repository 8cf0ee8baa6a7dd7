import numpy as np
import pandas as pd
import pytest
from foxhound.evaluation.thresholds import best_threshold, held_out_thresholds
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import COMMENTS, FOLD_NAMES, IDS, LABELS, guesses
from sklearn.metrics import f1_score

PAIRS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 10)), min_size=1, max_size=30)


@settings(deadline=None)  # scikit-learn is slow on a busy machine
@given(PAIRS)
def test_no_threshold_has_a_higher_f1(pairs):
    labels, tenths = np.array(pairs).T
    p = tenths / 10
    found = best_threshold(labels, p)
    every = [f1_score(labels, p >= cut, zero_division=0.0) for cut in np.arange(-0.05, 1.1, 0.05)]
    assert f1_score(labels, p >= found, zero_division=0.0) == pytest.approx(max(every) if labels.any() else 0)


def test_a_tie_takes_the_threshold_nearest_to_a_half():
    assert best_threshold(np.array([0, 1]), np.array([0.1, 0.9])) == 0.5
    assert best_threshold(np.array([0, 0]), np.array([0.1, 0.9])) == 0.5


def frame(p: np.ndarray, **columns) -> pd.DataFrame:
    values = {"id": IDS, "label": LABELS, "p_hateful": p, "fold_or_split": FOLD_NAMES, "part": "test"}
    return pd.DataFrame(values | {"model": "m", "settings": "s", "protocol": "x", "epoch": 1, "seed": 1} | columns)


def test_a_fold_takes_the_best_threshold_of_the_others_and_never_its_own_labels():
    p = guesses(1)
    found = held_out_thresholds(frame(p))
    for fold in set(FOLD_NAMES):
        own = fold == FOLD_NAMES
        assert set(found[own]) == {best_threshold(LABELS[~own], p[~own])}
    first = FOLD_NAMES[0] == FOLD_NAMES
    turned = held_out_thresholds(frame(p, label=np.where(first, 1 - LABELS, LABELS)))
    assert (turned[first] == found[first]).all()
    assert (turned[~first] != found[~first]).any()


@settings(deadline=None)
@given(st.lists(st.integers(1, 99), min_size=1, max_size=8, unique=True))
def test_without_labels_no_threshold_is_expected_to_do_better(hundredths):
    p = np.array(hundredths) / 100
    found = best_threshold(p, p)
    # what to expect of a cut, from the definition: hits over all that is called hateful or is
    expected = [2 * p[p >= cut].sum() / ((p >= cut).sum() + p.sum()) for cut in p]
    assert 2 * p[p >= found].sum() / ((p >= found).sum() + p.sum()) == pytest.approx(max(expected))


def test_a_draw_takes_the_threshold_of_its_validation_part_or_one_that_needs_no_label():
    p, part = guesses(1), np.where(np.arange(COMMENTS) < 40, "validation", "test")
    draw = frame(p, fold_or_split="x/draw-1", part=part)
    test = part == "test"
    assert set(held_out_thresholds(draw)[test]) == {best_threshold(LABELS[~test], p[~test])}
    alone = draw[test]
    assert set(held_out_thresholds(alone)) == {best_threshold(p[test], p[test])}
    assert held_out_thresholds(alone.assign(label=1 - alone["label"])).tolist() == held_out_thresholds(alone).tolist()


def test_runs_do_not_share_thresholds():
    one, other = frame(guesses(1)), frame(guesses(2) / 2, seed=2)
    both = held_out_thresholds(pd.concat([one, other], ignore_index=True))
    assert both[:COMMENTS].tolist() == held_out_thresholds(one).tolist()
    assert both[COMMENTS:].tolist() == held_out_thresholds(other).tolist()
