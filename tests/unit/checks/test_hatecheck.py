from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from foxhound.checks.hatecheck import read_cases, score_cases
from foxhound.errors import FoxhoundError
from foxhound.files import sha256
from foxhound.tables import read_table, write_table
from scipy.stats import binomtest, t

CASES = Path(__file__).parents[4] / "shared" / "data" / "hatecheck-test-suite-cases.csv"
HEADER = ",functionality,case_id,test_case,label_gold,target_ident,templ_id,ref_templ_id\n"


def made_up(functions: int = 2, templates: int = 6) -> pd.DataFrame:
    """Return cases of which even functions are hateful; each family is filled in for two groups."""
    rows = [
        {
            "function": f"f{function}",
            "text": "x",
            "label": (function + 1) % 2,
            "target": group,
            "family": f"{function}-{number}",
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
    table = score_cases(cases, {"m": decisions})
    by = table.set_index(["kind", "name", "label"])["accuracy"]
    assert table.iloc[0][["kind", "accuracy", "n", "families"]].tolist() == ["all", 18 / 24, 24, 12]
    assert by["function", "f0", 1] == pytest.approx(8 / 12) and by["function", "f1", 0] == pytest.approx(10 / 12)
    assert by["target", "a", 1] == pytest.approx(4 / 6) and by["target", "b", 0] == pytest.approx(4 / 6)
    assert by["gap", "b minus a", 0] == pytest.approx(2 / 6)
    assert (table["low"] <= table["accuracy"]).all() and (table["accuracy"] <= table["high"]).all()
    write_table(table, tmp_path / "t.parquet", "hatecheck", {})
    assert len(read_table(tmp_path / "t.parquet", "hatecheck")) == len(table)


def test_intervals_are_over_families():
    """Expect the same interval from seven times the groups: copies of a sentence are no new evidence."""
    cases = made_up(1, 100)
    decisions = np.repeat(np.arange(100) % 2 == 0, 2)
    more = pd.concat([cases.assign(target=group) for group in "cdefghi"], ignore_index=True)
    many, few = (
        score_cases(frame, {"m": np.tile(decisions, times)}).iloc[0][["low", "high"]].tolist()
        for frame, times in ((more, 7), (cases, 1))
    )
    assert many == pytest.approx(few)
    # a hundred coins, whose variance is estimated with 99 degrees of freedom
    assert few == pytest.approx(binomtest(50, 100).proportion_ci(method="wilson"), abs=0.003)


def test_the_gap_is_that_of_paired_families():
    """Families that wrong both groups alike say nothing about the gap between them."""
    cases = made_up(2, 40)
    wrong = np.zeros(len(cases), bool)
    wrong[80:120] = True  # twenty families of what is not hateful, for both groups alike
    wrong[120:130:2] = True  # five, for the first group alone
    decisions = np.where(wrong, cases["label"] == 0, cases["label"] == 1)
    gap = score_cases(cases, {"m": decisions}).set_index("kind").loc["gap"]
    apart = np.r_[np.zeros(20), np.ones(5), np.zeros(15)]  # of each family, the first group's errors minus the other's
    expected = apart.mean() + t.ppf([0.025, 0.975], 39) * apart.std(ddof=1) / np.sqrt(40)
    assert gap["name"] == "a minus b" and gap["accuracy"] == apart.mean()
    assert [gap["low"], gap["high"]] == pytest.approx(expected)


def test_groups_are_compared_on_what_all_are_tested_on():
    """Count no bias against a group where it fails on a test that no other group has."""
    cases = pd.concat([made_up(), made_up().assign(function="slurs", target="a", label=0)], ignore_index=True)
    decisions = np.where(cases["function"] == "slurs", True, cases["label"] == 1)
    table = score_cases(cases, {"m": decisions}).set_index(["kind", "name", "label"])
    assert table.loc[("target", "a", 0), "accuracy"] < 0.3
    assert table.loc["gap", "accuracy"].tolist() == [0.0] and table.loc["gap", "n"].tolist() == [12]


def test_where_all_cases_agree_the_interval_is_wilsons_of_as_many_cases_as_families():
    table = score_cases(made_up(1, 10), {"m": np.ones(20, bool)}).iloc[0]
    assert table["accuracy"] == table["high"] == 1
    # Wilson 1927 for n of n is n / (n + z^2); with Student's t for z
    assert table["low"] == pytest.approx(10 / (10 + t.ppf(0.975, 9) ** 2))


def test_one_target_has_no_gap():
    cases = made_up().assign(target="a")
    assert "gap" not in set(score_cases(cases, {"m": np.ones(len(cases), bool)})["kind"])


def test_reading(tmp_path):
    (tmp_path / "c.csv").write_text(HEADER + '0,f_h,1,"I, too",hateful,women,1,\n1,g_nh,2,fine,non-hateful,,,\n')
    cases = read_cases(tmp_path / "c.csv")
    assert cases.to_dict("records") == [
        {"function": "f_h", "text": "I, too", "label": 1, "target": "women", "family": "1"},
        {"function": "g_nh", "text": "fine", "label": 0, "target": "", "family": "case 2"},
    ]
    digest = sha256(tmp_path / "c.csv")
    assert read_cases(tmp_path / "c.csv", digest).equals(cases)
    (tmp_path / "c.csv").write_text((tmp_path / "c.csv").read_text().replace("fine", "fire"))
    with pytest.raises(FoxhoundError, match=r"c\.csv: damaged \(it does not fit its checksum\)\. Delete it \(rm "):
        read_cases(tmp_path / "c.csv", digest)
    (tmp_path / "c.csv").write_text(HEADER + "0,f_h,1,x,maybe,women,1,\n")
    with pytest.raises(FoxhoundError, match="'maybe' is neither of hateful, non-hateful"):
        read_cases(tmp_path / "c.csv")
    (tmp_path / "c.csv").write_text("a,b\n1,2\n")
    with pytest.raises(FoxhoundError, match="no column 'functionality'"):
        read_cases(tmp_path / "c.csv")


def test_variants_of_variants_are_one_family(tmp_path):
    rows = ["1,f_h,1,x,hateful,women,7,", "2,g_nh,2,not x,non-hateful,women,8,7", "3,h_h,3,n0t x,hateful,women,9,8"]
    loop = ["4,h_h,4,y,hateful,women,5,6", "5,h_h,5,z,hateful,women,6,5"]  # as no edition has it
    (tmp_path / "c.csv").write_text(HEADER + "\n".join([*rows, *loop]) + "\n")
    assert read_cases(tmp_path / "c.csv")["family"].tolist()[:3] == ["7", "7", "7"]


@pytest.mark.skipif(not CASES.is_file(), reason="HateCheck is not beside this checkout (../shared/data)")
def test_the_real_cases():
    cases = read_cases(CASES)
    assert len(cases) == 3728 and cases["function"].nunique() == 29
    assert cases.groupby("function")["label"].nunique().max() == 1  # a function's cases are all hateful or all not
    assert cases["family"].nunique() < 300  # of 845 templates
    always = score_cases(cases, {"always": np.ones(len(cases), bool)})
    by = always.set_index(["kind", "name", "label"])["accuracy"]
    assert always["accuracy"].iloc[0] == pytest.approx(
        2563 / 3728
    )  # 2,563 hateful cases: Röttger et al. 2021, section 3
    assert by["function", "slur_h", 1] == 1 and by["function", "slur_homonym_nh", 0] == 0
    assert len(always[always["kind"] == "target"]) == 14
