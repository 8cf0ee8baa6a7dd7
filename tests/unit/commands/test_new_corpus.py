"""`foxhound new-corpus`, as a user calls it: with flags, at a terminal, and where nobody can be asked."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from foxhound.commands.new_corpus import propose
from foxhound.errors import FoxhoundError
from foxhound.experiment.configuration import check_files
from made_up_workbook import save_workbook

ROOT = Path(__file__).parents[3]


def table(path: str, header: str, *rows: str, times: int = 60) -> None:
    """Write a table whose rows repeat, each with a text of its own (`#` stands for a number)."""
    lines = [rows[number % len(rows)].replace("#", str(number)) for number in range(times)]
    Path(path).write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


def written(name: str = "my") -> dict[str, Any]:
    return yaml.safe_load(Path(f"experiments/{name}.yaml").read_text("utf-8"))["corpus"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def new_corpus(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT / "scripts"), os.environ.get("PYTHONPATH", "")])
    }
    command = [sys.executable, "-m", "foxhound.commands.main", "new-corpus", *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
    )


def test_flags_settle_what_is_not_clear():
    table("my.csv", "tweet,class,lang", "a text #,0,en", "a text #,1,es", "a text #,2,en")
    refused = new_corpus("my.csv")
    assert (
        refused.returncode == 1 and "mean hateful: '0', '1', '2'" in refused.stderr and not Path("experiments").exists()
    )
    assert "class: 0 33 %, 1 33 %, 2 33 %" in refused.stderr
    done = new_corpus("--label", "class", "--positive", "0", "--text", "tweet", "my.csv")
    assert done.returncode == 0, done.stderr
    assert "60 comments, 20 of them hateful." in done.stdout
    assert {key: written()[key] for key in ("label", "positive", "negative")} == {
        "label": "class",
        "positive": ["0"],
        "negative": ["1", "2"],
    }


def test_flags_leave_rows_out_and_merge_duplicates():
    table("my.csv", "text,label", "same text,hate", "a text #,none", "text #,unsure", "other #,", times=80)
    done = new_corpus("my.csv", "--left-out", "unsure", "--left-out", "", "--duplicates", "drop", "--negative", "none")
    assert done.returncode == 1 and "too small" in done.stderr  # one text in twenty rows is one comment
    done = new_corpus("my.csv", "--left-out", "unsure", "--left-out", "", "--duplicates", "keep", "--negative", "none")
    assert (
        done.returncode == 0
        and "40 rows are left out" in done.stdout
        and "1 texts stand in several rows, 20 in all" in done.stdout
    )
    assert written()["left_out"] == ["unsure", ""] and written()["duplicates"] == "keep"


def test_a_flag_that_names_no_column_is_refused_with_the_nearest():
    table("my.csv", "text,label", "a text #,0", "a text #,1")
    assert (
        "no column 'txt' (--text). Did you mean 'text'? Columns: text, label."
        in new_corpus("my.csv", "--text", "txt").stderr
    )


def answered(*answers: str) -> tuple[list[str], Iterator[str]]:
    asked: list[str] = []
    rest = iter(answers)

    def ask(question: str) -> str:
        asked.append(question)
        return next(rest)

    return asked, ask  # type: ignore[return-value]


def test_at_a_terminal_every_class_is_asked_about():
    table("my.csv", "text,label", "a text #,hate", "a text #,threat", "a text #,unsure", "a text #,none", "a text #,")
    asked, ask = answered("h", "l", "y")
    said = propose("my.csv", {}, ask)
    assert ["threat" in asked[0], "unsure" in asked[1], "Leave these rows out" in asked[2]] == [True] * 3
    corpus = written()
    assert (corpus["positive"], corpus["negative"], corpus["left_out"]) == (
        ["threat", "hate"],
        ["none"],
        ["unsure", ""],
    )
    assert "36 comments, 24 of them hateful." in said and not said[-1].startswith("NOT SURE")
    Path("experiments/my.yaml").unlink()
    with pytest.raises(FoxhoundError, match="'threat' is not settled"):
        propose("my.csv", {}, answered("?")[1])


def test_at_a_terminal_a_doubtful_column_and_a_threshold_are_asked_about():
    table("my.csv", "p,q,remark", "0.25,0.75,a text #", "0.75,0.25,a text #", "0.0,1.0,a text #")
    asked, ask = answered("q", "0.7")
    propose("my.csv", {}, ask)
    assert ["text" not in asked[0], "number" in asked[-1]] == [True, True]
    assert written()["label"] == "q" and written()["threshold"] == 0.7


def test_at_a_terminal_any_of_several_columns_is_offered():
    table("my.csv", "text,toxic,threat", "a text #,0,0", "a text #,1,0", "a text #,0,1")
    propose("my.csv", {}, answered("y")[1])
    assert written()["label"] == {"any": ["toxic", "threat"]}


def test_the_last_line_says_so_where_there_is_doubt():
    table("my.csv", "remark,zz", "a text #,0", "a text #,1")
    said = propose("my.csv")
    assert said[-1] == "NOT SURE (see above): look at experiments/my.yaml before you run it."
    assert "# NOT SURE" in Path("experiments/my.yaml").read_text("utf-8")


def test_a_corpus_that_is_too_small_is_shown_with_the_columns_that_were_chosen():
    table("my.csv", "text,label", "a text #,0", "a text #,0", "a text #,1", times=3)
    with pytest.raises(
        FoxhoundError, match=r"too small for every model(.|\n)*What was found(.|\n)*label: 0 67 %, 1 33 %"
    ):
        propose("my.csv")


def test_texts_that_are_not_english_are_noticed():
    table("my.csv", "text,label", "Das sind alle Diebe hier #,0", "Ils sont tous des voleurs #,1")
    assert any("100 % of the texts do not look English" in line for line in propose("my.csv"))


@pytest.mark.parametrize("name", ["results/model", "results/demo/x.json", "report.md"])
def test_a_target_that_configfile_swallowed_is_named(name):
    with pytest.raises(FoxhoundError, match=rf"{name}: no configuration file(.|\n)*--configfile my.yaml -- {name}"):
        check_files(["my.yaml", name] if Path("my.yaml").write_text("") == 0 else [])


def test_all_the_targets_that_configfile_swallowed_are_named_and_none_of_them_as_an_overlay():
    Path("my.yaml").write_text("")
    with pytest.raises(FoxhoundError, match=r"as in\n  --configfile my\.yaml -- results/a\.json all$"):
        check_files(["config.yaml", "my.yaml", "results/a.json", "all"])
    with pytest.raises(FoxhoundError, match=r"^all: no configuration file.*follows it: leave it out"):
        check_files(["config.yaml", "all"])


@pytest.mark.parametrize(
    ("header", "rows", "message"),
    [
        ("572342,racism", ["#1,none", "#2,racism"], "the first line looks like a row"),
        ("a,x y,OFFENSE", ["b,z #,OTHER", "c,d #,OFFENSE"], "the first line looks like a row"),
        ("text,label", ["a text #,0", "a text #,1", "text,label"], "line 4 repeats the header"),
        ("file_id,label", ["a_#,hate", "b_#,noHate"], "no column can be the text: it needs texts of several words"),
        ("text,labels", ['a text #,"[1, 1, 0]"', 'a text #,"[0, 1, 0]"'], "labels: lists or objects. Write a table with one label a row"),
        ("text,annotator1,annotator2", ["a text #,0,1", "a text #,1,1"], "annotator1: by the name, no label of the text. If it is one: --label annotator1"),
        ("text,label", ["a text #,hate", "a text #,NA"], "--label label --positive hate --negative NA"),
        ("text,score", ["a text #,1#.5", "a text #,2#.5", "a text #,3#.5", "a text #,4#.5", "a text #,5#.5", "a text #,inf"], "score: among numbers, 'inf'"),
        ("id,text", ["#,a text #"], "texts without labels are for foxhound predict"),
        ("text,label", ["a text #,True", "a text #,False", "a text #,None"], "mean hateful: 'None'"),
        ("text,hate", ["a text #,1", "a text #,4", "a text #,5"], "from which number on they do, with --threshold NUMBER"),
        ("text,label", ["a text #,1", "a text #,0", "a text #,-1"], "if '-1' is a class, name it: --positive or --negative -1"),
        ("text,label", ["a text #,0", "a text #,1", ",1"], "line 4: the text is empty(.|\\n)*Mend these texts, or take their rows out"),
        ("text,label", ["#,a text #,1"], "every row has 3 fields, and line 1 lacks names"),
        ("a long text of more words than a name,0,0", ["x,y,0"], r"'0' more than once\. It looks like a row"),
    ],
)  # fmt: skip
def test_a_table_that_is_not_understood_is_refused_with_the_reason(header, rows, message):
    table("my.csv", header, *rows)
    with pytest.raises(FoxhoundError, match=message):
        propose("my.csv")
    assert not Path("experiments").exists()


@pytest.mark.parametrize(
    ("label", "hateful", "positive"), [("not_hate", "0", "0"), ("clean", "no", "no"), ("is_neutral", "False", "False")]
)
def test_a_column_that_names_the_harmless_ones_is_turned_round_and_said(label, hateful, positive):
    other = {"0": "1", "no": "yes", "False": "True"}[hateful]
    table("my.csv", f"text,{label}", f"a text #,{other}", f"a text #,{other}", f"a text #,{hateful}")
    said = propose("my.csv")
    assert "60 comments, 20 of them hateful." in said and written()["positive"] == [positive]
    assert any("by its name it says what is not hateful" in line for line in said) and said[-1].startswith("NOT SURE")
    Path("experiments/my.yaml").unlink()
    assert "60 comments, 40 of them hateful." in propose("my.csv", {"positive": [other], "negative": [hateful]})


def test_what_usually_stands_for_no_label_can_be_a_class():
    table("my.csv", "text,label", "a text #,1", "a text #,0", "a text #,-1")
    said = propose("my.csv", {"label": "label", "positive": ["1"], "negative": ["0", "-1"]})
    assert "60 comments, 20 of them hateful." in said


def test_a_header_that_looks_like_a_row_is_one_where_its_owner_says_so():
    table("my.csv", "said,2019", "a text #,0", "a text #,1")
    with pytest.raises(FoxhoundError, match="say --text COLUMN --label COLUMN"):
        propose("my.csv")
    said = propose("my.csv", {"text": "said", "label": "2019"})
    assert "60 comments, 30 of them hateful." in said and any("looks like a row" in line for line in said)


def test_the_command_that_is_proposed_keeps_what_was_said_and_can_be_run():
    table("my.dat", "text;--class", "a text #;-x", "a text #;hate", "a text #;none")
    refused = new_corpus("my.dat", "--format", "csv", "--duplicates", "drop", "--title", "")
    [command] = [line for line in refused.stderr.splitlines() if line.startswith("  foxhound new-corpus")]
    assert command == (
        "  foxhound new-corpus my.dat --format csv --duplicates drop --title '' --text text --label=--class "
        "--positive hate --negative none --positive|--negative|--left-out=-x"
    )
    flags = shlex.split(command.replace("--positive|--negative|--left-out", "--negative"))[2:]
    done = new_corpus(*flags)
    assert done.returncode == 0, done.stderr
    assert written()["label"] == "--class" and written()["negative"] == ["none", "-x"]


def test_a_sheet_that_was_not_read_is_named_where_the_one_that_was_is_no_corpus():
    rows = [["text", "label"], *[[f"a text {row}", row % 2] for row in range(60)]]
    save_workbook(Path("my.xlsx"), {"read me": [["who", "what"], ["me", "all"]], "data": rows})
    with pytest.raises(FoxhoundError, match=r"no column can be the text(.|\n)*there are others: data .*--sheet NAME"):
        propose("my.xlsx")
    assert "60 comments, 30 of them hateful." in propose("my.xlsx", {"sheet": "data"})


def test_cells_that_are_marked_or_empty_have_no_second_class():
    table("my.csv", "text,hate", "a text #,x", "a text #,")
    with pytest.raises(FoxhoundError, match=r"hate: 'x' or nothing\. If nothing is a class too"):
        propose("my.csv")


def test_several_columns_of_yes_and_no_are_offered_together():
    table("my.csv", "text,hate,offensive", "a text #,yes,no", "a text #,no,yes", "a text #,no,no")
    assert any("20 rows have only another than hate" in line for line in propose("my.csv"))
    Path("experiments/my.yaml").unlink()
    assert "60 comments, 40 of them hateful." in propose("my.csv", {"label": {"any": ["hate", "offensive"]}})


def test_what_programs_left_in_texts_is_said_in_the_last_line():
    table("my.csv", "text,label", "b'comment #',0", "comment #,1")
    said = propose("my.csv")
    assert any(line.startswith("NOT SURE  30 texts as Python writes bytes") for line in said)
    assert (
        said[-1].startswith("NOT SURE (see above)")
        and "# NOT SURE: 30 texts" in Path("experiments/my.yaml").read_text()
    )


@pytest.mark.parametrize("text", ["{}", "[{}]", "[{}, {}]"])
def test_objects_without_anything_are_no_comments(text):
    Path("my.json").write_text(text)
    with pytest.raises(FoxhoundError, match=r"my.json: holds no comments"):
        propose("my.json")


def test_an_encoding_that_was_guessed_is_shown_with_words_in_it():
    rows = "".join(f"na\u00efve text {row},{row % 2}\n" for row in range(60))
    Path("my.csv").write_bytes(("text,label\n" + rows).encode("mac-roman"))
    assert any("`encoding: mac-roman`" in line and "na\u00efve text" in line for line in propose("my.csv"))
