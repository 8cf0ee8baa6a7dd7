"""Each kind of interval holds the truth that it is about, and not others; `make coverage` measures it on more corpora."""

import numpy as np
import pytest
from interval_coverage import (
    HATEFUL,
    OTHERS,
    SAME,
    USERS,
    World,
    bands_coverage,
    differences_coverage,
    hatecheck_coverage,
    label_correlation,
    latent_effects,
    made_up_sentences,
    proportions_coverage,
    report,
    scores_coverage,
    seeds_coverage,
    training_coverage,
)

RIGHT = {"f1", "accuracy", "auroc"}


def test_corpora_have_the_size_and_the_correlations_that_are_asked_for():
    world, generator = World(), np.random.default_rng(0)
    assert (len(world.users), world.users.max() + 1, world.articles.max() + 1) == (1528, 678, 10)
    assert np.bincount(world.articles).max() == 246
    found = []
    for _ in range(150):
        labels = world.labels(generator, *world.effects(generator))
        found.append([labels.mean(), *(label_correlation(labels, one) for one in (world.users, world.articles))])
    # A correlation around a corpus's own mean is a little smaller than around that of all corpora.
    assert np.mean(found, axis=0) == pytest.approx([HATEFUL, 0.195, 0.044], abs=0.02)


def test_latent_effects_are_those_of_their_correlations():
    """Against a simulation of pairs of comments."""
    level, article, user = latent_effects(0.3, 0.25, 0.1)
    generator = np.random.default_rng(0)
    of_article, users = generator.normal(0, article, 400_000), generator.normal(0, user, (2, 400_000))

    def drawn(effects: np.ndarray) -> np.ndarray:
        return generator.random(400_000) < 1 / (1 + np.exp(-(level + of_article + effects)))

    first = drawn(users[0])
    assert first.mean() == pytest.approx(0.3, abs=0.003)
    assert np.corrcoef(first, drawn(users[0]))[0, 1] == pytest.approx(0.25, abs=0.006)
    assert np.corrcoef(first, drawn(users[1]))[0, 1] == pytest.approx(0.1, abs=0.006)


@pytest.fixture(scope="module")
def of_scores() -> dict[tuple[str, str, str], float]:
    """Return kind, what is drawn anew and metric -> share of intervals that held the truth."""
    return {tuple(row[:3]): row[3] for row in scores_coverage(96, 150, 240, 8)}


@pytest.mark.parametrize(("kind", "anew"), [("comments", SAME), ("users", USERS), ("articles", OTHERS)])
def test_intervals_of_scores_hold_what_they_are_about(kind, anew, of_scores):
    for name in RIGHT:
        assert 0.88 <= of_scores[kind, anew, name] <= 0.995


def test_intervals_over_comments_are_too_narrow_for_other_articles(of_scores):
    assert of_scores["comments", OTHERS, "f1"] < 0.8 < of_scores["articles", OTHERS, "f1"]
    assert of_scores["comments", USERS, "f1"] < of_scores["users", USERS, "f1"]


def test_paired_differences_hold():
    found = {row[:2]: row[3] for row in differences_coverage(200, 150, 1000, 10)}
    assert 0.9 <= found["difference, comments", SAME] <= 0.99
    assert 0.9 <= found["difference, users", USERS] <= 0.99


@pytest.mark.parametrize(("seeds", "spread"), [(2, 0.05), (3, 0.05), (10, 0.1)])
def test_intervals_over_seeds_hold_what_other_seeds_score_and_those_of_these_models_less_often(seeds, spread):
    other, these = (row[3] for row in seeds_coverage(200, 150, seeds, spread))
    assert 0.9 <= other <= 0.99
    assert these < other


@pytest.mark.parametrize("draws", [2, 10])
def test_intervals_over_draws_hold_and_are_not_too_wide(draws):
    other, _ = (row[3] for row in seeds_coverage(200, 150, draws, 0.05, 170))
    assert 0.9 <= other <= 0.985


def test_intervals_over_comments_nearly_hold_for_models_trained_anew():
    assert all(0.88 <= row[3] <= 0.98 for row in training_coverage(150, 150))


def test_wilsons_and_newcombes_intervals_hold():
    found = {tuple(row[:3]): row[3] for row in proportions_coverage(150, 1000)}
    for name in ("f1", "accuracy"):
        assert 0.93 <= found["one article (Wilson)", SAME, name] <= 0.98
        assert found["one article (Wilson)", USERS, name] < found["one article (Wilson)", SAME, name]
    means = {of: share for (kind, _, of), share in found.items() if kind == "a share (Wilson)" and "mean" in of}
    assert all(0.93 <= share <= 0.99 for share in means.values())
    gaps = [share for (kind, *_), share in found.items() if kind == "a gap of shares (Newcombe)"]
    assert all(0.93 <= share <= 1 for share in gaps)


def test_bands_and_calibration_hold():
    found = {row[2].split(" (")[0]: row[3] for row in bands_coverage(320, 100)}
    assert all(0.86 <= found[f"precision at recall {recall}"] <= 1 for recall in ("0.2", "0.5", "0.8"))
    assert 0.88 <= found["brier"] <= 1


def test_hatechecks_intervals_hold_for_other_sentences():
    found = {row[2]: row[3] for row in hatecheck_coverage(made_up_sentences(), 60)}
    assert set(found) == {"all cases", "a function", "a target group"}
    assert all(0.9 <= share <= 0.995 for share in found.values())


def test_what_does_not_hold_is_in_bold():
    text = report([("comments", SAME, "f1", 0.95), ("comments", OTHERS, "f1", 0.7)], 100)
    assert "| comments | other comments | f1 | 95.0 % |" in text and "| f1 | **70.0 %** |" in text
