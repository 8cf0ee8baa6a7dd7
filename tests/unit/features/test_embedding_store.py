import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow.parquet as pq
import pytest
from foxhound.errors import FoxhoundError
from foxhound.features.embedding_store import (
    EmbeddingStore,
    TokenVectors,
    load_means,
    load_vectors,
)
from foxhound.features.vector_rows import to_arrow, to_bytes
from foxhound.tables import SCHEMAS, DamagedFileError, write_table
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


def fill(folder) -> EmbeddingStore:
    """Fill a store with two files of a row each."""
    filled = EmbeddingStore(folder, SETTINGS)
    filled.add(rows_of(0))
    filled.add(rows_of(1))
    return filled


def damage(filled: EmbeddingStore, key: str = "key-0"):
    """Truncate the file of the row, and return its path."""
    path = filled.places[key]
    path.write_bytes(path.read_bytes()[:-10])
    return path


@pytest.mark.parametrize("content", [lambda whole: whole[:-10], lambda whole: b"", lambda whole: whole[::-1]])
def test_a_damaged_file_is_named_and_removed(content, tmp_path, caplog):
    filled = fill(tmp_path)
    path = filled.places["key-0"]
    path.write_bytes(content(path.read_bytes()))
    assert filled.find([*ROWS]) == rows_of(1)
    assert str(path) in caplog.text
    assert not path.exists()
    filled.add(rows_of(0))
    assert EmbeddingStore(tmp_path, SETTINGS).find([*ROWS]) == rows_of(0, 1)


def test_altered_vectors_are_found_where_only_their_keys_are_sound(tmp_path, caplog):
    filled = fill(tmp_path)
    path = filled.places["key-0"]
    whole = path.read_bytes()
    at = whole.index(ROWS["key-0"][1])
    path.write_bytes(whole[:at] + b"\1" + whole[at + 1 :])
    again = EmbeddingStore(tmp_path, SETTINGS)
    assert path.exists()
    assert again.find([*ROWS]) == rows_of(1)
    assert not path.exists()


def test_a_damaged_file_of_another_user_stays(tmp_path, caplog, monkeypatch):
    filled = fill(tmp_path)
    path = damage(filled)
    if os.geteuid() == 0:
        os.chown(path, 65534, -1)
    else:
        monkeypatch.setattr("os.geteuid", lambda: 65534)
    owner, content = path.stat().st_uid, path.read_bytes()
    for make in (lambda: filled, lambda: EmbeddingStore(tmp_path, SETTINGS)):
        assert make().find([*ROWS]) == rows_of(1)
        assert f"Not removed: it belongs to user {owner}. Delete it: rm {path}" in caplog.text
        caplog.clear()
    filled.add(rows_of(0))
    assert path.read_bytes() == content
    assert EmbeddingStore(tmp_path, SETTINGS).find([*ROWS]) == rows_of(0, 1)


@pytest.mark.parametrize("version", ["a column less", "another type"])
def test_files_of_another_version_stay(version, tmp_path, caplog):
    filled = fill(tmp_path)
    path = filled.places["key-0"]
    table = pq.read_table(path)
    if version == "a column less":
        pq.write_table(table.drop_columns(["n_tokens"]), path)
    else:
        pq.write_table(table.set_column(2, "n_tokens", table["n_tokens"].cast("int64")), path)
    content = path.read_bytes()
    again = EmbeddingStore(tmp_path, SETTINGS)
    assert [record.message.count(f"{path}: passed over, of another version") for record in caplog.records] == [1]
    assert again.find([*ROWS]) == rows_of(1)
    again.add(rows_of(0))
    assert path.read_bytes() == content
    assert EmbeddingStore(tmp_path, SETTINGS).find([*ROWS]) == rows_of(0, 1)


def test_a_file_that_another_run_has_just_written_is_not_written_again(tmp_path):
    first, second = EmbeddingStore(tmp_path, SETTINGS), EmbeddingStore(tmp_path, SETTINGS)
    first.add(rows_of(0))
    before = first.places["key-0"].stat()
    second.add(rows_of(0))
    assert (second.places, second.places["key-0"].stat()) == (first.places, before)


def test_a_file_that_somebody_has_deleted_is_no_damage(tmp_path, caplog):
    filled = fill(tmp_path)
    filled.places["key-0"].unlink()
    assert filled.find([*ROWS]) == rows_of(1)
    assert caplog.text == ""


PRELUDE = """
import logging, os, resource, sys
import numpy as np
from foxhound.errors import FoxhoundError
from foxhound.features.embedding_store import EmbeddingStore
from foxhound.features.vector_rows import to_bytes
logging.basicConfig(format="%(message)s", stream=sys.stdout)
folder, SETTINGS = sys.argv[1], {"encoder": "minilm", "layer": -1, "max_tokens": 128}
"""


def run_script(folder, script: str, *before: str) -> str:
    """Run a script on the store in a process of its own, and return what it prints."""
    environment = os.environ | {"PYTHONPATH": str(SCHEMAS.parents[1] / "scripts")}
    command = [*before, sys.executable, "-c", PRELUDE + script, str(folder)]
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


REFUSED = """
try:
    print(len(store().find(["key-0", "key-1"])))
except FoxhoundError as error:
    print(error)
"""


@pytest.mark.parametrize("made", ["before", "after"])
def test_too_many_open_files_delete_nothing(made, tmp_path):
    filled = fill(tmp_path)
    script = """
made = EmbeddingStore(folder, SETTINGS)
made.find(["key-0"])
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
files = []
while True:
    try:
        files.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        break
"""
    opened = "made" if made == "before" else "EmbeddingStore(folder, SETTINGS)"
    printed = run_script(tmp_path, f"{script}store = lambda: {opened}{REFUSED}")
    assert "Too many open files. Allow more open files (ulimit -n 4096), and run again." in printed
    assert EmbeddingStore(tmp_path, SETTINGS).find([*ROWS]) == rows_of(0, 1)
    assert all(path.exists() for path in filled.places.values())


@pytest.mark.parametrize("what", ["folder", "file"])
def test_a_store_without_permission_to_read_is_no_empty_or_damaged_one(what):
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders let nobody in
        filled = fill(folder)
        os.chmod(folder, 0o755)
        path = filled.folder if what == "folder" else filled.places["key-0"]
        os.chmod(path, 0)
        user = os.geteuid()
        os.seteuid(65534 if user == 0 else user)  # root may read everything
        try:
            with pytest.raises(FoxhoundError, match=r"Permission denied\. Get the permission") as refused:
                EmbeddingStore(folder, SETTINGS)
        finally:
            os.seteuid(user)
            os.chmod(path, 0o755)
        assert str(refused.value).startswith(f"{path}: ")
        assert EmbeddingStore(folder, SETTINGS).find([*ROWS]) == rows_of(0, 1)


def test_with_a_read_only_folder_the_job_goes_on(tmp_path):
    namespace = ["unshare", "--map-root-user", "--mount"]
    if not shutil.which("unshare") or subprocess.run([*namespace, "true"], capture_output=True).returncode:
        pytest.skip("this system lets nobody mount a folder read-only in a namespace of their own")
    path = damage(fill(tmp_path))
    mount = f"mount --bind {tmp_path} {tmp_path} && mount -o remount,bind,ro {tmp_path}"
    script = """
store = EmbeddingStore(folder, SETTINGS)
print(sorted(store.find(["key-0", "key-1"])))
store.add({"key-0": to_bytes(np.ones((1, 3)))})
print("went on")
"""
    printed = run_script(tmp_path, script, *namespace, "sh", "-c", f'{mount} && exec "$@"', "sh").splitlines()
    assert printed[0].startswith(f"{path}: damaged")
    assert printed[0].endswith(f"Not removed: Read-only file system. Delete it: rm {path}")
    assert printed[1] == "['key-1']"
    assert printed[2].endswith("Read-only file system. 1 rows are used, but not stored.")
    assert printed[3] == "went on"
    assert path.exists()


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


@pytest.mark.parametrize("count", [0, 5])
def test_a_row_with_a_wrong_number_of_tokens_is_damage(count, tmp_path):
    path = tmp_path / "none.parquet"
    write_table(to_arrow(["c"], ["k"], {"k": (count, to_bytes(np.ones((4, WIDTH)))[1])}), path, "embeddings", {})
    with pytest.raises(DamagedFileError, match=rf"{path}: damaged \(comment c has {count} tokens and 24 bytes\)"):
        load_means(path, ["c"])
