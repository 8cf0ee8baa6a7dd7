import pytest
from foxhound.corpus.readers import open_table
from foxhound.errors import FoxhoundError
from texts_on_disk import texts


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("text,label\na;b,0\n", "a;b"),
        ("text;label\na, b;0\n", "a, b"),
        ("text\tlabel\na, b\t0\n", "a, b"),
        ("text|label\na, b|0\n", "a, b"),
        ('"text";"label"\n"a; b";0\n', "a; b"),
        ("sep=;\ntext;label\na, b;0\n", "a, b"),
        ("\ufeffsep=\t\r\ntext\tlabel\r\na, b\t0\r\n", "a, b"),
        ("# made in May\n# by hand\ntext,label\na,0\n", "a"),
        ("#text,label\na,0\n", "a"),
        ("# id\ttext\tlabel\n1\ta\t0\n", "a"),
        ("v1,text,,,\nham,a,,,\nspam,b,,,\n", "a"),
        ("text,label\na,0,\nb,1,\n", "a"),
        ("text,label,,\na,0\nb,1\n", "a"),
        ('text,label\n"he said \\"no\\", twice",0\n', 'he said "no", twice'),
        ("\n\ntext,label\n\na,0\n", "a"),
        ("SEP=;\ntext;label\na, b;0\n", "a, b"),
        ("\ufeff\ufefftext,label\na,0\n", "a"),
        ("text,label\na,0\nb,1\n\x1a", "a"),
        ("Hate speech of 2019\n\ntext,label\na,0\nb,1\n", "a"),
        ("% by hand\n// in May\ntext\tlabel\na, b\t0\nc\t1\n", "a, b"),
        ("Hate speech of 2019,,\nid,text,label\n1,a,0\n2,b,1\n", "a"),
        ("text^label\na^0\n", "a"),
        ("text\x01label\na, b\x010\n", "a, b"),
        ('id, text\n1, "a, b"\n2, "c"\n', "a, b"),
        ('id, text\n1, "a"\n', "a"),
        ('id,text\n1, "a, b"\n2, "c, d"\n', "a, b"),
        ('"text" "label"\n"a b" 0\n', "a b"),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt"])
def test_the_file_shows_how_its_fields_are_separated(name, text, first, tmp_path):
    assert texts(tmp_path / name, text)[0] == first


@pytest.mark.parametrize(
    "text", ["said\none, two\nthree, four\n", "Notes\nx, y\n1,2\n3,4\n", "text\nsome text, b\nc, d\n"]
)
def test_a_name_of_one_column_is_no_title(text, tmp_path):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(FoxhoundError, match="2 fields where the header has 1"):
        open_table(tmp_path / "a.csv")


def test_marks_after_a_comma_of_a_text_enclose_no_field(tmp_path):
    assert texts(tmp_path / "a.csv", 'text,label\n"a, ""b"", c",0\n') == ['a, "b", c']
