import numpy as np
import pytest
from foxhound.models.bagging import train_copies
from foxhound.models.training import Trained
from scipy.special import logit

TRAIN = np.array([0, 1, 2, 3, 4, 7])
LABELS = np.array([0, 1, 0, 0, 0, 1, 1, 1])


def run(copies: int, bootstrap: bool) -> tuple[Trained, list[tuple[np.ndarray, int]]]:
    """Return the result, and what each model was given."""
    given: list[tuple[np.ndarray, int]] = []

    def fit(sample: np.ndarray, seed: int) -> Trained:
        given.append((sample, seed))
        p = np.random.default_rng([seed, *sample]).random((2, 3)).astype(np.float32)
        return Trained({1: p[0], 2: p[1]}, [float(seed % 7), 1.0], model=object(), device="cpu, float32")

    return train_copies(fit, TRAIN, LABELS, copies, bootstrap, seed=5), given


def test_one_copy_is_what_there_is_without_copies():
    trained, [(sample, seed)] = run(1, bootstrap=False)
    assert seed == 5
    np.testing.assert_array_equal(sample, TRAIN)
    assert trained.model is not None


def test_several_are_the_mean_of_their_log_odds_and_no_model():
    trained, given = run(3, bootstrap=False)
    assert given[0][1] == 5
    assert len({seed for _, seed in given}) == 3
    each = [np.random.default_rng([seed, *sample]).random((2, 3)).astype(np.float32) for sample, seed in given]
    for epoch in (1, 2):
        expected = np.mean([logit(p[epoch - 1].astype(float)) for p in each], axis=0)
        np.testing.assert_allclose(logit(trained.predictions[epoch].astype(float)), expected, atol=1e-5)
        assert trained.predictions[epoch].dtype == np.float32
    assert trained.losses == [pytest.approx(np.mean([seed % 7 for _, seed in given])), 1.0]
    assert trained.model is None
    assert trained.device == "cpu, float32"


def test_a_copy_that_is_sure_does_not_decide_alone():
    sure = iter([[1.0, 0.0, 1.0], [0.0, 0.0, 0.5]])
    trained = train_copies(lambda *_: Trained({1: np.array(next(sure))}, [0.0]), TRAIN, LABELS, 2, False, 1)
    assert trained.predictions[1].tolist() == pytest.approx([0.5, 0.0, 0.999], abs=1e-3)


def test_a_bootstrap_sample_keeps_each_class_as_large_as_it_is():
    _, given = run(4, bootstrap=True)
    assert len({tuple(sample) for sample, _ in given}) > 1
    for sample, _ in given:
        assert set(sample) <= set(TRAIN)
        assert np.bincount(LABELS[sample]).tolist() == np.bincount(LABELS[TRAIN]).tolist()
    again = run(4, bootstrap=True)[1]
    assert all((one == other).all() for (one, _), (other, _) in zip(given, again, strict=True))
