from collections.abc import Iterator
from itertools import islice, product

import numpy as np
import pytest
from foxhound.evaluation.proportions import Confusion
from foxhound.replication.printed_digits import FIGURES, most_comments
from foxhound.replication.printed_tables import Reading, fewest_comments, tables_printed_as
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

ROWS = 10_000
DIGITS = np.random.default_rng(18).integers(2, 5, ROWS)


def simulate(rows: int, largest: int) -> np.ndarray:
    """Draw confusion tables of 20 to `largest` comments: tp, fp, fn, tn, shape (4, rows)."""
    random = np.random.default_rng([rows, largest])
    comments = random.integers(20, largest + 1, rows)
    hateful = 1 + random.binomial(comments - 2, random.uniform(0.05, 0.7, rows))
    tp, fp = random.binomial(hateful, random.uniform(size=rows)), random.binomial(comments - hateful, 0.3)
    return np.stack([tp, fp, hateful - tp, comments - hateful - fp])


def share(hits: np.ndarray, all_: np.ndarray, undefined: float) -> np.ndarray:
    return np.divide(hits, all_, out=np.full_like(hits, undefined), where=all_ > 0)


def figures_of(
    tables: np.ndarray, average: str = "binary", undefined: float = 0.0, kind: type = np.float64
) -> np.ndarray:
    """Return FIGURES of tables, computed in the given floating point, shape (4, tables)."""
    tp, fp, fn, tn = tables.astype(kind)
    accuracy = (tp + tn) / (tp + fp + fn + tn)
    if average == "micro":
        return np.stack([accuracy] * 4)
    first, second = (
        np.stack([share(hits, hits + wrong, undefined), share(hits, hits + missed, undefined),
                  share(2 * hits, 2 * hits + wrong + missed, undefined)])
        for hits, wrong, missed in ((tp, fp, fn), (tn, fn, fp))
    )  # fmt: skip
    if average == "binary":
        return np.stack([accuracy, *first])
    weight = {"macro": kind(0.5), "weighted": (tp + fn) / (tp + fp + fn + tn)}[average]
    return np.stack([accuracy, *(weight * first + (1 - weight) * second)])


def rounded(values: np.ndarray, digits: np.ndarray = DIGITS) -> np.ndarray:
    """Round half to even, as Python does: what is exactly half in decimal seldom is so in binary."""
    return np.array(
        [[round(float(value), int(places)) for value, places in zip(row, digits, strict=False)] for row in values]
    )


def cut(values: np.ndarray, digits: np.ndarray = DIGITS) -> np.ndarray:
    return np.trunc(values * 10.0**digits + 1e-9) / 10.0**digits


def harmonic(precision: np.ndarray, recall: np.ndarray) -> np.ndarray:
    return share(2 * precision * recall, precision + recall, 0.0)


def accused(printed: np.ndarray, claimed: np.ndarray) -> Iterator[int]:
    """Yield which rows no confusion table gives."""
    for place, (row, comments) in enumerate(zip(printed.T.tolist(), claimed.tolist(), strict=True)):
        if fewest_comments(dict(zip(FIGURES, row, strict=True)), most_comments(comments)) is None:
            yield place


def some_accused(printed: np.ndarray, claimed: np.ndarray) -> list[int]:
    """Return the first rows that no confusion table gives, five at most."""
    return list(islice(accused(printed, claimed), 5))


TABLES = simulate(ROWS, 100)
COMMENTS = TABLES.sum(axis=0)
TRUE = figures_of(TABLES)
SILENT = np.stack([0 * COMMENTS, 0 * COMMENTS, TABLES[0] + TABLES[2], TABLES[1] + TABLES[3]])
HALF_UP = np.floor(TRUE * 10.0**DIGITS + 0.5) / 10.0**DIGITS
OF_ROUNDED = np.stack([*rounded(TRUE)[:3], rounded(harmonic(*rounded(TRUE)[1:3])[None])[0]])
OF_CUT = np.stack([*cut(TRUE)[:3], cut(harmonic(*cut(TRUE)[1:3]))])
IN_FLOAT32 = figures_of(TABLES, kind=np.float32)
MIXED = np.arange(ROWS) % 2 == 0


@pytest.mark.parametrize(
    ("printed", "claimed"),
    [
        pytest.param(np.where(MIXED, rounded(TRUE), HALF_UP), COMMENTS, id="rounded, half to even or half up"),
        pytest.param(cut(TRUE), COMMENTS, id="cut"),
        pytest.param(np.where(MIXED, IN_FLOAT32.astype(np.float64), rounded(TRUE).astype(np.float32)), COMMENTS,
                     id="float32 as float64, before or after rounding"),
        pytest.param(np.vectorize(lambda value: float(str(value)))(IN_FLOAT32), COMMENTS, id="digits of float32"),
        pytest.param(np.where(MIXED, OF_ROUNDED, OF_CUT), COMMENTS, id="F1 of the printed precision and recall"),
        pytest.param(rounded(TRUE), np.where(MIXED, np.maximum(COMMENTS.round(-1), 1), COMMENTS // 10 * 10),
                     id="a round number of comments"),
        pytest.param(np.where(MIXED, figures_of(SILENT), np.where(COMMENTS % 3, figures_of(SILENT, undefined=np.nan),
                                                                  figures_of(SILENT, undefined=1.0))),
                     COMMENTS, id="nothing called hateful"),
    ],
)  # fmt: skip
def test_no_true_row_is_accused_however_it_is_printed(printed, claimed):
    assert some_accused(printed, claimed) == []


@pytest.mark.parametrize("average", ["micro", "macro", "weighted"])
def test_no_average_is_accused(average):
    tables = simulate(600, 80)
    tables[:, :60] = SILENT[:, :60]
    exact, digits = figures_of(tables, average), DIGITS[:600]
    ways = [rounded(exact, digits), cut(exact, digits), figures_of(tables, average, kind=np.float32).astype(float)]
    assert [some_accused(printed, tables.sum(axis=0)) for printed in ways] == [[], [], []]


def test_per_cent_and_figures_that_were_not_printed_are_no_reason():
    tables = simulate(500, 300)
    percent = 100 * rounded(figures_of(tables), np.full(500, 3))  # 56.99999999999999 among them
    assert some_accused(percent, tables.sum(axis=0)) == []
    two_thirds_and_four_sevenths = {"accuracy": None, "precision": 2 / 3, "recall": None, "f1": 4 / 7}
    assert fewest_comments(two_thirds_and_four_sevenths, 10) == Reading("hateful class", 5)


def test_the_simulated_figures_are_those_of_scikit_learn():
    for table in simulate(20, 60).T:
        labels, called = np.repeat([1, 0, 1, 0], table), np.repeat([1, 1, 0, 0], table)
        for average in ("binary", "micro", "macro", "weighted"):
            expected = precision_recall_fscore_support(labels, called, average=average, zero_division=0.0)[:3]
            assert figures_of(table[:, None], average)[1:, 0] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("digits", "share_of_figures", "share_of_n"), [(2, 0.7, 0.1), (3, 0.85, 0.6), (4, 0.97, 0.75), (16, 0.99, 0.8)]
)
def test_most_wrong_rows_are_caught(digits, share_of_figures, share_of_n):
    """Power: accusing nobody would fail here. The more digits are printed, the more is caught."""
    tables = simulate(200, 200)
    comments, true = tables.sum(axis=0), rounded(figures_of(tables), np.full(200, digits))
    wrong = true.copy()
    wrong[np.arange(200) % 3 + 1, np.arange(200)] = np.random.default_rng(digits).uniform(size=200).round(digits)
    assert len(list(accused(wrong, comments))) >= share_of_figures * 200
    assert len(list(accused(true, comments // 2))) >= share_of_n * 200


@pytest.mark.parametrize("excess", [0.02, 0.1])
def test_an_f1_above_precision_and_recall_is_impossible(excess):
    tables = simulate(300, 200)
    printed = rounded(figures_of(tables), np.full(300, 3))
    printed[3] = (np.maximum(printed[1], printed[2]) + excess).round(3)
    # Of .0 and .1 the next digit may be missing, for JSON keeps no zeros at the end.
    clear = (printed[3] < 1) & (printed[1:] * 100 % 1 > 1e-6).all(axis=0)
    assert clear.sum() > 150
    assert len(list(accused(printed[:, clear], tables.sum(axis=0)[clear]))) == clear.sum()


SMALL = np.array([table for table in product(range(10), repeat=4) if 0 < sum(table) < 10]).T
BOTH_CLASSES = (SMALL[0] + SMALL[2] > 0) & (SMALL[1] + SMALL[3] > 0)
SMALL_FIGURES = {
    "binary": figures_of(SMALL, undefined=np.nan),
    "micro": figures_of(SMALL, "micro"),
    **{average: np.where(BOTH_CLASSES, figures_of(SMALL, average), 2) for average in ("macro", "weighted")},
}


@given(st.integers(0, 10**6), st.integers(1, 3), st.tuples(*[st.floats(0, 1)] * 4), st.sets(st.integers(0, 3)))
def test_the_searches_find_what_trying_every_table_finds(pick, digits, values, changed):
    """Round a table's figures, change some, and look for all tables of up to 9 comments that give the rest."""
    average = list(SMALL_FIGURES)[pick % 4]
    printed = np.nan_to_num(SMALL_FIGURES[average][:, pick % SMALL.shape[1]]).clip(0, 1).round(digits)
    printed[list(changed)] = np.round([values[place] for place in sorted(changed)], digits)
    figures = dict(zip(FIGURES, printed.tolist(), strict=True))
    unit = 10.0 ** -np.array([len(repr(value).partition(".")[2]) for value in printed.tolist()])
    low, high, undefined = printed - unit / 2 - 1e-6, printed + unit + 1e-6, np.isin(printed, (0, 1))
    # Of 0 and 0 there is none, for which 0 may have been printed.
    of_printed = harmonic(printed[1], printed[2]) if printed[1:3].any() else printed[3] and np.inf
    if low[3] <= of_printed <= high[3]:
        low[3], high[3], undefined[3] = 0, 1, True
    fits = {
        name: (((low[:, None] <= exact) & (exact <= high[:, None])) | (np.isnan(exact) & undefined[:, None])).all(
            axis=0
        )
        for name, exact in SMALL_FIGURES.items()
    }
    found = tables_printed_as(figures, 9)
    assert sorted(found) == sorted(Confusion(*table) for table in SMALL[:, fits["binary"]].T.tolist())
    reading = fewest_comments(figures, 9)
    if found:
        assert reading == Reading("hateful class", min(sum(table) for table in found))
    # Averages that leave a class out, or count it as 1, where its precision is undefined are found beside these.
    for name in ("micro", "macro", "weighted"):
        if fits[name].any():
            assert reading is not None
            if reading.meaning == f"{name} average":
                assert reading.comments <= SMALL[:, fits[name]].sum(axis=0).min()


def test_few_digits_and_many_comments_are_not_searched_for_ever():
    """What takes too long, of 100,000 comments, is not accused; what no average can be is."""
    figures = {"accuracy": 0.715, "precision": 0.534, "recall": 0.425, "f1": 0.452}
    assert fewest_comments(figures, 1500) is None
    assert fewest_comments(figures, 100_000) == Reading("perhaps macro average", None)
    assert fewest_comments(figures | {"f1": 0.492}, 100_000) is None
