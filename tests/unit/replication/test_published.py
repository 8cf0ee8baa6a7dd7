import json
from pathlib import Path

import pytest
from foxhound.errors import FoxhoundError
from foxhound.evaluation.proportions import Confusion
from foxhound.replication.published import (
    FIGURES,
    load_published,
    other_published,
    published_table,
    rounded_claim,
    rounding_error,
    tables_reproducing,
)
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

PATH = Path(__file__).parents[3] / "resources" / "published-results.json"
PUBLISHED = load_published(PATH)
CHECKED = published_table(PUBLISHED)
LUCKY = "distilbert-100-50-lucky"


def test_there_are_twenty_rows():
    assert len(CHECKED) == 20


@pytest.mark.parametrize("row", CHECKED.to_dict("records"), ids=lambda row: row["id"])
def test_confusion_tables_give_back_the_printed_figures(row):
    for name in FIGURES:
        assert row[f"{name}_recomputed"] == pytest.approx(row[name], abs=1e-12, rel=0)
        assert row[f"{name}_low"] < row[name] < row[f"{name}_high"] or row[name] in (0, 1)


def test_only_the_row_of_fifty_samples_is_impossible():
    assert CHECKED.loc[CHECKED["impossible_as_printed"], "id"].tolist() == [LUCKY]


def test_fifty_samples_cannot_give_the_printed_figures_nor_can_any_number_below_95():
    figures = next(row for row in PUBLISHED["results"] if row["id"] == LUCKY)
    assert tables_reproducing(figures, 50, 50) == []
    assert tables_reproducing(figures, 94) == []
    assert Confusion(58, 9, 0, 33) in tables_reproducing(figures, 100, 100)


def test_rows_of_the_claimed_size_fit_their_claim():
    same = CHECKED[~CHECKED["n_differs"]]
    assert same["n"].tolist() == [100, 100, 50]
    assert same["fits_claim"].all()
    assert not CHECKED.loc[CHECKED["id"] == LUCKY, "fits_claim"].item()


def test_the_search_agrees_with_trying_every_table():
    figures = {"accuracy": 0.6, "precision": 0.67, "recall": 0.8, "f1": 0.727}
    tried = []
    for tp in range(1, 13):
        for fp in range(13 - tp):
            for fn in range(13 - tp - fp):
                for tn in range(13 - tp - fp - fn):
                    y = [1] * tp + [0] * fp + [1] * fn + [0] * tn
                    p = [1] * (tp + fp) + [0] * (fn + tn)
                    scores = (s(y, p) for s in (accuracy_score, precision_score, recall_score, f1_score))
                    near = zip(scores, figures.values(), (0.05, 0.005, 0.05, 0.0005), strict=True)
                    if all(abs(score - printed) <= slack + 1e-9 for score, printed, slack in near):
                        tried.append(Confusion(tp, fp, fn, tn))
    assert tried
    assert sorted(tables_reproducing(figures, 12)) == sorted(tried)


@given(st.tuples(st.integers(1, 12), *[st.integers(0, 12)] * 3))
def test_the_search_finds_the_table_that_was_printed(counts):
    tp, fp, fn, tn = counts
    exact = {"accuracy": (tp + tn) / sum(counts), "precision": tp / (tp + fp), "recall": tp / (tp + fn)}
    figures = exact | {"f1": 2 * tp / (2 * tp + fp + fn)}
    for digits in (2, 3, 16):
        printed = {name: round(value, digits) for name, value in figures.items()}
        assert Confusion(*counts) in tables_reproducing(printed, sum(counts), sum(counts))


def test_rounding_error_is_half_of_the_last_digit():
    assert rounding_error(0.91) == pytest.approx(0.005)
    assert rounding_error(0.8656716417910447) == 1e-12


def test_a_claim_in_tens_may_be_rounded():
    assert rounded_claim(170) == 174
    assert rounded_claim(1528) == 1528


def test_other_papers_get_intervals_where_the_test_size_is_known():
    bert, lstm = other_published(PUBLISHED)
    assert bert["f1_low"] < bert["f1"] < bert["f1_high"]
    assert lstm["protocol"] == bert["protocol"]
    # Half-width of an F1 on 303 comments: about .1.
    assert lstm["f1_high"] - lstm["f1_low"] == pytest.approx(0.18, abs=0.03)


@pytest.mark.parametrize("text", ["{", "[]", '{"results": [{"id": "x"}]}'])
def test_a_damaged_file_says_how_to_restore_it(tmp_path, text):
    path = tmp_path / "published.json"
    path.write_text(text)
    with pytest.raises(FoxhoundError, match="git checkout"):
        load_published(path)


def test_the_file_is_the_one_we_were_given():
    assert {row["n_claimed"] for row in json.loads(PATH.read_text())["results"]} == {
        1528,
        170,
        50,
        100,
        470,
        720,
    }
