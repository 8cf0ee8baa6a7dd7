from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from foxhound.evaluation.bootstrap import resampling_weights
from foxhound.evaluation.comparisons import (
    COLUMNS,
    LEVEL,
    Pair,
    compare,
    difference_interval,
    holm,
    letters,
    permutation_test,
    swaps,
)
from foxhound.evaluation.power import comments_needed, count_cells
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import f1_score


def made_up(generator: np.random.Generator, comments: int, skill_a: float, skill_b: float) -> Pair:
    """Return decisions that are right with these probabilities, the same on part of the comments."""
    labels = (generator.random(comments) < 0.3).astype(int)
    shared = generator.random(comments)
    a, b = (
        np.where(
            np.where(generator.random(comments) < 0.5, shared, generator.random(comments)) < skill, labels, 1 - labels
        )
        for skill in (skill_a, skill_b)
    )
    return Pair(np.arange(comments), labels, a, b)


def test_the_difference_is_that_of_scikit_learn():
    pairs = [made_up(np.random.default_rng(seed), 200, 0.7, 0.8) for seed in (1, 2)]
    expected = np.mean([f1_score(y, b) - f1_score(y, a) for _, y, a, b in pairs])
    assert permutation_test(pairs, swaps(200, 50, 0))[0] == pytest.approx(expected)


@pytest.mark.parametrize("skill", [0.7, 0.75, 0.8])
def test_the_p_value_is_that_of_scipy(skill):
    pair = made_up(np.random.default_rng(3), 250, 0.7, skill)

    def statistic(a, b, axis=-1):
        hits, total = pair.labels.astype(float), pair.labels.sum()
        f1 = [2 * (hits * one).sum(axis) / (one.sum(axis) + total) for one in (a, b)]
        return f1[1] - f1[0]

    expected = stats.permutation_test(
        (pair.a.astype(float), pair.b.astype(float)), statistic, permutation_type="samples", n_resamples=20_000,
        vectorized=True, rng=np.random.default_rng(0), batch=1000,
    )  # fmt: skip
    difference, p = permutation_test([pair], swaps(250, 20_000, 0))
    assert difference == pytest.approx(expected.statistic)
    assert p == pytest.approx(expected.pvalue, abs=0.015)


def test_one_in_twenty_simulated_nulls_is_called_a_difference():
    generator = np.random.default_rng(5)
    tosses = swaps(300, 400, 1)
    found = [permutation_test([made_up(generator, 300, 0.75, 0.75)], tosses)[1] <= 0.05 for _ in range(2000)]
    assert 0.035 <= np.mean(found) <= 0.065


def test_so_is_one_in_twenty_with_several_seeds_on_the_same_comments():
    generator = np.random.default_rng(6)
    tosses = swaps(200, 300, 1)

    def seeds() -> list[Pair]:
        # What a model gets wrong it gets wrong under most seeds.
        first = made_up(generator, 200, 0.7, 0.7)
        pairs = []
        for _ in range(3):
            flips = [generator.random(200) < 0.1 for _ in range(2)]
            a, b = (np.where(flip, 1 - one, one) for flip, one in zip(flips, (first.a, first.b), strict=True))
            pairs.append(first._replace(a=a, b=b))
        return pairs

    found = [permutation_test(seeds(), tosses)[1] <= 0.05 for _ in range(2000)]
    assert 0.035 <= np.mean(found) <= 0.065


def test_nineteen_of_twenty_intervals_hold_the_true_difference():
    generator = np.random.default_rng(7)
    weights = resampling_weights(400, 300, 0)
    large = made_up(np.random.default_rng(8), 400_000, 0.7, 0.8)
    truth = f1_score(large.labels, large.b) - f1_score(large.labels, large.a)
    held = []
    for _ in range(1000):
        low, high = difference_interval([made_up(generator, 400, 0.7, 0.8)], weights, 0)
        held.append(low <= truth <= high)
    assert 0.93 <= np.mean(held) <= 0.97


def test_holm_by_hand():
    # Holm 1979: the smallest of four counts four times, the next three times, and none falls below an earlier one.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == pytest.approx([1, 1])


@given(
    st.integers(1, 7).flatmap(
        lambda n: st.tuples(st.just(n), st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1))))
    )
)
def test_models_share_a_letter_exactly_where_they_do_not_differ(case):
    number, drawn = case
    names = [f"m{place}" for place in range(number)]
    different = {frozenset((names[a], names[b])) for a, b in drawn if a != b}
    shown = letters(names, different)
    for a, b in combinations(names, 2):
        assert bool(set(shown[a]) & set(shown[b])) == (frozenset((a, b)) not in different)
    assert all(shown.values())
    assert shown[names[0]][0] == "a"


def test_letters_by_hand():
    assert letters(["x", "y", "z"], {frozenset("xz")}) == {"x": "a", "y": "ab", "z": "b"}
    assert letters(["x", "y"], set()) == {"x": "a", "y": "a"}


def frame(model: str, decisions: np.ndarray, labels: np.ndarray, **columns) -> pd.DataFrame:
    values = {
        "id": [f"c{row:03d}" for row in range(len(labels))], "label": labels, "p_hateful": 0.2 + 0.6 * decisions, "model": model,
        "protocol": "folds", "part": "test", "seed": 1, "epoch": 0, "learning_rate": np.nan,
    }  # fmt: skip
    return pd.DataFrame(values | columns)


def test_every_pair_is_compared_at_its_last_epoch_and_on_shared_seeds():
    generator = np.random.default_rng(1)
    labels = (generator.random(120) < 0.4).astype(int)
    good, poor = (np.where(generator.random(120) < skill, labels, 1 - labels) for skill in (0.95, 0.6))
    table = compare(
        pd.concat(
            [
                frame("poor", poor, labels),
                frame("good", poor, labels, epoch=2, learning_rate=1e-4),
                frame("good", good, labels, epoch=3, learning_rate=1e-4),
                frame("good", good, labels, epoch=3, learning_rate=2e-5),
                frame("elsewhere", good[:60], labels[:60], seed=9),
            ]
        ),
        draws=400,
        seed=0,
    )
    assert tuple(table.columns) == COLUMNS
    assert set(zip(table["model_a"], table["model_b"], strict=True)) == {
        ("good, rate 1e-4", "good, rate 2e-5"), ("good, rate 1e-4", "poor"), ("good, rate 2e-5", "poor"),
    }  # fmt: skip
    row = table[(table["model_a"] == "good, rate 1e-4") & (table["model_b"] == "poor")].iloc[0]
    assert (row["epoch_a"], row["epoch_b"], row["seeds"], row["comments"]) == (3, 0, 1, 120)
    assert row["difference"] == pytest.approx(f1_score(labels, poor) - f1_score(labels, good))
    assert row["difference_low"] < row["difference"] < row["difference_high"] < 0
    assert row["p"] <= 0.01
    same = table[table["model_b"] == "good, rate 2e-5"].iloc[0]
    assert (same["difference"], same["p"], same["p_adjusted"]) == (0, 1, 1)


def test_an_undecided_pair_stands_with_the_comments_that_would_decide_it():
    generator = np.random.default_rng(11)
    labels = (generator.random(150) < 0.4).astype(int)
    runs = {
        name: np.where(generator.random(150) < skill, labels, 1 - labels)
        for name, skill in {"a": 0.7, "b": 0.75, "c": 0.99}.items()
    }
    table = compare(pd.concat([frame(name, run, labels) for name, run in runs.items()]), draws=400, seed=0)
    assert (table["p_adjusted"] <= LEVEL).tolist() == table["needed"].isna().tolist() == [False, True, True]
    cells = count_cells([(np.arange(150), labels, runs["a"], runs["b"])])
    row = table.iloc[0]
    # The two other pairs have smaller p values, and so the last of three is tested at the whole level.
    assert row["needed"] == round(comments_needed(cells, row["difference"], LEVEL, 15_000, 0)) > 150
    assert row["needed_low"] < row["needed"]
    assert row["difference_low"] <= 0 <= row["difference_high"] and pd.isna(row["needed_high"])


def test_no_pairs_are_an_empty_table():
    labels = np.array([0, 1])
    assert list(compare(frame("alone", labels, labels), 10, 0).columns) == list(COLUMNS)


def test_a_clear_difference_shows_among_many_models():
    # 18 models are 153 pairs: with 1,000 permutations the smallest adjusted p would be .15.
    generator = np.random.default_rng(2)
    labels = (generator.random(200) < 0.4).astype(int)
    frames = [frame("best", labels, labels)]
    for number in range(17):
        frames.append(frame(f"m{number:02d}", np.where(generator.random(200) < 0.6, labels, 1 - labels), labels))
    table = compare(pd.concat(frames), draws=200, seed=0)
    assert len(table) == 153
    assert (table[table["model_a"] == "best"]["p_adjusted"] < 0.05).all()


def test_a_baseline_that_ran_once_is_compared_with_every_seed():
    generator = np.random.default_rng(4)
    labels = (generator.random(100) < 0.4).astype(int)
    runs = [np.where(generator.random(100) < 0.8, labels, 1 - labels) for _ in range(4)]
    seeds = [frame("model", run, labels, seed=seed) for seed, run in zip((2, 3, 5), runs[1:], strict=True)]
    row = compare(pd.concat([frame("baseline", runs[0], labels), *seeds]), draws=50, seed=0).iloc[0]
    assert row["seeds"] == 3
    expected = np.mean([f1_score(labels, run) for run in runs[1:]]) - f1_score(labels, runs[0])
    assert row["difference"] == pytest.approx(expected)


@pytest.mark.parametrize("draws", [1, 7, 40])
def test_tosses_and_their_sums_are_the_same_in_pieces(draws, monkeypatch):
    generator = np.random.default_rng(0)
    rows, values = generator.permutation(101)[:60], generator.integers(-1, 2, (2, 60))
    swaps.cache_clear()
    whole = swaps(101, draws, 3)
    plain = np.random.default_rng([3, 101, draws]).integers(0, 2, (101, draws), dtype=np.uint8)
    assert (whole.sums(rows, values) == values @ plain[rows]).all()
    monkeypatch.setattr("foxhound.evaluation.comparisons.CELLS", 8 * draws)
    swaps.cache_clear()
    pieces = swaps(101, draws, 3)
    assert (pieces.bits == whole.bits).all()
    assert (pieces.sums(rows, values) == values @ plain[rows]).all()
