import pandas as pd
import pytest
from foxhound.replication.claim_tests import FAILS, HOLDS, IMPOSSIBLE, NOT_RUN, UNDECIDED
from foxhound.replication.published import published_table
from foxhound.report.claim_sections import count_verdicts, evidence_sections, measured, verdict_sections
from foxhound.tables import write_table
from made_up_report import PUBLISHED, tables

NUMBERS = {"estimate": 0.0541, "low": 0.012, "high": 0.101, "p": 0.01, "p_adjusted": 0.031, "n": 1528}
CLAIM = {"id": "x", "claim": "It | wins.", "why": "Be<cause.", "published": "bert-700-2", "verdict": FAILS, "kind": "k"}
CLAIMS = pd.DataFrame(
    [
        CLAIM | NUMBERS | {"tested": "F1 of a minus b", "test_verdict": HOLDS},
        CLAIM | NUMBERS | {"tested": "F1 of c|d minus b", "test_verdict": FAILS, "p_adjusted": None, "why": "Likewise."},
        {**dict.fromkeys(NUMBERS), "n": 0, "id": "y", "claim": "Later.", "published": "", "kind": "k",
         "verdict": NOT_RUN, "tested": "a against z", "test_verdict": NOT_RUN},
    ]
)  # fmt: skip


def test_every_claim_has_a_row_with_its_published_figure_and_all_its_tests(tmp_path):
    write_table(CLAIMS, tmp_path / "claims.parquet", "claims", {})
    sections = verdict_sections(CLAIMS, published_table(PUBLISHED))
    (first,) = tables("\n\n".join(sections))[0][1:]
    assert first[0] == "It | wins." and first[1].startswith(".767 [") and first[3] == "fails"
    assert first[2] == ".054 [.012, .101], p .031; .054 [.012, .101]"
    assert any(part.startswith("Not run, as this experiment lacks their models: ") for part in sections)


def test_the_evidence_shows_every_test_and_why_a_claim_is_tested_so():
    sections = evidence_sections(CLAIMS)
    rows = tables("\n\n".join(sections))[0][1:]
    assert [row[1] for row in rows] == ["F1 of a minus b", "F1 of c|d minus b"]
    assert [row[3:] for row in rows] == [["1528", "holds"], ["1528", "fails"]]
    assert sections[-2:] == ["**x**: Be&#60;cause.", "**x**: Likewise."]


def test_a_test_that_did_not_run_has_no_why():
    assert evidence_sections(CLAIMS.assign(test_verdict=NOT_RUN))[2:] == []


def test_an_estimate_without_an_interval_is_a_plain_number():
    assert measured(CLAIMS.iloc[0].where(lambda row: row.index != "low")) == "0.0541"


@pytest.mark.parametrize(
    ("verdicts", "sentence"),
    [
        ([HOLDS], "Of 1 claim, 1 holds."),
        ([NOT_RUN, FAILS], "Of 2 claims, 1 fails, 1 was not run."),
        (
            [HOLDS] * 7 + [FAILS] * 4 + [UNDECIDED] * 13 + [IMPOSSIBLE],
            "Of 25 claims, 7 hold, 4 fail, 13 are undecided, 1 is impossible as printed.",
        ),
        (
            [FAILS, UNDECIDED, *[IMPOSSIBLE] * 2, *[NOT_RUN] * 2],
            "Of 6 claims, 1 fails, 1 is undecided, 2 are impossible as printed, 2 were not run.",
        ),
        ([UNDECIDED, "undecided (4 runs)", "undecided (1 run)"], "Of 3 claims, 3 are undecided."),
    ],
)
def test_verdicts_are_counted_in_a_sentence(verdicts, sentence):
    claims = pd.DataFrame({"id": range(len(verdicts)), "verdict": verdicts})
    assert count_verdicts(pd.concat([claims, claims])) == sentence
