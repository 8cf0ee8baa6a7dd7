import pytest
from foxhound.corpus.formats import find_format, format_by_content
from foxhound.errors import FoxhoundError


@pytest.mark.parametrize(
    ("start", "format"),
    [
        (b"PAR1...", "parquet"), (b"PK\x03\x04..", "workbook"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook"), (b'{"text": "a"}', "jsonl"),
        (b'  [\n {"text"', "jsonl"), (b"[", "jsonl"), ("text,label".encode("utf-16"), "csv"), ('{"a": 1}'.encode("utf-16-le"), "jsonl"),
        (b"text,label\n", "csv"), (b"[ab],label\n", "csv"), (b"{name},label\n", "csv"), (b"<html>", "page"), (b"<?xml ", "page"), (b"", None),
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
