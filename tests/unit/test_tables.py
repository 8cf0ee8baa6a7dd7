import errno
import os
import random
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from foxhound.errors import FoxhoundError
from foxhound.features.embedding_store import load_means, load_vectors
from foxhound.features.vector_rows import to_arrow, to_bytes
from foxhound.tables import (
    SCHEMAS,
    TYPES,
    DamagedFileError,
    MissingFileError,
    OtherTableError,
    each_batch,
    open_table,
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


@pytest.mark.parametrize("footer", [None, b"", b"{", b"\xff", b"[1]"])
def test_a_file_without_our_footer_is_refused(footer, tmp_path):
    path = tmp_path / "other.parquet"
    table = pa.table({"id": ["a"]})
    pq.write_table(table if footer is None else table.replace_schema_metadata({"foxhound": footer}), path)
    with pytest.raises(DamagedFileError) as refused:
        read_metadata(path)
    assert f"rm {path}" in str(refused.value)


def test_metadata_of_a_missing_file_says_how_to_get_it(tmp_path):
    with pytest.raises(MissingFileError, match=r"other\.parquet: there is no such file. Run Snakemake"):
        read_metadata(tmp_path / "other.parquet")


def test_a_file_of_an_earlier_version_has_no_seal_and_is_read(tmp_path):
    path = tmp_path / "partition.parquet"
    table = pa.table({"id": ["a"], "part": ["train"]}, schema=table_schema("partition"))
    pq.write_table(table.replace_schema_metadata({"foxhound": b'{"seed": 1}'}), path)
    assert read_arrow(path, "partition").to_pydict() == {"id": ["a"], "part": ["train"]}
    assert read_metadata(path) == {"seed": 1}


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
    with pytest.raises(OtherTableError) as refused:
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
    with pytest.raises(DamagedFileError) as refused:
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


METADATA = {"corpus": {"text": "0123456789abcdef"}, "losses": [[0.5, 0.25]]}


def made_up_column(kind: pa.DataType, rows: int) -> list:
    if pa.types.is_struct(kind):
        columns = {field.name: made_up_column(field.type, rows) for field in kind}
        return [{name: values[row] for name, values in columns.items()} for row in range(rows)]
    if pa.types.is_list(kind):
        return [[value] * (row % 3) for row, value in enumerate(made_up_column(kind.value_type, rows))]
    if pa.types.is_boolean(kind):
        return [row % 3 == 0 for row in range(rows)]
    number = float if pa.types.is_floating(kind) else int
    return [f"word {row % 5}" if pa.types.is_string(kind) else number(row * 7 % 11) for row in range(rows)]


def made_up_table(name: str) -> pa.Table:
    if name == "embeddings":
        ids = [f"c{row}" for row in range(8)]
        vectors = np.random.default_rng(0).normal(size=(4, 3))
        return to_arrow(ids, ids, {key: to_bytes(vectors[: row % 4 + 1]) for row, key in enumerate(ids)})
    schema = table_schema(name)
    return pa.table({field.name: made_up_column(field.type, 12) for field in schema}, schema=schema)


def read_all_ways(path, name: str, ids: list[str]) -> list:
    """Return for each way to read the file its content, or the error."""

    def vectors() -> tuple:
        loaded = load_vectors(path, ids)
        return loaded.values.tobytes(), loaded.starts.tolist()

    ways = [lambda: read_metadata(path), lambda: read_table(path, name).to_json()]
    if name == "embeddings":
        ways = [ways[0], lambda: read_arrow(path, name).to_pydict(), vectors, lambda: load_means(path, ids).tolist()]
    outcomes = []
    for way in ways:
        try:
            outcomes.append(way())
        except FoxhoundError as error:
            outcomes.append(error)
    return outcomes


@pytest.mark.parametrize("name", ["predictions", "embeddings", "scores"])
def test_one_altered_byte_gives_the_right_content_or_an_error_with_the_file_and_the_remedy(name, tmp_path):
    path = tmp_path / f"{name}.parquet"
    table = made_up_table(name)
    write_table(table, path, name, METADATA)
    ids, whole, draw = table["id"].to_pylist() if name == "embeddings" else [], path.read_bytes(), random.Random(0)
    right = read_all_ways(path, name, ids)
    assert right[0] == METADATA
    footer = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    json_at = whole.index(b'{"corpus"')
    # A third of all flips each in the pages with their headers, in the footer, and in its metadata and seal.
    places = [
        *(draw.randrange(footer) for _ in range(150)),
        *(draw.randrange(footer, len(whole)) for _ in range(150)),
        *(draw.randrange(json_at, json_at + 70) for _ in range(40)),
        *range(footer - 12, footer),
        *range(len(whole) - 8, len(whole)),
    ]
    refused = 0
    for place in places:
        altered = bytearray(whole)
        altered[place] ^= 1 << draw.randrange(8)
        path.write_bytes(altered)
        for outcome, expected in zip(read_all_ways(path, name, ids), right, strict=True):
            if isinstance(outcome, FoxhoundError):
                assert f"rm {path}" in str(outcome), place
                refused += 1
            else:
                assert outcome == expected, place
    assert refused > len(places) / 2


def test_a_page_that_is_taken_for_another_kind_is_damage(tmp_path):
    path = tmp_path / "none.parquet"
    table = made_up_table("embeddings")
    write_table(table, path, "embeddings", {})
    whole = path.read_bytes()
    with pq.ParquetFile(path) as file:
        chunks = [file.metadata.row_group(0).column(number) for number in range(4)]
    for chunk in chunks:
        header = chunk.data_page_offset
        assert whole[header : header + 2] == b"\x15\x00"  # field 1 of the page's header: a data page
        path.write_bytes(whole[: header + 1] + b"\x02" + whole[header + 2 :])  # an index page, which is passed over
        for read in (load_vectors, load_means):
            if chunk.path_in_schema != "key":
                with pytest.raises(DamagedFileError):
                    read(path, table["id"].to_pylist())


def test_too_many_open_files_are_no_damage(tmp_path):
    path = tmp_path / "partition.parquet"
    write_table(pd.DataFrame({"id": ["a"], "part": ["train"]}), path, "partition", {})
    script = """
import os, resource, sys
from foxhound.errors import FoxhoundError
from foxhound.tables import read_metadata, read_table
path = sys.argv[1]
read_table(path, "partition")
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
files = []
while True:
    try:
        files.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        break
for read in (lambda: read_table(path, "partition"), lambda: read_metadata(path)):
    try:
        read()
    except FoxhoundError as error:
        print(type(error).__name__, error)
"""
    environment = os.environ | {"PYTHONPATH": str(SCHEMAS.parents[1] / "scripts")}
    command = [sys.executable, "-c", script, path]
    printed = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout
    message = f"FoxhoundError {path}: Too many open files. Allow more open files (ulimit -n 4096), and run again.\n"
    assert printed == message * 2


@pytest.mark.parametrize(
    ("raised", "kind", "part"),
    [
        (OSError(errno.EIO, "Error reading bytes"), FoxhoundError, os.strerror(errno.EIO)),
        (pa.ArrowMemoryError("malloc of size 9 failed"), FoxhoundError, "not enough memory"),
        (pa.ArrowNotImplementedError("codec"), OtherTableError, "codec"),
        (OSError("Couldn't deserialize thrift\n"), DamagedFileError, "thrift)"),
        (pa.ArrowInvalid("magic"), DamagedFileError, "magic"),
    ],
)
def test_only_what_is_damaged_is_called_so(raised, kind, part, tmp_path):
    path = tmp_path / "partition.parquet"
    write_table(pd.DataFrame({"id": ["a"], "part": ["train"]}), path, "partition", {})
    with pytest.raises(FoxhoundError) as refused, open_table(path, "partition"):
        raise raised
    assert type(refused.value) is kind
    assert str(refused.value).startswith(f"{path}: ")
    assert part in str(refused.value)


def test_a_folder_is_not_a_parquet_file(tmp_path):
    with pytest.raises(DamagedFileError, match="Is a directory"):
        read_table(tmp_path, "partition")
