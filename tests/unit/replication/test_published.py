import json
from pathlib import Path

import pytest
from foxhound.errors import FoxhoundError
from foxhound.evaluation.proportions import Confusion
from foxhound.replication.printed_digits import FIGURES
from foxhound.replication.printed_tables import WAYS, tables_printed_as
from foxhound.replication.published import accusation, check_row, load_published, other_published, published_table

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
    assert tables_printed_as(figures, 94) == []
    assert tables_printed_as(figures, 100, 100) == [Confusion(58, 9, 0, 33)]
    row = check_row(figures)
    assert (row["most_n"], row["smallest_n"], row["meaning"]) == (75, 95, "none")
    assert accusation(row) == (
        "no confusion table of up to 75 comments (50 claimed) gives the printed figures; it takes 95 or more "
        f"(tried: {WAYS})"
    )


def test_fewer_digits_of_the_row_of_fifty_would_not_be_enough_to_accuse_it():
    """With three digits 26 / 30 and 52 / 56, cut, would be its precision and F1, and 41 of 45 its accuracy."""
    figures = next(row for row in PUBLISHED["results"] if row["id"] == LUCKY)
    short = [check_row(figures | {name: round(figures[name], digits) for name in FIGURES}) for digits in (3, 4)]
    assert [row["impossible_as_printed"] for row in short] == [False, True]


def test_a_row_of_averages_says_so():
    # Of tp, fp, fn, tn = 8, 7, 5, 20, by scikit-learn.
    macro = {"accuracy": 0.7, "precision": 0.66667, "recall": 0.67806, "f1": 0.67033}
    row = check_row({"id": "x", "n_claimed": 40, "n": 40, "tp": 8, "fp": 7, "fn": 5, "tn": 20} | macro)
    assert (row["meaning"], row["impossible_as_printed"]) == ("macro average", False)


def test_rows_of_the_claimed_size():
    assert CHECKED.loc[~CHECKED["n_differs"], "n"].tolist() == [100, 100, 50]
    assert set(CHECKED.loc[CHECKED["id"] != LUCKY, "meaning"]) == {"hateful class"}


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
