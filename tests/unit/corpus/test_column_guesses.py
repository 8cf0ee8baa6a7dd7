"""Test what `make new-corpus` proposes: columns by their names, a doubt where these do not tell, a valid overlay."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from foxhound.commands.new_corpus import propose
from foxhound.corpus.column_guesses import guess_columns, overlay, slug
from foxhound.corpus.readers import read_raw
from foxhound.errors import FoxhoundError
from hypothesis import example, given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parents[3]
NOTHING = {"title": None, "group": None, "user": None, "id": None}


def table(**columns: list[Any]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype=object).assign(_line=1)


def guessed(frame: pd.DataFrame) -> dict[str, Any]:
    return guess_columns(frame, "my.csv").columns


def test_names_tell():
    frame = table(**{
        "Comment ID": ["1", "2", "3"], "commentText": ["a b", "c", "d"], "Is-Hateful": ["0", "1", "1"],
        "Headline": ["h", "h", "i"], "article_url": ["x", "y", "y"], "Author": ["p", "q", "p"], "url": ["u", "v", "w"],
    })  # fmt: skip
    assert guessed(frame) == {
        "text": "commentText", "label": "Is-Hateful", "title": "Headline", "group": "url", "user": "Author", "id": "Comment ID",
    }  # fmt: skip


def test_without_names_the_longest_texts_and_the_fewest_values_are_taken_with_a_doubt():
    frame = table(a=["x", "y", "z"], b=["a longer text", "another one", "a third"], c=["p", "q", "q"])
    guess = guess_columns(frame, "my.csv")
    assert guess.columns == {"text": "b", "label": "c", **NOTHING}
    assert [*guess.doubts] == ["text", "label"] and guess.unclear == ["p", "q"]


@pytest.mark.parametrize(
    ("names", "label", "positive"),
    [
        (["hate", "normal", "normal"], "label_name", ["hate"]), (["hate", "offensive", "neither"], "label_name", ["hate"]),
        (["y", "n", "n"], "label", None), (["blue", "red", "red"], "label", None), (["hate", "normal", "hate"], "label", None),
    ],
)  # fmt: skip
def test_a_column_that_names_the_numbers_says_which_of_them_means_hateful(names, label, positive):
    numbers = [0, 1, 1 if len(set(names)) == 2 else 2] * 4
    guess = guess_columns(table(text=[f"t {n}" for n in range(12)], label=numbers, label_name=names * 4), "my.csv")
    assert guess.columns["label"] == label and guess.settings.get("positive") == positive
    assert not positive or "label" not in guess.doubts


def test_an_object_is_no_user():
    assert guessed(table(text=["a b", "c"], label=[0, 1], user=[{"name": "ann"}, {"name": "bob"}]))["user"] is None


def test_an_id_that_is_not_unique_is_no_id():
    assert guessed(table(id=["1", "1"], text=["a", "b"], label=[0, 1]))["id"] is None


@pytest.mark.parametrize(
    ("labels", "positive", "negative", "unclear"),
    [
        (["0", "1"], None, None, []),
        (["0.0", "1.0"], None, None, []),
        ([True, False], None, None, []),
        (["Y", "N"], ["Y"], ["N"], []),
        (["yes", "no"], ["yes"], ["no"], []),
        (["OFF", "NOT"], ["OFF"], ["NOT"], []),
        (["not_hate", "hate"], ["hate"], ["not_hate"], []),
        (["hate speech", "offensive", "neither"], ["hate speech"], ["neither"], ["offensive"]),
        (["hate", "counter-hate", "none"], ["hate"], ["none"], ["counter-hate"]),
        (["insult", "threat", "obscene", "none"], [], ["none"], ["insult", "obscene", "threat"]),
        (["hate", "none", "both", "unsure"], ["hate"], ["none"], ["both", "unsure"]),
        (["hate", "none", "nan", ""], ["hate"], ["none"], []),
        (["A", "B"], [], [], ["A", "B"]),
        ([0, 1, 2], [], [], ["0", "1", "2"]),
        (["1", "-1"], [], [], ["-1", "1"]),
    ],
)
@pytest.mark.parametrize("most", [0, -1])
def test_a_class_is_hateful_or_not_where_that_is_clear_and_else_asked_about(labels, positive, negative, unclear, most):
    values = [*labels, *labels, *[labels[most]] * 5]  # which class is the rarest does not count
    guess = guess_columns(table(text=[f"text {n}" for n in range(len(values))], label=values), "my.csv")
    assert (guess.settings.get("positive"), guess.settings.get("negative")) == (positive, negative)
    assert guess.unclear == unclear and not guess.doubts


@pytest.mark.parametrize(("columns", "role"), [({"text": ["a", "b"]}, "the label"), ({"label": [0, 1]}, "the text")])
def test_a_table_without_texts_or_labels_is_refused(columns, role):
    with pytest.raises(FoxhoundError, match=rf"my.csv: no column can be {role}.*Columns: {next(iter(columns))}"):
        guess_columns(table(**columns), "my.csv")


@given(st.text(max_size=30))
def test_a_name_from_data_is_one_harmless_word(name):
    word = slug(f"folder/{name}.csv")
    assert word
    assert set(word) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")


PRINTED = st.text(st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn"]), min_size=1, max_size=20)


@settings(deadline=None)
@given(PRINTED, PRINTED)
@example("\u2028", "0\u2028")
def test_an_overlay_says_exactly_what_was_guessed(column, label):
    guess = guess_columns(
        pd.DataFrame({"text": ["a", "b"], column + "_": [label + "x", "1"]}, dtype=object).assign(_line=1),
        "f.csv",
        {"label": column + "_"},
    )
    read_back = yaml.safe_load(overlay("f.csv", guess, {}))
    assert {key: read_back["corpus"].get(key) for key in guess.columns} == guess.columns
    assert read_back["corpus"]["positive"] == guess.settings["positive"]


def test_the_command_writes_an_overlay_and_never_over_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = "".join(f'"text; {row} 🦊",{"hate" if row % 3 else "none"},u{row}\n' for row in range(60))
    name = "My $(comments) 60.csv"
    Path(name).write_text("comment,class,author\n" + rows, encoding="utf-8")
    messages = propose(name)
    assert "60 comments, 40 of them hateful." in messages
    assert messages[-1] == "  foxhound report --configfile experiments/my-comments-60.yaml"
    target = Path("experiments/my-comments-60.yaml")
    written = yaml.safe_load(target.read_text(encoding="utf-8"))
    assert written["corpus"]["path"] == name
    assert written["corpus"]["positive"] == ["hate"]
    assert written["run"][0] == "sized-final-model" and written["final"]["protocol"] == "stratified-10"
    assert any(line.startswith("A run takes ") and "; the whole grid: " in line for line in messages)
    assert propose(name) == messages
    target.write_text("mine: 1\n")
    with pytest.raises(FoxhoundError, match="is there already, with other content"):
        propose(name)
    assert target.read_text() == "mine: 1\n"


def test_what_is_not_utf8_is_read_as_what_windows_writes_and_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("my.csv").write_bytes(
        b"text,label\n" + "".join(f"na\u00efve {row},{row % 2}\n" for row in range(60)).encode("cp1252")
    )
    assert any("NOT SURE  `encoding: cp1252`" in line for line in propose("my.csv"))
    assert yaml.safe_load(Path("experiments/my.yaml").read_text())["corpus"]["encoding"] == "cp1252"


@pytest.mark.parametrize("text", ["text,label\na,0\nb,0\n"])
def test_what_does_not_hold_is_not_written(text, tmp_path):
    (tmp_path / "my.csv").write_text(text)
    command = [sys.executable, "-m", "foxhound.commands.main", "new-corpus", "my.csv"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "scripts")}
    refused = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: my.csv: ")
    assert [path.name for path in tmp_path.iterdir()] == ["my.csv"]


def test_the_shipped_corpus_is_understood():
    frame = read_raw(ROOT / "resources/demo-comments.json", "jsonl")
    assert guessed(frame) == {
        "text": "text",
        "label": "label",
        "title": "title",
        "user": "user",
        "group": None,
        "id": None,
    }
