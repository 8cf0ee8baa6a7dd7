"""Inputs that failed once, and what is right: ../shared/field-cases/README.md says it, row by row."""

import json
import re
import shutil
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from foxhound.commands import predict
from foxhound.commands.new_corpus import propose
from foxhound.corpus.loading import read_comments
from foxhound.corpus.readers import open_table
from foxhound.errors import FoxhoundError
from tiny_models import save_classifier

CASES = Path(__file__).parents[3] / "shared" / "field-cases"


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Copy a case into an empty folder, and return its name there."""
    if not CASES.is_dir():
        pytest.skip("the field cases are not beside this checkout (../shared/field-cases)")
    monkeypatch.chdir(tmp_path)

    def copy(name: str) -> str:
        shutil.copyfile(CASES / name, tmp_path / name)
        return name

    return copy


def proposed(name: str, **given: Any) -> tuple[list[str], dict[str, Any]]:
    """Return what new-corpus says of a table, and the corpus that it writes."""
    said = propose(name, given)
    overlay = yaml.safe_load((Path("experiments") / f"{Path(name).stem}.yaml").read_text("utf-8"))
    return said, overlay["corpus"]


def hateful(name: str, corpus: dict[str, Any]) -> int:
    """Return how many comments a run takes for hateful."""
    return int(read_comments(name, corpus)[0]["label"].sum())


def refused(name: str, **given: Any) -> str:
    with pytest.raises(FoxhoundError) as error:
        propose(name, given)
    assert not Path("experiments").exists()
    return str(error.value)


def answers(name: str, column: str = "text") -> list[dict[str, Any]]:
    """Return what `foxhound predict` answers."""
    parser = ArgumentParser()
    predict.add_arguments(parser)
    model = save_classifier(Path.cwd() / "model") if not Path("model").exists() else Path("model")
    output = f"{name}.answers.jsonl"
    predict.run(
        parser.parse_args(["--model", str(model), "--file", name, "--column", column, "--output", output]), parser
    )
    return [json.loads(line) for line in Path(output).read_text("utf-8").splitlines()]


@pytest.fixture(autouse=True)
def folder_of_the_model(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    save_classifier(tmp_path / "model")


def test_every_class_that_is_not_known_is_asked_about(case):
    message = refused(case("threat.csv"))
    assert "it is not clear whether these labels mean hateful: 'insult', 'obscene', 'threat'" in message
    assert "--negative none" in message and "none 60 %" in message


def test_nan_is_a_missing_label_and_unsure_is_asked_about(case):
    message = refused(name := case("nanlabel_words.csv"))
    assert "these labels mean hateful: 'unsure'\n" in message and "6 rows have no label: line 2 ('nan')" in message
    said, corpus = proposed(name, left_out=["unsure", ""])
    assert corpus["positive"] == ["hate"] and corpus["negative"] == ["none"]
    assert "12 rows are left out" in "\n".join(said) and "108 comments" in "\n".join(said)


def test_the_file_itself_says_which_label_is_which(case):
    said, corpus = proposed(name := case("classlabel.parquet"))
    assert "120 comments, 48 of them hateful." in said and hateful(name, corpus) == 48
    assert hateful(name, {"text": "text", "label": "label"}) == 48


def test_several_label_columns_are_told_of_and_any_of_them_is_offered(case):
    said, corpus = proposed(name := case("jigsaw.csv"))
    told = "\n".join(said)
    several = ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"]
    assert "there are 6 label columns" in told and "16 rows have only another than toxic" in told
    assert "Any of them: --label toxic --label severe_toxic" in told and said[-1].startswith("NOT SURE")
    Path("experiments/jigsaw.yaml").unlink()
    _, any_of_them = proposed(name, label={"any": several})
    assert any_of_them["label"] == {"any": several}
    assert hateful(name, any_of_them) == hateful(name, corpus) + 16


def test_contradicting_labels_are_counted_and_a_key_decides(case):
    said, corpus = proposed(name := case("conflict.csv"))
    assert "30 of these texts have contradicting labels" in "\n".join(said) and said[-1].startswith("NOT SURE")
    rows = {mode: len(read_comments(name, corpus | {"duplicates": mode})[0]) for mode in ("keep", "majority", "drop")}
    assert rows == {"keep": 120, "majority": 60, "drop": 60}  # every contradiction is a draw
    assert "30 of these texts" in "\n".join(read_comments(name, corpus)[1]["notes"])


@pytest.mark.parametrize("name", ["swallow.tsv", "unquoted_error.tsv"])
def test_no_row_of_an_unquoted_table_is_swallowed(case, name):
    said, _ = proposed(case(name))
    assert any(line.startswith("120 comments, 48 of them") for line in said)
    found = answers(name, "tweet")
    lines = (CASES / name).read_text("utf-8").splitlines()[1:]
    assert [one["text"] for one in found] == [line.split("\t")[1] for line in lines]


def test_json_lines_are_read_under_every_ending(case):
    name = case("p.json")
    shutil.copyfile(name, "p.jsonl")
    assert [one["text"] for one in answers(name)] == [
        json.loads(line)["text"] for line in Path(name).read_text().splitlines()
    ]
    assert answers(name) == answers("p.jsonl")


def test_a_tab_file_has_a_header_that_is_not_scored(case):
    found = answers(case("p.tab"))
    assert len(found) == 3 and found[0]["text"] == "the Zorbians ruin every street, send them away"


def test_a_json_array_is_read(case):
    said, _ = proposed(name := case("array1.json"))
    assert "120 comments, 48 of them hateful." in said
    assert [one["text"] for one in answers(name)] == [row["text"] for row in json.loads(Path(name).read_text())]


def test_what_is_no_workbook_is_not_scored(case):
    name = case("book.xlsx")
    assert "book.xlsx: not a readable workbook" in refused(name)
    with pytest.raises(FoxhoundError, match="not a readable workbook"):
        answers(name)


def test_a_language_is_no_label(case):
    _, corpus = proposed(case("hateval.csv"))
    assert (corpus["text"], corpus["label"]) == ("text", "HS")


def test_counts_of_annotators_are_no_label_and_numbers_of_classes_are_asked_about(case):
    message = refused(name := case("davidson.csv"))
    assert "--label class" in message and "these labels mean hateful: '0', '1', '2'" in message
    said, corpus = proposed(name, label="class", positive=["0"], text="tweet")
    assert corpus["positive"] == ["0"] and corpus["negative"] == ["1", "2"]
    assert not said[-1].startswith("NOT SURE") and hateful(name, corpus) == 12


@pytest.mark.parametrize("name", ["floats_majority.csv", "yn.csv"])
def test_the_commoner_class_can_be_the_hateful_one(case, name):
    said, corpus = proposed(case(name))
    assert "120 comments, 84 of them hateful." in said and hateful(name, corpus) == 84


@pytest.mark.parametrize(("name", "label"), [("civil.csv", "target"), ("ethos.csv", "isHate")])
def test_fractions_have_a_threshold(case, name, label):
    said, corpus = proposed(case(name))
    assert corpus["label"] == label and corpus["threshold"] == 0.5
    assert re.search(r"fractions.*of 120 comments 0.3 gives \d+, 0.5 gives 48, 0.7 gives \d+", "\n".join(said))
    assert hateful(name, corpus) == 48 and said[-1].startswith("NOT SURE")


def test_one_bad_byte_is_named_and_every_other_row_keeps_its_letters(case):
    said, corpus = proposed(name := case("onebad_accent.csv"))
    assert "line 74: byte 0xFF" in "\n".join(said) and "encoding" not in corpus
    texts = read_comments(name, corpus)[0]["text"]
    assert sum("caf\u00e9 na\u00efve \u00fcber" in text for text in texts) >= 119
    assert [position + 2 for position, text in enumerate(texts) if "\ufffd" in text] == [74]


def test_an_encoding_is_recognised_and_never_the_one_that_failed(case):
    said, corpus = proposed(name := case("sjis.csv"))
    assert corpus["encoding"] == "shift_jis" and "`encoding: shift_jis`" in "\n".join(said)
    with pytest.raises(FoxhoundError, match=r"not UTF-8 in line 2: byte 0x8A .* It looks like shift_jis"):
        answers(name)
    with pytest.raises(FoxhoundError) as again:
        read_comments(name, corpus | {"encoding": "cp1252"})
    assert "not cp1252" in str(again.value) and "encoding: cp1252" not in str(again.value)


def test_two_columns_of_one_name_are_an_error_that_says_so(case):
    name = case("dupcol.parquet")
    assert "two columns are named 'text'" in refused(name)
    with pytest.raises(FoxhoundError, match="two columns are named 'text'"):
        answers(name)


@pytest.mark.parametrize("name", ["sepline.csv", "tabs.csv"])
def test_other_separators_are_read(case, name):
    said, _ = proposed(case(name))
    assert "120 comments, 48 of them hateful." in said


def test_every_case_is_tested():
    if not CASES.is_dir():
        pytest.skip("the field cases are not beside this checkout (../shared/field-cases)")
    here = Path(__file__).read_text("utf-8")
    assert not [path.name for path in CASES.iterdir() if path.suffix != ".md" and f'"{path.name}"' not in here]


def test_a_table_says_how_many_rows_it_has(case):
    assert open_table(case("swallow.tsv")).count == 120
