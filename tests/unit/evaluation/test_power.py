import numpy as np
import pandas as pd
import pytest
from foxhound.evaluation.paired_tests import (
    LEVEL,
    Pair,
    permutation_test,
    permuted_differences,
    step_down,
    step_down_levels,
    swaps,
)
from foxhound.evaluation.power import (
    FARTHEST,
    Cells,
    comments_needed,
    contributions,
    count_cells,
    differences,
    needed_to_decide,
    rejected,
    shares_with,
)
from sklearn.metrics import f1_score


def known(share: float, recalls: tuple[float, float], false_alarms: tuple[float, float], overlap: float) -> Cells:
    """Return the joint distribution of label and decisions of two models with these rates, overlapping so far."""
    shares = []
    for of_label, (a, b) in ((1 - share, false_alarms), (share, recalls)):
        both = a * b + overlap * (min(a, b) - a * b)
        shares += [of_label * part for part in (1 - a - b + both, b - both, a - both, both)]
    a, b = (np.array([[bit >> place & 1 for bit in range(4)] * 2], float) for place in (1, 0))
    return Cells(np.repeat([0.0, 1.0], 4), np.ones((1, 8)), a, b, np.array(shares))


def corpus(cells: Cells, comments: int, generator: np.random.Generator) -> list[Pair]:
    """Draw so many comments: the pairs of decisions about them, one per seed."""
    drawn = np.repeat(np.arange(len(cells.shares)), generator.multinomial(comments, cells.shares))
    columns = zip(cells.scored, cells.a, cells.b, strict=True)
    decided = [(np.flatnonzero(scored[drawn]), a[drawn], b[drawn]) for scored, a, b in columns]
    return [Pair(rows, *(kind[rows].astype(int) for kind in (cells.labels[drawn], a, b))) for rows, a, b in decided]


def several_seeds() -> Cells:
    """Return two models under three seeds, each of which changes one decision in ten."""
    generator, comments = np.random.default_rng(4), 600
    labels = (generator.random(comments) < 0.3).astype(int)
    a, b = (np.where(generator.random(comments) < skill, labels, 1 - labels) for skill in (0.72, 0.8))
    flips = generator.random((3, 2, comments)) < 0.1
    return count_cells([(np.arange(comments), labels, a ^ one, b ^ other) for one, other in flips])


LARGE = known(0.28, (0.5, 0.65), (0.2, 0.15), 0.3)
CORPORA = {
    "a large difference": (LARGE, 0.05),
    "one of twenty pairs": (LARGE, 0.05 / 20),
    "b finds what a finds and more": (known(0.28, (0.5, 0.6), (0.1, 0.1), 1.0), 0.05),
    "few decisions differ": (known(0.3, (0.6, 0.66), (0.1, 0.1), 1.0), 0.05),
    "balanced": (known(0.5, (0.68, 0.76), (0.3, 0.28), 0.5), 0.05),
    "rare": (known(0.08, (0.3, 0.6), (0.02, 0.03), 0.5), 0.05),
    "several seeds": (several_seeds(), 0.05),
}


@pytest.mark.parametrize("name", CORPORA)
def test_the_permutation_test_decides_four_of_five_corpora_of_the_size_asked_for(name):
    cells, level = CORPORA[name]
    comments = round(comments_needed(cells, float(differences(cells, cells.shares)), level, 10**6, 0))
    generator, tosses = np.random.default_rng(1), swaps(comments, round(20 / level), 0)
    decided = [permutation_test(corpus(cells, comments, generator), tosses)[1] <= level for _ in range(500)]
    assert np.mean(decided) == pytest.approx(0.8, abs=0.05), comments


@pytest.mark.parametrize("cells", [LARGE, several_seeds()], ids=["one seed", "three seeds"])
def test_simulated_corpora_are_judged_as_the_permutation_test_does(cells):
    tosses, counts = swaps(300, 2000, 0), np.random.default_rng(2).multinomial(300, cells.shares, 300)
    agree, judged = [], rejected(cells, counts.astype(float), 0.05)
    assert 0.1 < judged.mean() < 0.9
    for drawn, said in zip(counts, judged, strict=True):
        rows = np.repeat(np.arange(len(drawn)), drawn)
        own = [
            Pair(np.arange(300), cells.labels[rows].astype(int), a[rows].astype(int), b[rows].astype(int))
            for a, b in zip(cells.a, cells.b, strict=True)
        ]
        agree.append((permutation_test(own, tosses)[1] <= 0.05) == said)
    assert np.mean(agree) > 0.98


def test_five_comments_that_differ_never_decide_and_six_can():
    # All in favour of one model: p is 2 / 2 ** 5 = .06 and 2 / 2 ** 6 = .03, whatever the normal limit says.
    cells = known(0.5, (0.5, 0.6), (0.1, 0.1), 1.0)
    counts = np.array([[50.0, 0, 0, 5, 20, number, 0, 30] for number in (5, 6)])
    assert rejected(cells, counts, 0.05).tolist() == [False, True]


def test_cells_count_labels_decisions_and_who_scores_what():
    first = (np.array([0, 1, 2]), np.array([1, 0, 1]), np.array([1, 0, 1]), np.array([0, 0, 0]))
    second = (np.array([1, 2, 5]), np.array([0, 1, 1]), np.array([1, 1, 1]), np.array([1, 0, 0]))
    cells = count_cells([first, second])
    found = {
        (label, *scored, *a, *b): share
        for label, scored, a, b, share in zip(
            cells.labels, cells.scored.T, cells.a.T, cells.b.T, cells.shares, strict=True
        )
    }
    # label; scored by each seed; called hateful by a under each seed, and by b
    assert found == {
        (1, 1, 0, 1, 0, 0, 0): 0.25, (0, 1, 1, 0, 1, 0, 1): 0.25, (1, 1, 1, 1, 1, 0, 0): 0.25, (1, 0, 1, 0, 1, 0, 0): 0.25,
    }  # fmt: skip
    expected = [f1_score(labels, b) - f1_score(labels, a) for _, labels, a, b in (first, second)]
    assert differences(cells, cells.shares) == pytest.approx(np.mean(expected))


@pytest.mark.parametrize("cells", [LARGE, several_seeds()], ids=["one seed", "three seeds"])
def test_contributions_are_the_slopes_of_the_difference(cells):
    step = 1e-6
    moved = (1 - step) * cells.shares + step * np.eye(len(cells.shares))
    slopes = (differences(cells, moved) - differences(cells, cells.shares)) / step
    assert contributions(cells, cells.shares) == pytest.approx(slopes, abs=1e-4)


@pytest.mark.parametrize("difference", [-0.05, 0.0, 0.02, 0.142, 0.25])
def test_another_difference_keeps_labels_and_agreement_nearly_as_they_were(difference):
    shares = shares_with(LARGE, difference)
    assert differences(LARGE, shares) == pytest.approx(difference, abs=1e-9)
    assert shares.sum() == pytest.approx(1)
    assert shares @ LARGE.labels == pytest.approx(0.28, abs=0.03)
    agreed = (LARGE.a == LARGE.b)[0]
    assert shares @ agreed == pytest.approx(LARGE.shares @ agreed, abs=0.05)


def test_no_weighing_makes_equal_models_differ():
    same = count_cells([(np.arange(4), np.array([0, 1, 1, 0]), np.array([1, 1, 0, 0]), np.array([1, 1, 0, 0]))])
    assert shares_with(same, 0.1) is None
    assert comments_needed(same, 0.1, 0.05, 10**6, 0) == comments_needed(same, 0.0, 0.05, 10**6, 0) == np.inf


def test_half_the_difference_takes_about_four_times_the_comments():
    whole, half = (comments_needed(LARGE, size, 0.05, 10**6, 0) for size in (0.08, 0.04))
    assert half / whole == pytest.approx(4, rel=0.15)
    assert comments_needed(LARGE, 0.04, 0.05, half - 500, 0) == np.inf


def asked(pairs: list[list[Pair]], ends: list[tuple[float, float]]) -> pd.DataFrame:
    """Return what `compare` knows of these pairs when it asks how many comments they need, and the answer.

    `ends` are those of the intervals, as multiples of the differences.
    """
    observed, permuted = together(pairs, 400, 2000)
    table = pd.DataFrame({"difference": observed}, index=range(7, 7 + len(pairs)))
    table = table.assign(p_adjusted=step_down(observed, permuted), comments=len(pairs[0][0].rows))
    table[["difference_low", "difference_high"]] = np.sort(np.array(ends) * table[["difference"]].to_numpy())
    levels = np.where(table["p_adjusted"] <= LEVEL, np.nan, step_down_levels(observed, permuted, LEVEL))
    return table.join(needed_to_decide(pairs, table, levels.tolist(), [1.0] * len(pairs), 0))


def together(pairs: list[list[Pair]], comments: int, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the differences of all pairs, and what they are under the same permutations."""
    tosses = swaps(comments, draws, 0)
    observed, permuted = zip(*(permuted_differences(pair, tosses) for pair in pairs), strict=True)
    return np.array(observed), np.stack(permuted)


def test_an_undecided_pair_says_what_it_needs_and_a_decided_one_nothing():
    generator = np.random.default_rng(3)
    clear, close = known(0.3, (0.3, 0.8), (0.2, 0.1), 0.0), known(0.3, (0.55, 0.62), (0.16, 0.16), 0.5)
    even = corpus(known(0.3, (0.6, 0.6), (0.1, 0.1), 1.0), 400, generator)
    pairs = [corpus(cells, 400, generator) for cells in (clear, close, close)] + [even]
    table = asked(pairs, [(0.5, 1.5), (-0.7, 2.7), (0.4, 1.6), (0, 0)])
    assert table["p_adjusted"].iloc[0] <= LEVEL < table["p_adjusted"].iloc[1:].min()
    assert table.loc[7, ["needed", "needed_low", "needed_high"]].isna().all()
    assert 0 < table.loc[8, "needed_low"] < table.loc[8, "needed"] and pd.isna(table.loc[8, "needed_high"])
    assert 0 < table.loc[9, "needed_low"] < table.loc[9, "needed"] < table.loc[9, "needed_high"] <= 400 * FARTHEST
    assert table.loc[10, ["needed", "needed_low", "needed_high"]].isna().all()
    assert str(table["needed"].dtype) == "Int64"


def test_a_pair_among_others_is_decided_in_four_of_five_corpora_too():
    # Four models, and so six tests by the step-down maximum; what is resampled is what was seen.
    generator, comments = np.random.default_rng(8), 400
    labels = (generator.random(comments) < 0.35).astype(int)
    common = generator.random(comments)
    models = [
        np.where(
            np.where(generator.random(comments) < 0.6, common, generator.random(comments)) < skill, labels, 1 - labels
        )
        for skill in (0.66, 0.7, 0.74, 0.82)
    ]

    def pairs(rows: np.ndarray) -> list[list[Pair]]:
        places = np.arange(len(rows))
        return [[Pair(places, labels[rows], a[rows], b[rows])] for n, a in enumerate(models) for b in models[n + 1 :]]

    table = asked(pairs(np.arange(comments)), [(0.0, 2.0)] * 6)
    hardest = table["needed"].where(table["needed"] < 2000).idxmax()
    needed, place = int(table.loc[hardest, "needed"]), table.index.get_loc(hardest)
    assert needed > comments
    decided = []
    for _ in range(200):
        drawn = together(pairs(generator.integers(0, comments, needed)), needed, 2400)
        decided.append(step_down(*drawn)[place] <= LEVEL)
    assert np.mean(decided) == pytest.approx(0.8, abs=0.08)
