import numpy as np
import pytest
from foxhound.evaluation.bootstrap import (
    METRICS,
    calibration_bins,
    cluster_weights,
    mean_of_these_seeds,
    mean_over_seeds,
    percentile_intervals,
    resampling_weights,
    tail,
    weighted_metrics,
    weights_within_folds,
    with_seeds,
)
from hypothesis import given
from hypothesis import strategies as st
from reference_metrics import by_scikit_learn, calibration_error
from scipy.stats import bootstrap, norm, t
from sklearn import metrics


@pytest.mark.parametrize("decimals", [1, 2, 16])
def test_weighted_metrics_equal_scikit_learn_on_copied_rows(decimals):
    generator = np.random.default_rng(decimals)
    labels = (generator.random(150) < 0.3).astype(int)
    probabilities = np.clip(generator.normal(0.4 + 0.2 * labels, 0.2), 0, 1).round(decimals)
    weights = resampling_weights(150, 30, 7)
    found = weighted_metrics(labels, probabilities, weights)
    for draw in range(30):
        copied = np.repeat(np.arange(150), weights[:, draw].astype(int))
        for name, expected in by_scikit_learn(labels[copied], probabilities[copied]).items():
            assert found[name][draw] == pytest.approx(expected, abs=1e-6), name


def test_calibration_error_equals_scikit_learns_curve_on_copied_rows():
    generator = np.random.default_rng(3)
    labels, probabilities = generator.integers(0, 2, 200), generator.random(200)
    weights = resampling_weights(200, 10, 1)
    found = weighted_metrics(labels, probabilities, weights)["ece"]
    for draw in range(10):
        copied = np.repeat(np.arange(200), weights[:, draw].astype(int))
        assert found[draw] == pytest.approx(calibration_error(labels[copied], probabilities[copied]), abs=1e-6)


@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.sampled_from([0, 0.2, 0.4999, 0.5, 0.7, 1.0])),
        min_size=1,
        max_size=25,
    )
)
def test_any_sample_weighs_as_scikit_learn_counts(sample):
    labels, probabilities = (np.array(column, dtype=float) for column in zip(*sample, strict=True))
    found = weighted_metrics(labels, probabilities, np.ones((len(sample), 1), np.float32))
    for name, expected in by_scikit_learn(labels.astype(int), probabilities).items():
        assert found[name][0] == pytest.approx(expected, abs=1e-6, nan_ok=True), name


def test_weights_draw_as_many_comments_as_there_are_and_repeat_themselves():
    weights = resampling_weights(50, 200, 0)
    assert (weights.sum(axis=0) == 50).all()
    # Each comment is drawn Binomial(50, 1/50) often: mean 1, variance .98.
    assert weights.var() == pytest.approx(0.98, abs=0.05)
    resampling_weights.cache_clear()
    assert np.array_equal(weights, resampling_weights(50, 200, 0))
    assert not np.array_equal(weights, resampling_weights(50, 200, 1))


def test_seeds_that_agree_do_not_narrow_the_interval():
    labels = np.arange(90) % 2
    one = weighted_metrics(labels, np.linspace(0, 1, 90), resampling_weights(90, 500, 0), np.full(90, 0.3))
    together = percentile_intervals(mean_over_seeds([one, one, one]))
    for name, interval in percentile_intervals(one).items():
        assert together[name] == pytest.approx(interval)


def constant(value: float) -> dict[str, np.ndarray]:
    """Return samples of a seed that scores the same on any comments."""
    return {name: np.full(20_000, value) for name in METRICS}


@pytest.mark.parametrize("seeds", [2, 3, 12, 30])
def test_where_nothing_but_seeds_varies_the_interval_is_students_t(seeds):
    values = np.random.default_rng(seeds).normal(0.5, 0.02, seeds)
    found = percentile_intervals(mean_over_seeds([constant(value) for value in values]))["f1"]
    expected = t.interval(0.95, seeds - 1, values.mean(), values.std(ddof=1) / np.sqrt(seeds))
    assert found == pytest.approx(expected, abs=1e-3)


def test_seeds_that_share_no_comments_add_none_of_their_noise_twice():
    """Scores of seeds on comments of their own differ by these comments, and by nothing else if training does nothing."""
    generator = np.random.default_rng(0)
    seeds, draws = 8, 4000
    points, noise = generator.normal(0.5, 0.03, (seeds, 1)), generator.normal(0, 0.03, (seeds, draws))
    found = with_seeds(points + noise)
    assert found.std() == pytest.approx(0.03 / np.sqrt(seeds), rel=0.25)
    # Where they share all comments, and training differs, both count.
    together = with_seeds(points + noise[:1])
    expected = np.sqrt(0.03**2 + points.var(ddof=1) / seeds)
    assert together.std() == pytest.approx(expected, rel=0.05)


def test_resamples_without_a_score_are_left_out_of_the_spread():
    generator = np.random.default_rng(0)
    whole = generator.normal(0.5, 0.05, (3, 1)) + generator.normal(0, 0.05, (3, 2000))
    holes = np.where(generator.random((3, 2000)) < 0.02, np.nan, whole)
    found = with_seeds(holes)
    assert (np.isnan(found) == np.isnan(holes).any(axis=0)).all()
    assert np.nanstd(found) == pytest.approx(with_seeds(whole).std(), rel=0.1)
    assert np.isnan(with_seeds(np.full((3, 5), np.nan))).all()


def test_two_seeds_that_disagree_say_next_to_nothing():
    assert percentile_intervals(mean_over_seeds([constant(0.2), constant(0.6)]))["f1"] == (0, 1)


def test_these_seeds_alone_have_the_interval_of_their_mean():
    samples = [{"f1": np.linspace(0, 0.5, 1001)}, {"f1": np.linspace(0.5, 1, 1001)}]
    assert percentile_intervals(mean_of_these_seeds(samples))["f1"] == pytest.approx((0.2625, 0.7375))


def test_clustered_percentiles_make_up_for_the_width_that_few_clusters_lack():
    """The bootstrap's standard error of a mean of k is sqrt((k - 1) / k) of the usual one, and its quantiles normal."""
    for clusters in (2, 3, 10, 40, 1000):
        width = -norm.ppf(tail(clusters)) * np.sqrt((clusters - 1) / clusters)
        assert width == pytest.approx(t.ppf(0.975, clusters - 1))
    assert tail(100_000) == pytest.approx(tail(), abs=1e-5)
    few = percentile_intervals({"f1": np.linspace(0, 1, 10_001)}, 10)["f1"]
    assert few == pytest.approx((tail(10), 1 - tail(10)))


def test_every_fold_draws_its_own_comments():
    folds = np.array([2, 0, 1, 0, 2, 2, 1, 0, 2, 2])
    weights = weights_within_folds(tuple(folds.tolist()), 500, 3)
    for fold in range(3):
        assert (weights[folds == fold].sum(axis=0) == (folds == fold).sum()).all()
        assert weights[folds == fold].mean(axis=1) == pytest.approx(1, abs=0.15)
    assert (weights.std(axis=1) > 0.5).all()
    assert weights is weights_within_folds(tuple(folds.tolist()), 500, 3)


def test_ranking_metrics_are_means_over_folds_on_copied_rows():
    generator = np.random.default_rng(8)
    folds = generator.integers(0, 4, 120)
    labels = (generator.random(120) < 0.5).astype(int)
    probabilities = np.clip(generator.normal(0.3 + 0.2 * labels + 0.1 * folds, 0.2), 0, 1).round(1)
    weights = weights_within_folds(tuple(folds.tolist()), 30, 7)
    found = weighted_metrics(labels, probabilities, weights, None, folds)
    for draw in range(30):
        copied = np.repeat(np.arange(120), weights[:, draw].astype(int))
        pieces = [copied[folds[copied] == fold] for fold in range(4)]
        for name, score in (("auroc", metrics.roc_auc_score), ("average_precision", metrics.average_precision_score)):
            expected = np.mean([score(labels[piece], probabilities[piece]) for piece in pieces])
            assert found[name][draw] == pytest.approx(expected, abs=1e-6)
    alone = weighted_metrics(labels, probabilities, weights)
    assert (found["auroc"] - alone["auroc"]).mean() > 0.01
    assert (found["f1"] == alone["f1"]).all()


def test_a_fold_counts_as_often_as_it_is_drawn_and_not_without_both_classes():
    labels = np.array([1, 0, 1, 0, 1, 1])
    probabilities = np.array([0.9, 0.1, 0.1, 0.9, 0.5, 0.6])  # AUROC 1, 0, and none
    folds = np.array([0, 0, 1, 1, 2, 2])
    weights = np.array([[1, 1, 1, 1, 1, 1], [2, 2, 1, 1, 0, 0], [0, 0, 1, 1, 2, 2], [1, 0, 0, 1, 1, 1]], np.float32).T
    found = weighted_metrics(labels, probabilities, weights, None, folds)
    np.testing.assert_allclose(found["auroc"], [1 / 2, 2 / 3, 0, np.nan])
    # Average precision of the second fold is 1/2, and a fold of one class counts in neither.
    np.testing.assert_allclose(found["average_precision"], [3 / 4, (2 * 1 + 1 / 2) / 3, 1 / 2, np.nan])


def test_the_last_bin_takes_certainty():
    assert calibration_bins(np.array([0.0, 0.0999, 0.1, 0.95, 1.0])).tolist() == [0, 0, 1, 9, 9]


def simulated(comments: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return labels, three in ten hateful, and probabilities: normal scores, one apart, through a logistic function."""
    generator = np.random.default_rng(seed)
    labels = (generator.random(comments) < 0.3).astype(np.int64)
    return labels, 1 / (1 + np.exp(-generator.normal(labels - 0.5)))


def test_nineteen_of_twenty_intervals_hold_the_true_score():
    weights = resampling_weights(400, 300, 0)
    above = norm.cdf([-0.5, 0.5])  # of a comment that is not hateful, and one that is
    truth = {
        "f1": 2 * 0.3 * above[1] / (0.3 + 0.3 * above[1] + 0.7 * above[0]),
        "accuracy": 0.3 * above[1] + 0.7 * (1 - above[0]),
        "auroc": norm.cdf(1 / np.sqrt(2)),
    }
    held = dict.fromkeys(truth, 0)
    for seed in range(1000):
        intervals = percentile_intervals(weighted_metrics(*simulated(400, seed), weights))
        for name, value in truth.items():
            held[name] += intervals[name][0] <= value <= intervals[name][1]
    assert all(930 <= count <= 970 for count in held.values()), held


def test_where_articles_differ_only_the_interval_over_articles_holds_the_true_score():
    """Draw articles that are easier or harder, so that their comments are not independent."""
    article = np.repeat(np.arange(50), 8)
    weights = {"comments": resampling_weights(400, 300, 0), "articles": cluster_weights(article, 300, 0)}
    held = dict.fromkeys(weights, 0)
    for seed in range(1000):
        generator = np.random.default_rng(seed)
        right = generator.random(400) < generator.beta(3, 1, 50)[article]  # right three times in four
        labels = generator.integers(0, 2, 400)
        probabilities = np.where(right == (labels == 1), 0.9, 0.1)
        for name, drawn in weights.items():
            low, high = percentile_intervals(weighted_metrics(labels, probabilities, drawn))["accuracy"]
            held[name] += low <= 0.75 <= high
    assert 930 <= held["articles"] <= 970, held
    assert held["comments"] < 900, held


def test_an_interval_is_scipys_percentile_bootstrap():
    labels, p = simulated(300, 1)

    def f1(rows):
        return metrics.f1_score(labels[rows], p[rows] >= 0.5)

    theirs = bootstrap((np.arange(300),), f1, n_resamples=2000, method="percentile", vectorized=False, rng=0)
    found = percentile_intervals(weighted_metrics(labels, p, resampling_weights(300, 2000, 0)))["f1"]
    assert found == pytest.approx(tuple(theirs.confidence_interval), abs=0.01)
