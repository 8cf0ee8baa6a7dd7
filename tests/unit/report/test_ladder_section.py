from foxhound.report.ladder_section import ladder_section
from made_up_report import LADDER, tables


def test_a_row_per_model_says_what_doubling_is_worth_and_a_line_why_that_cannot_be_said():
    heading, about, text, silent = ladder_section(LADDER)
    assert heading == "## What more training comments are worth"
    assert "inverse power law" in about
    header, *rows = tables(text)[0]
    assert header[-2:] == ["Gain in F1", "Gain in AUROC"]
    assert [row[:6] for row in rows] == [["finetune-bert", "1e-4", "Balanced at random", "700 to 1400", "3", "5"]]
    assert rows[0][6:] == [".021 [-.002, .040]", "cannot say: the scores follow no power law"]
    assert silent == (
        "- Cannot say, as a size has 2 seeds, not 3 or more: m&#124;x (not balanced), finetune-bert, rate 2e-5 "
        "(balanced at random)."
    )


def test_a_table_needs_a_model_of_which_something_can_be_said():
    assert len(ladder_section(LADDER[LADDER["model"] == "m|x"])) == 3
    assert ladder_section(LADDER.iloc[:0])[1].startswith("Cannot say: no model was trained on draws")
