import pytest
from foxhound.corpus.readers import open_table, read_raw
from foxhound.errors import FoxhoundError
from texts_on_disk import texts


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("text,label\na\nb,1\n", "line 2: 1 fields where the header has 2"),
        ("text,label\na,0\nb,c,1\n", "line 3: 3 fields where the header has 2"),
        (
            'text,label\n"a,0\nb,1\n',
            "line 3: unexpected end of data. Double a quote inside quotes; or say that quotation marks are letters",
        ),
        ("text,text\na,0\n", "the header has 'text' more than once"),
        ('"text,label"\n"a,0"\n', "each line as a whole stands in quotation marks ('text,label'), and so is one field"),
        ("'text','label'\n'a','0'\n", "names stand in ' and ', and only \" encloses fields"),
        ("\u201ctext\u201d,\u201clabel\u201d\na,0\n", "names stand in \u201c and \u201d"),
        ("text\na, b\nc\n", "If each line is a text, and no table: foxhound predict --format txt"),
    ],
)
def test_what_does_not_fit_is_named_with_its_line(text, message, tmp_path):
    with pytest.raises(FoxhoundError) as refused:
        texts(tmp_path / "a.csv", text)
    assert message in str(refused.value)


def test_lines_are_counted_from_the_top_of_the_file(tmp_path):
    (tmp_path / "a.csv").write_text('sep=,\n# note\n\ntext,label\n"two\nlines",0\nb,1\n')
    assert read_raw(tmp_path / "a.csv")["_line"].tolist() == [5, 7]


def test_rows_of_separators_alone_at_the_end_are_none(tmp_path):
    path = tmp_path / "a.csv"
    assert texts(path, "id,text,label\n1,a,0\n,,\n2,b,1\n,,\n, ,\n") == ["a", "", "b"]
    assert open_table(path).notes == ["2 rows at the end hold nothing but separators, and are left out"]
    assert texts(path, 'text,label\na,0\n"",""\n') == ["a", ""] and texts(path, 'text\na\n""\n') == ["a", ""]


@pytest.mark.parametrize("row", ["text,label", "label,text", "\ufefftext,label"])
def test_a_header_in_the_middle_is_a_doubt(row, tmp_path):
    (tmp_path / "a.csv").write_text(f"text,label\na,0\n{row}\nb,1\n", encoding="utf-8")
    [doubt] = open_table(tmp_path / "a.csv").doubts
    assert doubt.startswith("line 3 repeats the header: two tables were put one after another")
