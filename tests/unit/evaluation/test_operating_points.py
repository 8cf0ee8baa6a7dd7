import numpy as np
import pytest
from foxhound.evaluation.operating_points import (
    GRID,
    NEVER,
    PRECISION,
    REVIEWED,
    THRESHOLD,
    budgeted,
    flagged,
    measures,
    operating_table,
    promised,
)
from foxhound.evaluation.pooled_runs import Group, Run
from scipy.special import expit
from sklearn.metrics import precision_score, recall_score

FOLDS = 5


def simulated(comments: int = 4000, seed: int = 0, slope: float = 1.0, shift: float = 0.0) -> Run:
    """Return a run whose log-odds are `slope` times the true ones plus `shift`."""
    generator = np.random.default_rng(seed)
    odds = generator.normal(-1.2, 1.6, comments)
    labels = (generator.random(comments) < expit(odds)).astype(np.float32)
    pieces = np.array([f"p/fold-{place % FOLDS + 1:02d}" for place in range(comments)])
    p = expit(slope * odds + shift)[None]
    return Run(seed, np.array([3]), np.arange(comments), labels, pieces, p, np.empty((0, 1)))


def test_a_threshold_promises_the_mean_of_what_lies_above_it():
    p = np.array([0.9, 0.2, 0.7, 0.5])
    assert promised(p, 0.9) == 0.9
    assert promised(p, 0.8) == 0.7
    assert promised(p, 0.7) == 0.5
    assert promised(p, 0.95) == NEVER


def test_a_budget_is_never_exceeded():
    p = np.linspace(0, 1, 11)
    for share in (0.05, 0.1, 0.3, 0.5):
        assert (p >= budgeted(p, share)).mean() <= share
    assert budgeted(p, 0.05) == NEVER


def test_measures_are_those_of_scikit_learn_and_nan_where_nothing_is_flagged():
    labels = np.array([1, 0, 1, 1, 0, 0], np.float32)
    flags = np.array([[1, 1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0]], bool)
    precision, recall, share = measures(labels, flags, np.ones((6, 1), np.float32))[..., 0]
    assert precision[0] == pytest.approx(precision_score(labels, flags[0]))
    assert recall[0] == pytest.approx(recall_score(labels, flags[0]))
    assert share[0] == 0.5
    assert np.isnan(precision[1]) and (recall[1], share[1]) == (0, 0)


@pytest.mark.parametrize(("slope", "shift"), [(1, 0), (3, 2), (0.4, -2)])
def test_wishes_are_met_on_comments_that_chose_nothing_however_the_model_is_calibrated(slope, shift):
    run = simulated(20_000, slope=slope, shift=shift)
    wishes = [(PRECISION, 0.8), (REVIEWED, 0.2), (THRESHOLD, 0.5)]
    flags, thresholds = flagged(run, run.probabilities[0], wishes)
    precision, _, share = measures(run.labels, flags, np.ones((len(run.labels), 1), np.float32))[..., 0]
    assert precision[0] == pytest.approx(0.8, abs=0.02)
    assert share[1] == pytest.approx(0.2, abs=0.01)
    assert thresholds[2] == 0.5
    # Above a calibrated half, more are hateful than not; and they are those whose true log-odds are positive.
    assert np.mean(flags[2] == (run.probabilities[0] >= expit(shift))) > 0.98


def test_no_label_of_the_own_fold_is_read():
    run = simulated(500)
    own = run.pieces == "p/fold-01"
    turned = Run(run.seed, run.epochs, run.comments, np.where(own, 1 - run.labels, run.labels), run.pieces,
                 run.probabilities, run.losses)  # fmt: skip
    wishes = [(PRECISION, 0.7), (REVIEWED, 0.2)]
    one, other = (flagged(each, each.probabilities[0], wishes)[0][:, own] for each in (run, turned))
    assert np.array_equal(one, other)


def test_the_interval_holds_the_truth_of_these_thresholds_as_often_as_it_says():
    """The truth: what each fold's own threshold, calibration included, does to a population."""
    population, held = simulated(100_000, 99), np.zeros(3)
    ones = np.ones((100_000, 1), np.float32)
    for seed in range(100):
        run = simulated(800, seed)
        flags, _ = flagged(run, run.probabilities[0], [(THRESHOLD, 0.5)])
        called = np.zeros(100_000, bool)
        for place, fold in enumerate(np.unique(run.pieces)):
            own, on = run.pieces == fold, run.probabilities[0]
            cut = (on[own & flags[0]].min() + on[own & ~flags[0]].max()) / 2
            share = slice(place * 20_000, (place + 1) * 20_000)
            called[share] = population.probabilities[0][share] >= cut
        truth = measures(population.labels, called[None], ones)[..., 0, 0]
        table = operating_table({Group("p", "test", "m", None): [run]}, ["p"], {}, 300, 0)
        row = table[np.isclose(table["wish"], 0.5)].iloc[0]
        for place, name in enumerate(("precision", "recall", "share")):
            held[place] += row[f"{name}_low"] <= truth[place] <= row[f"{name}_high"]
    assert (held >= 89).all()  # of 100: 95 expected, fewer than 89 in one of 100 such tests


def test_the_table_has_a_row_per_threshold_and_wish_of_models_that_read_comments():
    groups = {Group("p", "test", name, None): [simulated(300, 1), simulated(300, 2)] for name in ("m", "user-only")}
    groups[Group("q", "test", "m", None)] = [simulated(300)]
    table = operating_table(groups, ["p"], {PRECISION: [0.7, 0.999], REVIEWED: [0.1]}, 50, 0)
    assert set(table["model"]) == {"m"} and set(table["protocol"]) == {"p"}
    assert len(table) == len(GRID) + 3
    cannot = table[(table["rule"] == PRECISION) & (table["wish"] == 0.999)].iloc[0]
    assert np.isinf(cannot["threshold"]) or cannot["precision"] > 0.9
    inside = table.dropna()
    for name in ("precision", "recall", "share"):
        assert (inside[f"{name}_low"] <= inside[name] + 1e-9).all()
        assert (inside[name] <= inside[f"{name}_high"] + 1e-9).all()
