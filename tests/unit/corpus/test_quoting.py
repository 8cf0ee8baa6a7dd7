import pytest
from foxhound.corpus.readers import open_table
from foxhound.corpus.table_file import Reading
from texts_on_disk import texts

UNQUOTED = [
    [' "opens', 'closes"', "x"],
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
