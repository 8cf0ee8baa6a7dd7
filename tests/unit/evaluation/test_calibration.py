import numpy as np
import pandas as pd
import pytest
from foxhound.errors import FoxhoundError
from foxhound.evaluation.calibration import calibrate, cross_calibrated, error_of_perfect, measure_calibration
from foxhound.evaluation.scoring import expected_calibration_error
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold


def test_calibration_finds_how_odds_were_bent():
    generator = np.random.default_rng(0)
    odds = generator.normal(0, 2, 20_000)
    labels = (generator.random(len(odds)) < expit(0.5 * odds - 1)).astype(int)
    calibration = calibrate(labels, expit(odds).astype(np.float32))
    assert calibration.slope == pytest.approx(0.5, abs=0.03)
    assert calibration.intercept == pytest.approx(-1, abs=0.05)
    assert 0.2 < calibration.threshold < 0.5  # of calibrated probabilities, F1 wants half of the best F1: about .3


def test_a_model_that_has_learned_nothing_is_refused():
    generator = np.random.default_rng(0)
    probabilities = generator.random(200)
    labels = (generator.random(200) > probabilities).astype(int)  # the surer the model, the more often it is wrong
    with pytest.raises(FoxhoundError, match="no better than chance"):
        calibrate(labels, probabilities)


def held_out(odds: np.ndarray, labels: np.ndarray, pieces: np.ndarray, seeds: int = 1) -> pd.DataFrame:
    """Return predictions of comments in these pieces; every seed says the same."""
    names = [f"c{number:05d}" for number in range(len(odds))]
    rows = {"id": names, "label": labels, "p_hateful": expit(odds).astype(np.float32)}
    one = pd.DataFrame(rows | {"fold_or_split": [f"p/fold-{piece:02d}" for piece in pieces]})
    return pd.concat([one] * seeds, ignore_index=True)


def test_each_fold_is_calibrated_on_the_others():
    generator = np.random.default_rng(1)
    odds, pieces = generator.normal(0, 2, 300), np.arange(300) % 3
    labels = (generator.random(300) < expit(0.5 * odds - 1)).astype(int)
    found = cross_calibrated(held_out(odds, labels, pieces))
    for piece in range(3):
        own = pieces == piece
        platt = LogisticRegression(C=np.inf).fit(odds[~own, None], labels[~own])
        assert found[own] == pytest.approx(platt.predict_proba(odds[own, None])[:, 1], abs=1e-4)
    turned = cross_calibrated(held_out(odds, np.where(pieces == 1, 1 - labels, labels), pieces))
    assert (found == turned)[pieces == 1].all() and (found != turned)[pieces != 1].all()


def test_a_comment_of_several_draws_never_calibrates_itself():
    """Draws share comments: cut by draw, a comment's label would calibrate its own prediction."""
    generator = np.random.default_rng(2)
    odds = generator.normal(0, 2, 120)
    labels = (generator.random(120) < expit(odds)).astype(int)
    frames = [held_out(odds, labels, np.full(120, draw)).iloc[np.r_[0:80, 80 + draw : 120]] for draw in (1, 2, 3)]
    both = pd.concat(frames, ignore_index=True)
    found, scored = cross_calibrated(both), logit(both["p_hateful"].to_numpy().astype(float))[:, None]
    splitter = StratifiedGroupKFold(10, shuffle=True, random_state=0)
    for others, own in splitter.split(scored, both["label"], both["id"]):
        assert not set(both["id"].iloc[others]) & set(both["id"].iloc[own])
        platt = LogisticRegression(C=np.inf).fit(scored[others], both["label"].iloc[others])
        assert found[own] == pytest.approx(platt.predict_proba(scored[own])[:, 1], abs=1e-6)


def test_calibration_on_the_scored_comments_themselves_would_look_better_than_it_is():
    """Compare both with the truth, the error on comments without end: the estimate agrees, that of its own comments not."""
    generator = np.random.default_rng(3)
    gaps = []
    for _ in range(50):
        odds, pieces = generator.normal(0, 2, 60), np.arange(60) % 5
        labels = (generator.random(60) < expit(odds)).astype(int)
        frame = held_out(odds, labels, pieces)
        fitted = LogisticRegression(C=np.inf).fit(odds[:, None], labels)
        fresh = generator.normal(0, 2, 4000)
        p, q = expit(fresh), fitted.predict_proba(fresh[:, None])[:, 1]
        truth = np.mean(p * (1 - q) ** 2 + (1 - p) * q**2)
        same = np.mean((fitted.predict_proba(odds[:, None])[:, 1] - labels) ** 2)
        gaps.append((np.mean((cross_calibrated(frame) - labels) ** 2) - truth, same - truth))
    honest, flattered = np.mean(gaps, axis=0)
    error = np.std(gaps, axis=0)[0] / np.sqrt(len(gaps))
    assert abs(honest) < 3 * error + 0.002  # fitted on four fifths of the comments: a little worse
    assert flattered < -0.004


def test_errors_of_calibrated_and_of_bent_probabilities():
    generator = np.random.default_rng(4)
    odds = generator.normal(0, 2, 4000)
    labels = (generator.random(4000) < expit(0.5 * odds - 1)).astype(int)
    found = measure_calibration(held_out(odds, labels, np.arange(4000) % 10), 300, 0)
    p = expit(0.5 * odds - 1)
    assert found.brier[0] == pytest.approx(np.mean(p * (1 - p)), abs=0.01)
    _, least, most = found.ece_of_perfect
    assert least < found.ece < most
    value, low, high = found.brier
    assert low < value < high
    # What logistic regression on log-odds cannot mend: a model that is right at both ends and wrong between.
    steps = (generator.random(4000) < np.where(np.abs(odds) < 1, odds < 0, odds > 0) * 0.8 + 0.1).astype(int)
    wrong = measure_calibration(held_out(odds, steps, np.arange(4000) % 10), 300, 0)
    assert wrong.ece > 2 * wrong.ece_of_perfect[2]


def test_the_error_of_true_probabilities_is_in_the_range_that_they_give_95_times_in_100():
    generator, corpora, inside = np.random.default_rng(6), 300, 0
    for _ in range(corpora):
        p = expit(generator.normal(-1, 1.5, 300))
        labels = generator.random(300) < p
        _, low, high = error_of_perfect(p, np.arange(300), 0)
        inside += low <= expected_calibration_error(labels, p) <= high
    assert abs(inside / corpora - 0.95) < 3 * np.sqrt(0.95 * 0.05 / corpora)


def test_more_seeds_are_no_more_comments():
    generator = np.random.default_rng(5)
    odds = generator.normal(0, 2, 400)
    labels = (generator.random(400) < expit(odds)).astype(int)
    one, three = (measure_calibration(held_out(odds, labels, np.arange(400) % 4, n), 500, 0) for n in (1, 3))
    assert three.brier == pytest.approx(one.brier, abs=1e-3) and three.ece == pytest.approx(one.ece, abs=1e-3)
    assert three.ece_of_perfect[0] == pytest.approx(one.ece_of_perfect[0], abs=0.004)
    assert three.ece_of_perfect[1:] == pytest.approx(one.ece_of_perfect[1:], abs=0.01)
