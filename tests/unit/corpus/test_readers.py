"""Test that every table that is written is read back, and that any bytes end in a table or a message."""

import csv
import gzip
import json
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from foxhound.corpus import readers, unpacking
from foxhound.corpus.formats import format_of
from foxhound.corpus.loading import load_comments
from foxhound.corpus.readers import read_raw
from foxhound.errors import FoxhoundError
from hypothesis import example, given, settings
from hypothesis import strategies as st
from made_up_workbook import save_workbook

WRITTEN = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
FIELD = WRITTEN.map(lambda text: text.replace("\0", ""))  # the csv module of Python 3.11 refuses it
TABLE = st.lists(st.tuples(FIELD, FIELD), min_size=1, max_size=8)
HEBREW = "\u05e9\u05dc\u05d5\u05dd"
TEXT = 'text,label\n"¡سلام, 🦊!\n' + HEBREW + '",1\nplain,0\n'


def read(path: Path, **how: Any) -> list[dict[str, Any]]:
    return read_raw(path, **how).drop(columns="_line").to_dict("records")


def refusal(path: Path, **how: Any) -> str:
    with pytest.raises(FoxhoundError) as refused:
        read(path, **how)
    assert str(path) in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("a.csv", "csv"), ("A.TSV", "tsv"), ("a.jsonl", "jsonl"), ("a.ndjson.gz", "jsonl"), ("a.b.json.zst", "jsonl"),
        ("a.parquet", "parquet"), ("a.xlsx", "workbook"), ("a.TAB", "tsv"), ("csv", None), ("a", None), ("a.doc", None),
    ],
)  # fmt: skip
def test_a_name_tells_the_format(name, format):
    assert format_of(f"folder.csv/{name}") == format


@pytest.mark.parametrize("packed", ["", ".gz", ".zst"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_packed_or_not_with_a_mark_or_without_the_text_survives(packed, encoding, tmp_path):
    pack = {"": bytes, ".gz": gzip.compress, ".zst": lambda data: pa.compress(data, "zstd", asbytes=True)}[packed]
    path = tmp_path / f"a.csv{packed}"
    path.write_bytes(pack(TEXT.encode(encoding)))
    assert read(path) == [{"text": "¡سلام, 🦊!\n" + HEBREW, "label": "1"}, {"text": "plain", "label": "0"}]


def test_an_older_encoding_is_read_where_it_is_named(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("text,label\nna\u00efve \u20ac,1\n".encode("cp1252"))
    message = refusal(path)
    for part in (
        "not UTF-8 in line 2: byte 0xEF (byte 13 of the file)",
        "save the file as UTF-8",
        "`encoding: cp1252`",
    ):
        assert part in message
    assert read(path, encoding="cp1252")[0]["text"] == "na\u00efve \u20ac"


def test_semicolons_separate_where_the_header_has_no_comma(tmp_path):
    (tmp_path / "a.csv").write_text("text;label\na, b;1\n")
    assert read(tmp_path / "a.csv") == [{"text": "a, b", "label": "1"}]


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: pa.compress(data, "zstd", asbytes=True)])
def test_a_bomb_is_refused_before_it_is_unpacked(pack, tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "MOST_BYTES", 1 << 16)
    path = tmp_path / "a.csv.gz"
    path.write_bytes(pack(b"text,label\n" + b"a,0\n" * (1 << 15)))
    assert "more than 65,536 bytes once unpacked" in refusal(path)


def test_a_bomb_of_parquet_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"text": ["a" * 100_000] * 1000}).to_parquet(path)
    assert path.stat().st_size < 10_000
    monkeypatch.setattr(unpacking, "MOST_BYTES", 1 << 26)
    assert "more than 67,108,864 bytes once unpacked" in refusal(path)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_too_many_rows_are_refused(name, tmp_path, monkeypatch):
    monkeypatch.setattr(readers, "MOST_ROWS", 3)
    frame = pd.DataFrame({"text": ["a"] * 4})
    if name == "a.csv":
        frame.to_csv(tmp_path / name, index=False)
    elif name == "a.jsonl":
        frame.to_json(tmp_path / name, orient="records", lines=True)
    else:
        frame.to_parquet(tmp_path / name)
    assert "more than 3 rows" in refusal(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.csv", b"PK\x03\x04", "not a readable workbook"),
        ("a.csv", b"BZh91AY", "a bzip2 file"),
        ("a.csv.gz", gzip.compress(TEXT.encode(), mtime=0)[:-9], "cannot be read as csv"),
        ("a.csv.gz", gzip.compress(TEXT.encode(), mtime=0)[:14] + b"\xff" * 30, "cannot be read as csv"),
        ("a.csv.zst", pa.compress(TEXT.encode(), "zstd", asbytes=True)[:-9], "cannot be read as csv"),
        (
            "a.json",
            b'[["text", "label"], ["a", 1]]',
            "an array of arrays. Arrays name no columns. Make objects of them: jq",
        ),
        ("a.json", b'["a", 1]\n["b", 0]\n', "an array a line. Arrays name no columns"),
        ("a.json", b'{"text": ["a", "b"], "label": [1]}', "a list per column, and they are not equally long"),
        ("a.json", b'{"a": [{"text": "a"}], "b": [{"text": "b"}]}', "records under several keys (a, b)"),
        ("a.csv", b"<!DOCTYPE html><p>", "a web page or XML, not a table"),
        ("a.csv", b"%PDF-1.4", "a PDF document"),
        ("a.doc", b"text,label", "no format is known by its name. It can end in .csv, .tsv, .tab"),
        ("a.parquet", b"PAR1", "not a Parquet file"),
    ],
)
def test_what_is_no_table_is_named(name, data, message, tmp_path):
    (tmp_path / name).write_bytes(data)
    assert message in refusal(tmp_path / name)


@given(TABLE, st.sampled_from(["csv", "tsv"]))
@example([("\t\r", "")], "tsv")  # each line of it, by itself, has as many fields as the header
def test_every_row_written_is_read_once_and_in_its_place(rows, format):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{format}"
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, delimiter="," if format == "csv" else "\t", quoting=csv.QUOTE_ALL)
            writer.writerows([("one", "two"), *rows])
        read_back = read_raw(path, format)
        assert list(zip(read_back["one"], read_back["two"], strict=True)) == rows
        # The line where each row starts, by counting the line breaks before it.
        assert read_back["_line"].is_monotonic_increasing


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.one_of(st.none(), WRITTEN, st.integers()), min_size=1)))
def test_every_object_written_is_read_once(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        read_back = read_raw(path, "jsonl")
        assert len(read_back) == len(rows)
        for row, (_, row_back) in zip(rows, read_back.iterrows(), strict=True):
            assert all(
                row_back[name] == value or (value is None and pd.isna(row_back[name])) for name, value in row.items()
            )


def table_bytes(format: str, packed: str) -> bytes:
    """Return the bytes of a file with a small table."""
    frame = pd.DataFrame({"text": ["a, \u202e🦊", HEBREW, 'c "d"'], "label": ["0", "1", "1"]})
    if format == "parquet":
        return frame.to_parquet()
    if format == "workbook":
        with tempfile.TemporaryDirectory() as folder:
            rows = [[*frame.columns], *frame.to_numpy().tolist()]
            return save_workbook(Path(folder) / "a.xlsx", {"data": rows}).read_bytes()
    text = frame.to_json(orient="records", lines=True) if format == "jsonl" else frame.to_csv(index=False)
    pack = {"": bytes, ".gz": gzip.compress, ".zst": lambda data: pa.compress(data, "zstd", asbytes=True)}[packed]
    return pack(text.encode())


@pytest.mark.parametrize("name", [None, "id"])
def test_an_index_of_pandas_is_a_column_where_it_has_a_name(name, tmp_path):
    frame = pd.DataFrame({"text": ["a", "b"]}, index=pd.Index(["x", "y"], name=name))
    frame.to_parquet(tmp_path / "a.parquet")
    read_back = read_raw(tmp_path / "a.parquet", "parquet")
    assert sorted(read_back.columns) == sorted(["_line", "text", *([name] if name else [])])
    assert read_back["text"].tolist() == ["a", "b"]
    assert not name or read_back[name].tolist() == ["x", "y"]


@settings(deadline=None)
@given(
    st.sampled_from(["csv", "tsv", "jsonl", "parquet", "workbook"]),
    st.sampled_from(["", ".gz", ".zst"]),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=4),
    st.floats(0, 1),
    st.booleans(),
)
@example("parquet", "", [(0.71875, 97)], 1.0, True)  # what pandas wrote of its own
@example("parquet", "", [(0.6875, 47)], 1.0, True)
def test_no_damage_to_a_table_ends_in_anything_but_comments_or_a_message(format, packed, changes, length, told):
    data = bytearray(table_bytes(format, packed))
    for place, byte in changes:
        data[int(place * len(data))] = byte
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{'xlsx' if format == 'workbook' else format}"
        path.write_bytes(data[: round(length * len(data))] if length < 0.5 else data)
        try:
            definition = {"text": "text", "label": "label"} | ({"format": format} if told else {})
            assert load_comments(path, definition)["id"].is_unique
        except FoxhoundError as error:
            assert str(path) in str(error)


@settings(deadline=None)
@given(
    st.binary(max_size=80) | st.binary(max_size=80).map(lambda data: b"PK\x03\x04" + data),
    st.sampled_from(["csv", "tsv", "jsonl", "parquet", "workbook"]),
    st.sampled_from(["utf-8", "utf-16", None]),
)
@example(b'{"a": 1e999, "b": NaN}', "jsonl", "utf-8")
@example(b"\x1f\x8b\x08", "csv", "utf-8")
@example(b"a\r\rb", "csv", "utf-8")
@example(b"\x1c", "jsonl", "utf-8")
@example(b"[" * 5000, "jsonl", "utf-8")
def test_no_bytes_end_in_anything_but_a_table_or_a_message(data, format, encoding):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        path.write_bytes(data)
        try:
            # What is space in a text (b"\x1c") need not be space among bytes.
            assert "_line" in read_raw(path, format, encoding) or not data.decode(encoding or "utf-8", "ignore").strip()
        except FoxhoundError as error:
            assert str(path) in str(error)
        assert path.read_bytes() == data
