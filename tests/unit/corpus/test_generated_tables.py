"""Generated tables: what pandas or pyarrow reads is what Foxhound reads, or an error names the line and the remedy."""

import csv
import gzip
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from foxhound.corpus.labels import is_missing, label_word
from foxhound.corpus.loading import load_comments
from foxhound.corpus.readers import open_table
from foxhound.corpus.table_file import Reading
from foxhound.corpus.texts import open_texts
from foxhound.errors import FoxhoundError
from hypothesis import example, given, settings
from hypothesis import strategies as st
from made_up_workbook import save_workbook

SIGNS = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\"',;|#\n\t\\ =é€漢🦊")
TEXT = st.text(SIGNS, max_size=12)
ROWS = st.lists(st.tuples(TEXT, st.sampled_from(["0", "1", "", "nan"])), min_size=1, max_size=8)
ENDINGS = {"csv": ",", "tsv": "\t", "tab": "\t", "CSV": ","}
PACK = {"": bytes, ".gz": gzip.compress, ".zst": lambda data: pa.compress(data, "zstd", asbytes=True)}


def written(rows: list[tuple[str, str]], separator: str, quoting: int, line_end: str = "\n") -> str:
    """Return what Python's csv module makes of rows with an id, a text and a label."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=separator, quoting=quoting, lineterminator=line_end)
    writer.writerows([("id", "text", "label"), *((number, *row) for number, row in enumerate(rows))])
    return file.getvalue()


def pandas_reads(data: bytes, separator: str, encoding: str, quoting: int = csv.QUOTE_MINIMAL) -> list[list[str]]:
    options: dict[str, Any] = {"sep": separator, "encoding": encoding, "quoting": quoting, "engine": "python"}
    return pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False, **options).to_numpy().tolist()


def foxhound_reads(path: Path, **reading: Any) -> tuple[list[list[Any]], list[str]]:
    table = open_table(path, Reading(**reading))
    found = [row for _, row in table.rows(table.columns)]
    assert len(found) == table.count
    assert table.columns == ["id", "text", "label"]
    return found, table.doubts


@settings(deadline=None)
@given(
    rows=ROWS,
    ending=st.sampled_from([*ENDINGS]),
    separator=st.sampled_from(",\t;|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    packed=st.sampled_from([*PACK]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_a_quoted_table_is_what_pandas_reads(rows, ending, separator, quoting, encoding, packed, line_end):
    data = written(rows, separator, quoting, line_end).encode(encoding)
    expected = pandas_reads(data, separator, encoding)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{ending}{packed}"
        path.write_bytes(PACK[packed](data))
        found, doubts = foxhound_reads(path, encoding="gb18030" if encoding == "gb18030" else None)
        # Where lines fit the header both ways, the other way is said with the key that takes it.
        if doubts:
            assert "`quoting: " in doubts[0]
            found, _ = foxhound_reads(path, encoding="gb18030" if encoding == "gb18030" else None, quoting="quotes")
        assert found == expected
        texts = open_texts(str(path), "text", encoding=encoding if encoding == "gb18030" else None, quoting="quotes")
        assert [text for text, _ in texts.values] == [row[1] for row in expected]


BARE = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]) | st.sampled_from('""\',;\\ é🦊'), max_size=12
)


@settings(deadline=None)
@given(
    st.lists(st.tuples(BARE, st.sampled_from(["OFF", "NOT"])), min_size=1, max_size=8),
    st.sampled_from(["tsv", "tab", "csv", "txt"]),
)
@example([('"opens', "OFF"), ("x", "NOT"), ('closes"', "OFF")], "tsv")
@example([('"Hello" she said', "OFF")], "csv")
def test_an_unquoted_table_of_tabs_loses_no_row(rows, ending):
    text = "id\ttext\tlabel\n" + "".join(f"{number}\t{said}\t{label}\n" for number, (said, label) in enumerate(rows))
    expected = pandas_reads(text.encode(), "\t", "utf-8", csv.QUOTE_NONE)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{ending}"
        path.write_text(text, encoding="utf-8", newline="")
        found, _ = foxhound_reads(path)
        assert len(found) == len(rows) == len(expected)
        if (
            found != expected
        ):  # every text that has a mark is quoted as a program would: it may as well be a quoted table
            assert found == pandas_reads(text.encode(), "\t", "utf-8")


VALUES = st.none() | TEXT | st.integers(-5, 5) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()
OBJECTS = st.lists(
    st.fixed_dictionaries({"text": TEXT, "label": VALUES}, optional={"n": VALUES}), min_size=1, max_size=8
)
FORMS: dict[str, Any] = {
    "lines": lambda rows: "\n".join(map(json.dumps, rows)),
    "array": json.dumps,
    "indented": lambda rows: json.dumps(rows, indent=1),
    "key": lambda rows: json.dumps({"data": rows}),
}


@settings(deadline=None)
@given(OBJECTS, st.sampled_from([*FORMS]), st.sampled_from(["json", "jsonl", "csv", "txt"]), st.sampled_from([*PACK]))
def test_objects_come_back_as_they_were(rows, form, ending, packed):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{ending}{packed}"
        path.write_bytes(PACK[packed](FORMS[form](rows).encode()))
        table = open_table(path)
        found = [dict(zip(table.columns, row, strict=True)) for _, row in table.rows(table.columns)]
        names = dict.fromkeys(name for row in rows for name in row)
        assert found == [{name: row.get(name) for name in names} for row in rows]


@settings(deadline=None)
@given(
    st.lists(st.none() | TEXT, max_size=8),
    st.sampled_from([pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())]),
    st.sampled_from(["zstd", "none"]),
)
def test_parquet_is_what_pyarrow_reads(texts, kind, compression):
    numbers = pa.array([None if text is None else len(text) for text in texts], pa.int8())
    written_table = pa.table({"text": pa.array(texts, pa.string()).cast(kind), "n": numbers})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.parquet"
        pq.write_table(written_table, path, compression=compression, row_group_size=3)
        table = open_table(path)
        found = [dict(zip(table.columns, row, strict=True)) for _, row in table.rows(table.columns)]
        assert found == pq.read_table(path).to_pylist()


IN_XML = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"], max_codepoint=0xFFFD), min_size=1, max_size=12)


@settings(deadline=None)
@given(st.lists(st.tuples(IN_XML, st.integers(0, 1) | st.none()), min_size=1, max_size=6))
def test_a_workbook_comes_back_as_it_was(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = save_workbook(Path(folder) / "a.xlsx", {"data": [("text", "label"), *rows]})
        table = open_table(path)
        assert [tuple(row) for _, row in table.rows(table.columns)] == rows


KINDS: dict[str, tuple[list[Any], dict[str, Any], dict[str, int]]] = {
    "numbers": ([0, 1], {}, {"0": 0, "1": 1}),
    "fractions of none": (["0.0", "1.0"], {}, {"0": 0, "1": 1}),
    "truth": (["true", "False"], {}, {"true": 1, "False": 0}),
    "words": (["hate", "none"], {"positive": "hate", "negative": "none"}, {"hate": 1, "none": 0}),
    "turned round": ([0, 1, 2], {"positive": [0], "negative": [1, 2]}, {"0": 1, "1": 0, "2": 0}),
    "left out": (["a", "b", "c"], {"positive": "a", "negative": "b", "left_out": "c"}, {"a": 1, "b": 0}),
    "a threshold": (["0.2", "0.5", "1"], {"threshold": 0.5}, {"0.2": 0, "0.5": 1, "1": 1}),
}
MISSING = ["", "nan", "NA", "-1", "?", "null"]


@settings(deadline=None)
@given(
    data=st.data(), kind=st.sampled_from([*KINDS]), ending=st.sampled_from(["csv", "tsv", "jsonl"]), drop=st.booleans()
)
def test_no_label_changes_its_side_and_missing_ones_are_named_or_left_out(data, kind, ending, drop):
    known, keys, sides = KINDS[kind]
    drawn = data.draw(st.lists(st.sampled_from(known) | st.sampled_from(MISSING), min_size=2, max_size=12))
    labels = [*known, *drawn]  # every class that is named is there
    keys = dict(keys)
    missing = [position for position, label in enumerate(labels) if is_missing(label_word(label))]
    if drop:
        out = keys.get("left_out", [])
        keys["left_out"] = [*(out if isinstance(out, list) else [out]), ""]
    frame = pd.DataFrame({"text": [f"text {n}" for n in range(len(labels))], "label": list(map(str, labels))})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{ending}"
        if ending == "jsonl":
            frame.to_json(path, orient="records", lines=True)
        else:
            frame.to_csv(path, index=False, sep="," if ending == "csv" else "\t")
        definition = {"text": "text", "label": "label"} | keys
        if missing and not drop:
            with pytest.raises(FoxhoundError) as refused:
                load_comments(path, definition)
            line = missing[0] + (1 if ending == "jsonl" else 2)
            assert f"line {line}: no label" in str(refused.value) and "left_out" in str(refused.value)
        else:
            expected = {
                f"text {n}": sides[str(word)] for n, word in enumerate(map(label_word, labels)) if str(word) in sides
            }
            found = load_comments(path, definition)
            assert dict(zip(found["text"], found["label"], strict=True)) == expected
