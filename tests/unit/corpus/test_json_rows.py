import json

import pandas as pd
import pytest
from foxhound.corpus import unpacking
from foxhound.corpus.readers import open_table, read_raw
from foxhound.errors import FoxhoundError

ROWS = [{"text": "one", "label": 1}, {"text": "two, \u00e9", "label": 0}, {"text": "three", "label": 1}]
FRAME = pd.DataFrame(ROWS)
FORMS = {
    "lines": "\n".join(map(json.dumps, ROWS)),
    "lines with blank ones": "\n\n".join(map(json.dumps, ROWS)) + "\n\n",
    "an array": json.dumps(ROWS),
    "an array over lines": json.dumps(ROWS, indent=2),
    "an array of a row a line": "[\n" + ",\n".join(map(json.dumps, ROWS)) + "\n]",
    "under a key": json.dumps({"version": 2, "data": ROWS}),
    "under a key, over lines": json.dumps({"data": ROWS}, indent=1),
    "under a key, a row a line": '{"data": [\n' + ",\n".join(map(json.dumps, ROWS)) + "\n]}",
    "columns": json.dumps(FRAME.to_dict("list")),
    "pandas, columns": FRAME.to_json(),
    "pandas, split": FRAME.to_json(orient="split"),
    "pandas, table": FRAME.to_json(orient="table", index=False),
    "pandas, by index": FRAME.set_index(pd.Index(["x", "y", "z"])).to_json(orient="index"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.csv"])
def test_every_form_is_the_same_table(form, name, tmp_path):
    (tmp_path / name).write_text(FORMS[form], encoding="utf-8")
    assert read_raw(tmp_path / name)[["text", "label"]].to_dict("records") == ROWS


def test_an_object_alone_is_a_row(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(ROWS[0]))
    assert read_raw(tmp_path / "a.json")["text"].tolist() == ["one"]


def test_a_key_that_an_object_lacks_is_none(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n{"b": "x"}\n')
    table = open_table(tmp_path / "a.jsonl")
    assert [row for _, row in table.rows(["a", "b"])] == [[1, None], [None, "x"]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1}\n{"a": \n', "line 2: broken JSON"),
        ('{"a": 1}\n[1]\n', "line 2: broken JSON: a list where an object was expected"),
        ('{"a": \n{"a": 1}\n{"a": 2}\n', "line 1: broken JSON"),
        ('[{"a": 1}, 2]', "row 2: a int where an object was expected"),
        ('[{"a": 1},', "broken JSON"),
        ('{"a": 1}{"a": 2}', "Of objects one after another, make one a line: jq -c . FILE > NEW.jsonl"),
        ('{"a": 1}\n{\n"a": 2}', "line 2: broken JSON"),
        ('{\n"a": 1}\n{\n"a": 2}', "make one a line: jq -c . FILE > NEW.jsonl"),
        ('{"train": [{"a": 1}], "test": [{"a": 2}]}', "or all of them: jq -c '.[][]' FILE > NEW.jsonl"),
        ('["a", 1]\n["b", 0]\n', "an array a line. Arrays name no columns. Make objects of them: jq"),
        ('[["a", 1], ["b", 0]]', "an array of arrays"),
        ('{"columns": ["a"], "data": [[1, 2]]}', "`columns` and `data` do not fit each other"),
        ('{"a": {"0": 1}, "b": {"1": 1}}', "their rows have other numbers"),
        ('{"a": 1, "a": 2}\n{"a": 1}\n', "line 1: broken JSON: an object has a key twice"),
        ('[{"a": 1, "a": 2}]', "row 1: an object has a key twice"),
        ('{"data": [{"a": 1}], "data": [{"a": 2}]}', "a key stands twice in the object that holds all"),
        ('[\n{"a": 1},\n{"a": 2},\n]\n', "Take out brackets and commas around lines: sed -E"),
        ('{"a": 1},\n{"a": 2},\n', "Take out brackets and commas around lines: sed -E"),
        ('{"n": 1, "result": {"rows": [{"a": 1}, {"a": 2}]}}', """jq -c '.["result"]["rows"][]' FILE > NEW.jsonl"""),
        ('[1, "a", 0]\n[2, "b", 1]\n', "an array a line. Arrays name no columns"),
        ('{"text": "\\ud800"}\n{"text": "b"}', "line 1: half a character"),
    ],
)
def test_what_is_no_row_is_named(text, message, tmp_path):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(FoxhoundError) as refused:
        open_table(tmp_path / "a.json")
    assert message in str(refused.value)


def test_an_array_is_held_as_a_whole_and_so_it_is_bounded(tmp_path, monkeypatch):
    (tmp_path / "a.json").write_text(json.dumps(ROWS))
    monkeypatch.setattr(unpacking, "MOST_BYTES", 50)
    with pytest.raises(FoxhoundError, match="more than 50 bytes once unpacked"):
        open_table(tmp_path / "a.json", bounded=False)


def test_an_object_that_says_something_is_a_row_whatever_lies_deeper_in_it(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"text": "two words", "found": {"tags": [{"a": 1}, {"a": 2}]}}))
    assert read_raw(tmp_path / "a.json")["text"].tolist() == ["two words"]
    (tmp_path / "a.jsonl").write_text('{"text": "a", "user": {"n": 1, "n": 2}}\n{"text": "b"}\n')
    assert read_raw(tmp_path / "a.jsonl")["text"].tolist() == ["a", "b"]
