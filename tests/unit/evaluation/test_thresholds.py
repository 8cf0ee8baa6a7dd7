import numpy as np
import pandas as pd
import pytest
from foxhound.evaluation.thresholds import best_threshold, choose_threshold, held_out_thresholds
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import COMMENTS, FOLD_NAMES, IDS, LABELS, guesses
from scipy.special import expit, logit
from sklearn.metrics import f1_score
from threshold_optimism import simulated

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


def test_a_fold_takes_the_threshold_of_the_others_and_never_its_own_labels():
    p = guesses(1)
    found = held_out_thresholds(frame(p))
    for fold in set(FOLD_NAMES):
        own = fold == FOLD_NAMES
        assert set(found[own]) == {choose_threshold(LABELS[~own], p[~own].astype(float))}
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


def bent(number: int, slope: float, intercept: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return labels, and probabilities that are off: the truth's log-odds are `slope` times theirs plus `intercept`."""
    generator = np.random.default_rng(seed)
    odds = generator.normal(0, 2, number)
    return (generator.random(number) < expit(slope * odds + intercept)).astype(int), expit(odds)


@pytest.mark.parametrize(("slope", "intercept"), [(1, 0), (0.4, -1), (2, 1)])
def test_the_threshold_is_the_best_one_whatever_the_probabilities_mean(slope, intercept):
    labels, p = bent(200_000, slope, intercept)
    chosen = choose_threshold(labels, p)
    best = max(f1_score(labels, p >= cut) for cut in np.linspace(0.02, 0.98, 49))
    assert f1_score(labels, p >= chosen) == pytest.approx(best, abs=0.002)
    # For calibrated probabilities it is half of the best F1 (Lipton, Elkan & Naryanaswamy 2014).
    assert expit(slope * logit(chosen) + intercept) == pytest.approx(best / 2, abs=0.01)


def test_it_varies_less_than_the_best_threshold_and_loses_nothing():
    """The threshold with the highest F1 on few comments follows their noise."""
    fresh = bent(20_000, 1, -1, seed=99)
    found = []
    for seed in range(100):
        labels, p = bent(200, 1, -1, seed)
        found.append(
            [f1_score(fresh[0], fresh[1] >= choose(labels, p)) for choose in (choose_threshold, best_threshold)]
        )
    chosen, best = np.array(found).T
    assert chosen.mean() > best.mean()
    assert chosen.std() < 0.6 * best.std()


def test_it_is_learned_from_any_labels():
    p = np.array([0.2, 0.4, 0.7, 0.9])
    assert choose_threshold(np.ones(4, int), p) == choose_threshold(np.zeros(4, int), p) == 0.5
    # Where hateful comments have the lower probabilities, and where all are equal, nothing beats calling all hateful.
    assert choose_threshold(np.array([1, 1, 0, 0]), p) == 0
    assert choose_threshold(np.array([1, 0, 0, 1]), np.full(4, 0.3)) < 0.3
    apart = choose_threshold(np.array([0, 0, 1, 1]), p)
    assert 0.4 < apart <= 0.7
    assert 0 < choose_threshold(np.array([0, 1, 1]), np.array([0.0, 1.0, 1.0])) < 1


def test_a_draw_takes_the_threshold_of_its_validation_part_and_none_without():
    p, part = guesses(1), np.where(np.arange(COMMENTS) < 40, "validation", "test")
    draw = frame(p, fold_or_split="x/draw-1", part=part)
    test = part == "test"
    found = held_out_thresholds(draw)
    assert set(found[test]) == {choose_threshold(LABELS[~test], p[~test].astype(float))}
    assert set(found[~test]) == {choose_threshold(LABELS[test], p[test].astype(float))}
    assert held_out_thresholds(draw[test]).isna().all()


def test_dummies_keep_their_decisions():
    for name in ("always-hateful", "never-hateful"):
        assert (held_out_thresholds(frame(np.zeros(COMMENTS), model=name)) == 0.5).all()
    assert (held_out_thresholds(frame(np.zeros(COMMENTS), model="flat")) < 0.5).all()


def test_runs_do_not_share_thresholds():
    one, other = frame(guesses(1)), frame(guesses(2) / 2, seed=2)
    both = held_out_thresholds(pd.concat([one, other], ignore_index=True))
    assert both[:COMMENTS].tolist() == held_out_thresholds(one).tolist()
    assert both[COMMENTS:].tolist() == held_out_thresholds(other).tolist()
    named = pd.concat([one, other], ignore_index=True).assign(
        seed=1, learning_rate=[np.nan] * COMMENTS + [1e-4] * COMMENTS
    )
    columns = ("model", "learning_rate", "protocol", "epoch", "seed")
    assert held_out_thresholds(named, columns).tolist() == both.tolist()


def test_choosing_on_the_other_folds_is_hardly_optimistic():
    """Models behind the other folds trained on the scored fold; benchmarks/threshold_optimism.py has more corpora."""
    generator = np.random.default_rng(3)
    found = np.array([simulated(generator, 100, 5) for _ in range(25)])
    assert abs((found[:, 0] - found[:, 1]).mean()) < 0.01
