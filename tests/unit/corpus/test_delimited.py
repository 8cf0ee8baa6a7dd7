import pytest
from foxhound.corpus.readers import open_table, read_raw
from foxhound.corpus.table_file import Reading
from foxhound.errors import FoxhoundError


def texts(path, text: str, **reading: str) -> list[str]:
    path.write_text(text, encoding="utf-8", newline="")
    table = open_table(path, Reading(**reading))
    found = [row[0] for _, row in table.rows(["text"])]
    assert len(found) == table.count
    return found


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
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt"])
def test_the_file_shows_how_its_fields_are_separated(name, text, first, tmp_path):
    assert texts(tmp_path / name, text)[0] == first


UNQUOTED = [
    ["a plain one", "another", "third"],
    ['"as I said: you', "x", 'he said "no"'],
    ['"Hello" she said', "x"],
    ['"opens', "x", 'closes"', "y"],
    ['"all of it"', "x", "y"],
    ['"', "x"],
    ['say ""', '""x'],
]


@pytest.mark.parametrize("said", UNQUOTED)
def test_an_unquoted_table_loses_no_row_and_no_sign(said, tmp_path):
    lines = "".join(f"{number}\t{text}\tOFF\n" for number, text in enumerate(said))
    assert texts(tmp_path / "a.tsv", "id\ttext\tlabel\n" + lines) == said


@pytest.mark.parametrize("said", [['a "quoted" word', "two\nlines", "a\ttab"], ["plain", 'all "of" it'], ["", "x"]])
def test_a_quoted_tsv_is_read_as_one(said, tmp_path):
    quoted = [text if text.isalpha() or not text else '"' + text.replace('"', '""') + '"' for text in said]
    lines = "".join(f"{number}\t{text}\n" for number, text in enumerate(quoted))
    assert texts(tmp_path / "a.tsv", "id\ttext\n" + lines) == said


def test_doubt_about_quotes_is_said_and_a_key_decides(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text('id\ttext\tlabel\n1\t"opens\t0\n2\tcloses"\t1\n')
    [doubt] = open_table(path).doubts
    assert (
        "line 2: a quotation mark opens" in doubt
        and "read as 2 rows, and could be read as 1 (`quoting: quotes`)" in doubt
    )
    assert open_table(path, Reading(quoting="quotes")).count == 1
    path.write_text('text,label\n"opens,0\ncloses",1\n')
    table = open_table(path.rename(tmp_path / "a.csv"))
    assert table.count == 1 and "read as 1 rows, and could be read as 2 (`quoting: none`)" in table.doubts[0]


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
    ],
)
def test_what_does_not_fit_is_named_with_its_line(text, message, tmp_path):
    with pytest.raises(FoxhoundError) as refused:
        texts(tmp_path / "a.csv", text)
    assert message in str(refused.value)


def test_lines_are_counted_from_the_top_of_the_file(tmp_path):
    (tmp_path / "a.csv").write_text('sep=,\n# note\n\ntext,label\n"two\nlines",0\nb,1\n')
    assert read_raw(tmp_path / "a.csv")["_line"].tolist() == [5, 7]
