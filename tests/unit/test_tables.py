import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from foxhound.errors import FoxhoundError
from foxhound.tables import (
    SCHEMAS,
    TYPES,
    each_batch,
    read_arrow,
    read_metadata,
    read_table,
    table_schema,
    table_writer,
    write_table,
)

TABLES = sorted(yaml.safe_load(SCHEMAS.read_text(encoding="utf-8")))


def comments(**columns) -> pd.DataFrame:
    values = {
        "id": ["a", "b"],
        "thread": ["x", ""],
        "title": ["x", None],
        "text": ["hi", "ho"],
        "label": [0, 1],
        "user": [None, "u"],
    }
    return pd.DataFrame(values | columns)


@pytest.mark.parametrize("name", TABLES)
def test_every_declared_table_has_an_arrow_schema(name):
    schema = table_schema(name)
    assert schema.names == list(yaml.safe_load(SCHEMAS.read_text(encoding="utf-8"))[name])
    assert all(pa.types.is_struct(field.type) or field.type in TYPES.values() for field in schema)


def test_a_question_mark_allows_nulls():
    schema = table_schema("comments")
    assert {field.name for field in schema if field.nullable} == {"title", "user"}
    assert schema.field("label").type == pa.int8()
    assert all(field.nullable for field in table_schema("predictions").field("settings").type)


def test_a_table_comes_back_as_it_was_written(tmp_path):
    path = tmp_path / "comments.parquet"
    write_table(comments(), path, "comments", {"digest": "ö", "comments": 2})
    assert read_arrow(path, "comments").to_pydict() == {
        "id": ["a", "b"],
        "thread": ["x", ""],
        "title": ["x", None],
        "text": ["hi", "ho"],
        "label": [0, 1],
        "user": [None, "u"],
    }
    assert read_table(path, "comments")["label"].dtype == np.int8
    assert read_metadata(path) == {"digest": "ö", "comments": 2}
    assert pq.read_schema(path).remove_metadata() == table_schema("comments")


def test_columns_are_written_in_the_declared_order_and_read_on_demand(tmp_path):
    path = tmp_path / "comments.parquet"
    write_table(comments()[["user", "label", "text", "title", "thread", "id"]], path, "comments", {})
    assert pq.read_schema(path).names == table_schema("comments").names
    assert read_arrow(path, "comments", ["label", "id"]).column_names == ["label", "id"]


def test_an_arrow_table_is_cast_and_written(tmp_path):
    path = tmp_path / "partition.parquet"
    write_table(pa.table({"part": pa.array(["train"]).dictionary_encode(), "id": ["a"]}), path, "partition", {})
    assert read_arrow(path, "partition").to_pydict() == {"id": ["a"], "part": ["train"]}


def test_a_file_without_our_footer_has_empty_metadata(tmp_path):
    pq.write_table(pa.table({"id": ["a"]}), tmp_path / "other.parquet")
    assert read_metadata(tmp_path / "other.parquet") == {}


@pytest.mark.parametrize(
    ("frame", "part"),
    [
        (comments().drop(columns="user"), "needs columns"),
        (comments(extra=1), "extra"),
        (comments(label=["0", "one"]), "label"),
        (comments(label=[0, 1000]), "does not fit table 'comments'"),
        (comments(label=[0.5, 1]), "label"),
        (comments(text=["hi", None]), "text"),
        (pa.Table.from_pandas(comments(text=["hi", None])), "text"),
        (pa.Table.from_pandas(comments(label=["0", "one"])), "does not fit table 'comments'"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_and_not_written(frame, part, tmp_path):
    with pytest.raises(FoxhoundError) as refused:
        write_table(frame, tmp_path / "comments.parquet", "comments", {})
    assert part in str(refused.value)
    assert str(tmp_path / "comments.parquet") in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_cast_that_arrow_does_not_know_is_explained(tmp_path):
    with pytest.raises(FoxhoundError, match="does not fit"):
        write_table(pa.table({"id": ["a"], "part": [[1]]}), tmp_path / "p.parquet", "partition", {})


def test_another_table_is_not_taken_for_ours(tmp_path):
    path = tmp_path / "partition.parquet"
    pq.write_table(pa.table({"id": ["a"], "part": [3]}), path)
    with pytest.raises(FoxhoundError) as refused:
        read_table(path, "partition")
    assert "'part'" in str(refused.value)
    assert f"rm {path}" in str(refused.value)
    pq.write_table(pa.table({"id": ["a"]}), path)
    with pytest.raises(FoxhoundError, match="'part'"):
        read_table(path, "partition", ["id"])


@pytest.mark.parametrize(
    "damage",
    [lambda whole: b"", lambda whole: whole[:-9], lambda whole: whole[:20] + b"\xff" * 40 + whole[60:]],
)
def test_a_damaged_file_says_which_one_to_delete(damage, tmp_path):
    path = tmp_path / "partition.parquet"
    write_table(pd.DataFrame({"id": ["a", "b"], "part": ["train", "test"]}), path, "partition", {})
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(FoxhoundError) as refused:
        read_table(path, "partition")
    assert f"rm {path}" in str(refused.value)


def test_a_missing_file_says_how_to_get_it(tmp_path):
    with pytest.raises(FoxhoundError, match=r"partition.parquet: there is no such file. Run Snakemake"):
        read_table(tmp_path / "partition.parquet", "partition")


def test_a_column_that_the_table_has_not_is_refused(tmp_path):
    path = tmp_path / "partition.parquet"
    write_table(pd.DataFrame({"id": ["a"], "part": ["train"]}), path, "partition", {})
    with pytest.raises((FoxhoundError, KeyError)):
        read_table(path, "partition", ["prat"])


def test_a_writer_that_fails_half_way_leaves_the_old_table(tmp_path):
    path = tmp_path / "partition.parquet"
    frame = pd.DataFrame({"id": ["a"], "part": ["train"]})
    write_table(frame, path, "partition", {})
    with pytest.raises(OSError, match="no space"), table_writer(path, "partition", {}) as write:
        write(pd.DataFrame({"id": ["b"], "part": ["test"]}))
        raise OSError("no space left on device")
    assert read_arrow(path, "partition").to_pydict() == {"id": ["a"], "part": ["train"]}
    assert list(tmp_path.iterdir()) == [path]


def test_pieces_are_one_table_each_checked(tmp_path):
    path = tmp_path / "partition.parquet"
    with table_writer(path, "partition", {"made": "by hand"}) as write:
        write(pd.DataFrame({"id": ["a", "b"], "part": ["train", "test"]}))
        write(pd.DataFrame({"id": ["c"], "part": ["train"]}))
    assert read_arrow(path, "partition").to_pydict() == {"id": ["a", "b", "c"], "part": ["train", "test", "train"]}
    assert read_metadata(path) == {"made": "by hand"}
    assert pq.ParquetFile(path).num_row_groups == 2
    with pytest.raises(FoxhoundError, match="had 1 null"), table_writer(path, "partition", {}) as write:
        write(pd.DataFrame({"id": [None], "part": ["train"]}))


def test_one_altered_byte_is_found(tmp_path):
    # Random vectors do not compress, so that nothing but the page's checksum can tell.
    vectors = np.random.default_rng(0).normal(size=(200, 50)).astype(np.float32)
    frame = pd.DataFrame({"word": [f"w{row}" for row in range(200)], "vector": list(vectors)})
    path = tmp_path / "words.parquet"
    write_table(frame, path, "word_vectors", {})
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(FoxhoundError, match=r"words\.parquet: damaged"):
        read_table(path, "word_vectors")


def test_rows_come_in_order_with_one_row_group_in_memory(tmp_path):
    path = tmp_path / "a.parquet"
    generator = np.random.default_rng(0)
    rows = [generator.bytes(20_000) for _ in range(1500)]  # which no compression shrinks
    pq.write_table(pa.table({"a": rows, "b": range(1500)}), path, row_group_size=100, use_dictionary=False)
    seen, most = [], 0
    before = pa.total_allocated_bytes()
    with pq.ParquetFile(path) as file:
        for batch in each_batch(file, 64, ["a"]):
            assert batch.num_rows <= 64
            seen += batch["a"].to_pylist()
            most = max(most, pa.total_allocated_bytes() - before)
    assert seen == rows
    assert most < 10_000_000  # of 30 MB
