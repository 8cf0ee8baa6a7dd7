from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from foxhound.errors import FoxhoundError
from foxhound.features.embedding_store import (
    EmbeddingStore,
    TokenVectors,
    load_means,
    load_vectors,
)
from foxhound.features.vector_rows import to_arrow, to_bytes
from foxhound.tables import write_table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SETTINGS = {"encoder": "minilm", "layer": -1, "max_tokens": 128}
WIDTH = 3
VECTORS = st.lists(
    st.integers(1, 6).flatmap(lambda tokens: st.binary(min_size=2 * WIDTH * tokens, max_size=2 * WIDTH * tokens)),
    min_size=1,
    max_size=6,
).map(lambda rows: [np.frombuffer(row, np.float16).reshape(-1, WIDTH) for row in rows])
"""Of each comment any bits at all: infinities, subnormal numbers and NaN too."""


def store(path, vectors: list[np.ndarray]) -> list[str]:
    """Write the vectors of made-up comments, and return their ids."""
    ids = [f"comment-{number}" for number in range(len(vectors))]
    keys = [f"key-{number}" for number in range(len(vectors))]
    rows = {key: to_bytes(array) for key, array in zip(keys, vectors, strict=True)}
    write_table(to_arrow(ids, keys, rows), path, "embeddings", SETTINGS)
    return ids


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VECTORS, st.data())
def test_vectors_come_back_bit_by_bit_in_the_order_asked_for(tmp_path, vectors, data):
    ids = store(tmp_path / "none.parquet", vectors)
    requested = data.draw(st.permutations(range(len(ids))))[: data.draw(st.integers(1, len(ids)))]
    loaded = load_vectors(tmp_path / "none.parquet", [ids[number] for number in requested])
    assert loaded.values.dtype == np.float16
    assert loaded.lengths.tolist() == [len(vectors[number]) for number in requested]
    for position, number in enumerate(requested):
        assert loaded[position].shape == vectors[number].shape
        assert loaded[position].tobytes() == vectors[number].tobytes()


def test_more_comments_than_a_read_holds_come_back(tmp_path):
    vectors = [np.full((1 + number % 3, WIDTH), number, np.float16) for number in range(1200)]
    ids = store(tmp_path / "none.parquet", vectors)
    loaded = load_vectors(tmp_path / "none.parquet", ids[::-1])
    assert [loaded[position][0, 0] for position in range(1200)] == list(range(1199, -1, -1))


def test_token_vectors_by_hand():
    loaded = TokenVectors(np.arange(10).reshape(5, 2), np.array([0, 1, 5]))
    assert loaded.lengths.tolist() == [1, 4]
    assert loaded[1].tolist() == [[2, 3], [4, 5], [6, 7], [8, 9]]


def test_a_comment_without_vectors_is_named(tmp_path):
    ids = store(tmp_path / "none.parquet", [np.zeros((1, WIDTH))])
    with pytest.raises(FoxhoundError) as refused:
        load_vectors(tmp_path / "none.parquet", [*ids, "lost", "gone"])
    for part in (str(tmp_path / "none.parquet"), "2 comments", "lost", "Delete it"):
        assert part in str(refused.value)


ROWS = {f"key-{number}": to_bytes(np.full((number + 1, WIDTH), number)) for number in range(4)}


def rows_of(*numbers: int) -> dict[str, tuple[int, bytes]]:
    return {f"key-{number}": ROWS[f"key-{number}"] for number in numbers}


def test_a_store_gives_back_what_any_run_added(tmp_path):
    assert EmbeddingStore(tmp_path / "store", SETTINGS).find(["key-0"]) == {}
    EmbeddingStore(tmp_path / "store", SETTINGS).add(rows_of(0, 1))
    EmbeddingStore(tmp_path / "store", SETTINGS).add(rows_of(1, 2))
    assert EmbeddingStore(tmp_path / "store", SETTINGS).find([*ROWS]) == rows_of(0, 1, 2)
    assert EmbeddingStore(tmp_path / "store", SETTINGS).find(["key-2", "other"]) == rows_of(2)


def test_settings_are_kept_apart(tmp_path):
    EmbeddingStore(tmp_path, SETTINGS).add(rows_of(0))
    assert EmbeddingStore(tmp_path, SETTINGS | {"layer": -2}).find(["key-0"]) == {}


def test_equal_rows_are_one_file(tmp_path):
    for _ in range(2):
        EmbeddingStore(tmp_path, SETTINGS).add(rows_of(0, 1))
    assert len([*tmp_path.rglob("*.parquet")]) == 1


def test_a_damaged_file_is_named_and_removed(tmp_path, caplog):
    filled = EmbeddingStore(tmp_path, SETTINGS)
    filled.add(rows_of(0))
    filled.add(rows_of(1))
    path = sorted(filled.folder.glob("*.parquet"))[0]
    path.write_bytes(path.read_bytes()[:-10])
    assert len(filled.find([*ROWS])) == 1
    assert str(path) in caplog.text
    assert not path.exists()


def test_a_file_that_is_being_written_is_not_read(tmp_path, caplog):
    filled = EmbeddingStore(tmp_path, SETTINGS)
    filled.add(rows_of(0))
    (filled.folder / ".half.123.parquet").write_bytes(b"PAR1")
    assert filled.find([*ROWS]) == rows_of(0)
    assert caplog.text == ""


def test_many_writers_at_once_leave_whole_files(tmp_path):
    def write(number: int) -> None:
        EmbeddingStore(tmp_path, SETTINGS).add(rows_of(number % 3, 3))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(40)))
    assert EmbeddingStore(tmp_path, SETTINGS).find([*ROWS]) == ROWS


@pytest.mark.parametrize("content", [None, b"PAR1"])
def test_a_missing_or_damaged_file_is_explained(content, tmp_path):
    if content:
        (tmp_path / "none.parquet").write_bytes(content)
    with pytest.raises(FoxhoundError, match=r"none\.parquet"):
        load_vectors(tmp_path / "none.parquet", ["comment-0"])


def test_means_are_those_of_the_vectors_in_the_order_that_is_asked_for(tmp_path):
    generator = np.random.default_rng(0)
    arrays = {f"c{number}": generator.normal(size=(number % 5 + 1, 3)).astype(np.float16) for number in range(1200)}
    table = to_arrow([*arrays], [*arrays], {name: to_bytes(array) for name, array in arrays.items()})
    write_table(table, tmp_path / "none.parquet", "embeddings", {})
    requested = [*arrays][::-3]
    loaded = load_means(tmp_path / "none.parquet", requested)
    assert loaded.dtype == np.float32
    np.testing.assert_array_equal(loaded, [arrays[name].astype(np.float32).mean(axis=0) for name in requested])
    vectors = load_vectors(tmp_path / "none.parquet", requested)
    for position, name in enumerate(requested):
        np.testing.assert_array_equal(vectors[position], arrays[name])
    with pytest.raises(FoxhoundError, match="no vectors for 1 comments, such as lost"):
        load_means(tmp_path / "none.parquet", [*requested, "lost"])
