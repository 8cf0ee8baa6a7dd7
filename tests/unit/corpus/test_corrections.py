from pathlib import Path

import pandas as pd
import pytest
from foxhound.corpus.corrections import apply_corrections
from foxhound.errors import FoxhoundError

COMMENTS = pd.DataFrame(
    {
        "id": ["a", "b", "c"],
        "thread": ["t", "t", ""],
        "title": ["t", None, None],
        "text": ["x", "y", "z"],
        "user": ["u", None, "w"],
        "label": [0, 1, 1],
    },
    dtype=object,  # as load_comments gives them: what is missing is None
).astype({"label": int})


def write(folder: Path, *lines: str, header: str = "id,column,value,reason") -> Path:
    path = folder / "corrections.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def test_values_are_corrected_and_counted_and_the_frame_stays(tmp_path):
    path = write(tmp_path, "b,label,0,sarcasm", 'a,text,"new, ""text""",', "c,user,,", "a,title,s,", "a,thread,,")
    corrected, number = apply_corrections(COMMENTS, path)
    assert number == 5
    assert corrected["label"].tolist() == [0, 0, 1]
    assert corrected["text"].tolist() == ['new, "text"', "y", "z"]
    assert corrected["user"].tolist() == ["u", None, None]
    assert corrected["title"].tolist() == ["s", None, None]
    assert corrected["thread"].tolist() == ["", "t", ""]
    assert corrected["id"].tolist() == ["a", "b", "c"]
    assert corrected.dtypes["label"] == COMMENTS.dtypes["label"]
    assert COMMENTS["label"].tolist() == [0, 1, 1]


def test_a_reason_may_be_left_out_and_a_file_without_rows_corrects_nothing(tmp_path):
    assert apply_corrections(COMMENTS, write(tmp_path, "b,label,0", header="id,column,value"))[1] == 1
    same, number = apply_corrections(COMMENTS, write(tmp_path))
    assert number == 0
    pd.testing.assert_frame_equal(same, COMMENTS)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["d,label,0,"], "line 2: no comment has the id 'd'"),
        (["a,label,0,", "a,lable,0,"], "line 3: no column 'lable'. Did you mean 'label'? Columns: text, label"),
        (["a,id,b,"], "line 2: no column 'id'"),
        (["a,label,2,"], "line 2: label '2' is not 0 or 1"),
        (["a,label,,"], "line 2: label '' is not 0 or 1"),
        (["a,text, ,"], "line 2: the text is empty"),
        (["a,label,1,", "a,label,0,"], "line 3: the label of a is corrected in line 2 already"),
        (['a,text,"two\nlines",', "b,label,3,"], "line 4: label '3'"),
        (["a,label"], "line 2: 2 fields where the header has 4"),
        (["b,label,0,", "c,label,0,"], "once corrected, all labels are 0"),
    ],
)
def test_a_mistake_is_refused_with_its_line(lines, message, tmp_path):
    with pytest.raises(FoxhoundError) as refused:
        apply_corrections(COMMENTS, write(tmp_path, *lines))
    assert str(tmp_path / "corrections.csv") in str(refused.value)
    assert message in str(refused.value)


@pytest.mark.parametrize("header", ["id,value,column", "comment,column,value", "id,column"])
def test_another_header_is_refused(header, tmp_path):
    with pytest.raises(FoxhoundError, match="the header must be id,column,value and optionally reason"):
        apply_corrections(COMMENTS, write(tmp_path, header=header))


def test_all_mistakes_are_counted(tmp_path):
    with pytest.raises(FoxhoundError, match=r"7 problem\(s\)"):
        apply_corrections(COMMENTS, write(tmp_path, *["q,label,1,"] * 7))


def test_a_file_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "corrections.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FoxhoundError, match="not utf-16 in line 1"):
        apply_corrections(COMMENTS, path)
