import gzip

import pytest
from foxhound.corpus.formats import find_format, format_by_content
from foxhound.errors import FoxhoundError


@pytest.mark.parametrize(
    ("start", "format"),
    [
        (b"PAR1...", "parquet"), (b"PK\x03\x04..", "workbook"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook"), (b'{"text": "a"}', "jsonl"),
        (b'  [\n {"text"', "jsonl"), (b"[", "jsonl"), ("text,label".encode("utf-16"), "csv"), ('{"a": 1}'.encode("utf-16-le"), "jsonl"),
        (b"text,label\n", "csv"), (b"[ab],label\n", "csv"), (b"{name},label\n", "csv"), (b"", None),
        (b"\0\1\2\3" * 20, None), (b'"text"\n"a"', "csv"), (b"[1] a note", "csv"), (b'"text","label"\n', "csv"),
    ],
)  # fmt: skip
def test_the_first_bytes_tell_a_format(start, format):
    assert format_by_content(start) == format


def test_content_decides_where_the_name_lies_and_the_user_before_both(tmp_path):
    (tmp_path / "a.csv").write_bytes(b'{"text": "a"}')
    assert find_format(tmp_path / "a.csv", "a.csv")[0] == "jsonl"
    assert "holds JSON, whatever its name says" in find_format(tmp_path / "a.csv", "a.csv")[1]
    assert find_format(tmp_path / "a.csv", "a.csv", "csv") == ("csv", None)
    assert find_format(tmp_path / "a.csv", "fetched.jsonl") == ("jsonl", None)
    (tmp_path / "a.csv").write_bytes(b'"text"\n"a"')
    assert find_format(tmp_path / "a.csv", "a.csv") == ("csv", None)
    assert find_format(tmp_path / "a.csv", "a.jsonl") == ("jsonl", None)


@pytest.mark.parametrize("name", ["a.doc", "a.pkl", "a", "csv", "a.feather", "a.ods", "a.xlsb"])
def test_an_unknown_ending_is_refused_with_the_list(name, tmp_path):
    (tmp_path / name).write_text("text,label")
    with pytest.raises(FoxhoundError, match=r"no format is known by its name. It can end in \.csv, \.tsv, .*\.xls"):
        find_format(tmp_path / name, name)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version https://git-lfs.github.com/spec/v1\noid sha256:4d7\n", "a pointer of Git LFS.*git lfs pull"), ("404: Not Found", "what a server said"),
        ("Not Found\n", "what a server said"), ("@relation x\n@data\n", "an ARFF file"), ("\ufeff <!DOCTYPE html>", "a web page"), ("<?xml ", "a web page"),
        ("<meta charset='utf-8'><table>", "a web page"), ("<!-- by X --><table>", "a web page"), ("MIME-Version: 1.0\n", "a web page"),
        ("{'text': 'a', 'label': 1}\n", "Python's way to write objects"), ("__label__hate a b\n", r"fastText.*printf 'label.*FILE\) > NEW\.tsv"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.csv", "a.xls", "a.txt", "a.json", "a"])
def test_what_is_no_table_is_called_by_its_name(text, message, name, tmp_path):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(FoxhoundError, match=message):
        find_format(tmp_path / name, name)


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (b"\xff\xff\xff\xff\x10\0", "an Arrow stream"), (b"\x93NUMPY\x01\0", "a NumPy array"), (b"$FL2@(#) SPSS", "an SPSS file"),
        (b"<stata_dta><header>", "a Stata file"), (b"X\n\0\0\0\x02", "an R data file"), (b"RDX3\nX\n", "an R data file"),
        (gzip.compress(gzip.compress(b"text", mtime=0), mtime=0), "packed twice"), (b"a.csv" + bytes(252) + b"ustar\00000", r"a tar archive\. Unpack it \(tar -xf FILE\)"),
        (b"| text | label |\n|:---|---|\n| a | 0 |\n", "a table as Markdown writes it"), (b"[{'text': 'a', 'label': 1}]", "Python's way"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.txt", "a.json"])
def test_other_files_are_called_by_their_names_whatever_the_ending(start, message, name, tmp_path):
    (tmp_path / name).write_bytes(start)
    with pytest.raises(FoxhoundError, match=message):
        find_format(tmp_path / name, name)


@pytest.mark.parametrize(
    "text", ['var data = [{"a": 1}];', '// note\n[{"a": 1}]', 'window.x = {"a": 1}', 'call([{"a": 1}])']
)
def test_a_script_around_json_is_said(text, tmp_path):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(FoxhoundError, match="JSON with comments or a script around it"):
        find_format(tmp_path / "a.json", "a.json")


@pytest.mark.parametrize("text", ["RDX,text\n", "ORCID,text\n", "| a | b\n", "const,text\n"])
def test_names_of_columns_are_not_taken_for_something_else(text, tmp_path):
    (tmp_path / "a.csv").write_text(text)
    assert find_format(tmp_path / "a.csv", "a.csv") == ("csv", None)


@pytest.mark.parametrize(
    "text", ["404 people came\n", "Not Found by me\n", "<b>bold</b>\n", "{'tis} a text\n", "version 2\n", "headless\n"]
)
def test_sentences_are_not_taken_for_something_else(text, tmp_path):
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    assert (
        find_format(tmp_path / "a.txt", "a.txt") == ("csv", None)
        or find_format(tmp_path / "a.txt", "a.txt")[0] == "txt"
    )


@pytest.mark.parametrize("name", ["train.csv.zip", "train.zip", "a.ods"])
def test_an_archive_is_to_be_unpacked_and_not_renamed(name, tmp_path):
    (tmp_path / name).write_bytes(b"PK\x03\x04" + bytes(30))
    with pytest.raises(FoxhoundError, match=r"a ZIP archive\. Unpack it"):
        find_format(tmp_path / name, name)
