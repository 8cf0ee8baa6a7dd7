from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from foxhound.checks.hatecheck import read_cases, score_cases
from foxhound.errors import FoxhoundError
from foxhound.tables import read_table, write_table

CASES = Path(__file__).parents[4] / "shared" / "data" / "hatecheck-test-suite-cases.csv"
HEADER = ",functionality,case_id,test_case,label_gold,target_ident,templ_id\n"


def made_up(functions: int = 2, templates: int = 6) -> pd.DataFrame:
    """Return cases of which even functions are hateful; each template is filled in for two groups."""
    rows = [
        {
            "function": f"f{function}",
            "text": "x",
            "label": (function + 1) % 2,
            "target": group,
            "template": f"{function}-{number}",
        }
        for function in range(functions)
        for number in range(templates)
        for group in ("a", "b")
    ]
    return pd.DataFrame(rows)


def test_accuracies_counted_by_hand(tmp_path):
    cases = made_up()
    # Of 12 hateful cases those of the first four templates are found; of 12 others, two about group b are called hateful.
    decisions = np.r_[np.ones(8, bool), np.zeros(4, bool), np.array([0, 1, 0, 1] + [0] * 8, bool)]
    table = score_cases(cases, {"m": decisions}, 500, 0)
    by = table.set_index(["kind", "name", "label"])["accuracy"]
    assert table.iloc[0][["kind", "accuracy", "n", "templates"]].tolist() == ["all", 18 / 24, 24, 12]
    assert by["function", "f0", 1] == pytest.approx(8 / 12) and by["function", "f1", 0] == pytest.approx(10 / 12)
    assert by["target", "a", 1] == pytest.approx(4 / 6) and by["target", "b", 0] == pytest.approx(4 / 6)
    assert by["gap", "b minus a", 0] == pytest.approx(2 / 6)
    assert (table["low"] <= table["accuracy"]).all() and (table["accuracy"] <= table["high"]).all()
    write_table(table, tmp_path / "t.parquet", "hatecheck", {})
    assert len(read_table(tmp_path / "t.parquet", "hatecheck")) == len(table)


def test_intervals_are_over_templates():
    """Expect the same width from seven times the groups: copies of a template are no new evidence."""
    cases = made_up(1, 100)
    decisions = np.repeat(np.arange(100) % 2 == 0, 2)
    more = pd.concat([cases.assign(target=group) for group in "cdefghi"], ignore_index=True)
    narrow, wide = (
        score_cases(frame, {"m": np.tile(decisions, times)}, 2000, 0).iloc[0]
        for frame, times in ((more, 7), (cases, 1))
    )
    assert narrow["high"] - narrow["low"] == pytest.approx(wide["high"] - wide["low"], abs=0.02)
    # a hundred coins: 1.96 * sqrt(.25 / 100)
    assert wide["high"] - wide["low"] == pytest.approx(2 * 0.098, abs=0.02)


def test_groups_are_compared_on_what_all_are_tested_on():
    """Count no bias against a group where it fails on a test that no other group has."""
    cases = pd.concat([made_up(), made_up().assign(function="slurs", target="a", label=0)], ignore_index=True)
    decisions = np.where(cases["function"] == "slurs", True, cases["label"] == 1)
    table = score_cases(cases, {"m": decisions}, 100, 0).set_index(["kind", "name", "label"])
    assert table.loc[("target", "a", 0), "accuracy"] < 0.3
    assert table.loc["gap", "accuracy"].tolist() == [0.0] and table.loc["gap", "n"].tolist() == [12]


def test_where_all_cases_agree_the_interval_is_wilsons():
    table = score_cases(made_up(1, 10), {"m": np.ones(20, bool)}, 100, 0).iloc[0]
    assert table["accuracy"] == table["high"] == 1
    # Wilson 1927 for 10 of 10: n / (n + z^2)
    assert table["low"] == pytest.approx(10 / (10 + 1.96**2), abs=1e-3)


def test_one_target_has_no_gap():
    cases = made_up().assign(target="a")
    assert "gap" not in set(score_cases(cases, {"m": np.ones(len(cases), bool)}, 100, 0)["kind"])


def test_reading(tmp_path):
    (tmp_path / "c.csv").write_text(HEADER + '0,f_h,1,"I, too",hateful,women,1\n1,g_nh,2,fine,non-hateful,,\n')
    cases = read_cases(tmp_path / "c.csv")
    assert cases.to_dict("records") == [
        {"function": "f_h", "text": "I, too", "label": 1, "target": "women", "template": "1"},
        {"function": "g_nh", "text": "fine", "label": 0, "target": "", "template": "case 2"},
    ]
    (tmp_path / "c.csv").write_text(HEADER + "0,f_h,1,x,maybe,women,1\n")
    with pytest.raises(FoxhoundError, match="'maybe' is neither of hateful, non-hateful"):
        read_cases(tmp_path / "c.csv")
    (tmp_path / "c.csv").write_text("a,b\n1,2\n")
    with pytest.raises(FoxhoundError, match="no column 'functionality'"):
        read_cases(tmp_path / "c.csv")


@pytest.mark.skipif(not CASES.is_file(), reason="HateCheck is not beside this checkout (../shared/data)")
def test_the_real_cases():
    cases = read_cases(CASES)
    assert len(cases) == 3728 and cases["function"].nunique() == 29
    assert cases.groupby("function")["label"].nunique().max() == 1  # a function's cases are all hateful or all not
    always = score_cases(cases, {"always": np.ones(len(cases), bool)}, 100, 0)
    by = always.set_index(["kind", "name", "label"])["accuracy"]
    assert always["accuracy"].iloc[0] == pytest.approx(
        2563 / 3728
    )  # 2,563 hateful cases: Röttger et al. 2021, section 3
    assert by["function", "slur_h", 1] == 1 and by["function", "slur_homonym_nh", 0] == 0
    assert len(always[always["kind"] == "target"]) == 14
