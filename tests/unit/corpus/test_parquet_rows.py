import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from foxhound.corpus.loading import load_comments
from foxhound.corpus.parquet_rows import class_names, open_parquet
from foxhound.errors import FoxhoundError


def with_features(path, features, labels):
    metadata = {b"huggingface": json.dumps({"info": {"features": features}}).encode()}
    table = pa.table({"text": [f"t{n}" for n in range(len(labels))], "label": labels}).replace_schema_metadata(metadata)
    pq.write_table(table, path)
    return path


def test_numbers_have_the_names_that_the_file_gives_them(tmp_path):
    names = {"label": {"names": ["hate", "nothate"], "_type": "ClassLabel"}, "text": {"_type": "Value"}}
    path = with_features(tmp_path / "a.parquet", names, [0, 1, -1, 2, None])
    table = open_parquet(path)
    assert table.class_names == {"label": ["hate", "nothate"]}
    assert [row[0] for _, row in table.rows(["label"])] == ["hate", "nothate", None, 2, None]


def test_without_a_key_the_names_decide_and_unclear_ones_are_refused(tmp_path):
    definition = {"text": "text", "label": "label"}
    for names, expected in {("hate", "nothate"): [1, 0, 0], ("0", "1"): [0, 1, 1], ("1", "0"): [1, 0, 0]}.items():
        path = with_features(tmp_path / "a.parquet", {"label": {"names": names, "_type": "ClassLabel"}}, [0, 1, 1])
        assert load_comments(path, definition)["label"].tolist() == expected
    path = with_features(tmp_path / "a.parquet", {"label": {"names": ["A", "B"], "_type": "ClassLabel"}}, [0, 1, 1])
    with pytest.raises(FoxhoundError, match=r"its own names for the classes are A, B, and 'A' may mean hateful or not"):
        load_comments(path, definition)
    assert load_comments(path, definition | {"positive": "B"})["label"].tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    "metadata",
    [b"", b"{", b"[]", b'{"info": 1}', b'{"info": {"features": [1]}}', b'{"info": {"features": {"label": 1}}}',
     b'{"info": {"features": {"label": {"_type": "ClassLabel"}}}}', b'{"info": {"features": {"label": {"_type": "ClassLabel", "names": [1]}}}}',
     b"[" * 100_000],
)  # fmt: skip
def test_metadata_that_does_not_fit_is_as_good_as_absent(metadata):
    assert class_names({b"huggingface": metadata}) == {}


def test_two_columns_of_one_name_are_refused(tmp_path):
    pq.write_table(pa.table([pa.array(["a"]), pa.array(["b"])], names=["text", "text"]), tmp_path / "a.parquet")
    with pytest.raises(FoxhoundError, match=r"two columns are named 'text'\. Rename or remove one"):
        open_parquet(tmp_path / "a.parquet")


def test_only_the_columns_that_are_asked_for_are_read(tmp_path):
    pq.write_table(pa.table({"a": [1, 2], "b": ["x", "y"], "c": [[1], None]}), tmp_path / "a.parquet")
    table = open_parquet(tmp_path / "a.parquet")
    assert (table.columns, table.count) == (["a", "b", "c"], 2)
    assert list(table.rows(["b"])) == [(1, ["x"]), (2, ["y"])]
    assert list(table.rows(["c", "a"])) == [(1, [[1], 1]), (2, [None, 2])]


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.dictionary(pa.int8(), pa.binary())])
def test_text_that_a_file_does_not_call_text_is_text(kind, tmp_path):
    texts = pa.array(["na\u00efve".encode(), b"", None, b"\xff"], pa.binary()).cast(kind)
    pq.write_table(pa.table({"text": texts}), tmp_path / "a.parquet")
    found = [row for _, row in open_parquet(tmp_path / "a.parquet").rows(["text"])]
    assert found == [["na\u00efve"], [""], [None], [b"\xff"]]


@pytest.mark.parametrize("kind", [pa.binary(4), pa.binary_view()])
def test_words_of_one_length_are_words(kind, tmp_path):
    pq.write_table(pa.table({"label": pa.array([b"hate", b"none", None], kind)}), tmp_path / "a.parquet")
    assert [row for _, row in open_parquet(tmp_path / "a.parquet").rows(["label"])] == [["hate"], ["none"], [None]]
