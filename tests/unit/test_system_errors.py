"""Test that every reader calls what the system refuses by its name, with the file, and never takes it for damage."""

import errno
import gzip
import os
import resource
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from foxhound.corpus.corrections import apply_corrections
from foxhound.corpus.readers import read_raw
from foxhound.errors import FoxhoundError
from foxhound.features.encoder import load_encoder, load_tokenizer
from foxhound.features.word2vec import pretrained_word_vectors
from foxhound.inference.saved_model import load_saved
from foxhound.inference.shards import score_rows
from foxhound.tables import read_metadata, read_table, write_table
from test_bad_inputs import COMMENTS
from tiny_models import save_classifier, save_model

NOBODY = 65534
CSV = b"text,label\na,0\nb,1\n"
Reader = tuple[str, Callable[[Path], Any], Callable[[Path], Any]]


def raw(name: str, data: bytes, format: str) -> Reader:
    return name, lambda file: file.write_bytes(data), lambda file: read_raw(file, format)


def zeros(texts: list[str]) -> np.ndarray:
    return np.zeros(len(texts))


PARQUET = pd.DataFrame({"text": ["a", "b"]}).to_parquet()
PART = pd.DataFrame({"id": ["a"], "part": ["train"]})
READERS: dict[str, Reader] = {
    "a corpus as CSV": raw("my.csv", CSV, "csv"),
    "a corpus as JSON Lines": raw("my.jsonl", b'{"text": "a"}\n', "jsonl"),
    "a corpus as Parquet": raw("my.parquet", PARQUET, "parquet"),
    "a corpus as gzip": raw("my.csv.gz", gzip.compress(CSV), "csv"),
    "a corpus as Zstandard": raw("my.csv.zst", pa.compress(CSV, "zstd", asbytes=True), "csv"),
    "corrections": (
        "corrections.csv",
        lambda file: file.write_text("id,column,value\na,label,1\nb,label,0\n"),
        lambda file: apply_corrections(COMMENTS, file),
    ),
    "word vectors": (
        "vectors.txt",
        lambda file: file.write_text("1 2\nword 0 1\n"),
        lambda file: pretrained_word_vectors(file, [["word"]]),
    ),
    "a shard": (
        "shard.parquet",
        lambda file: file.write_bytes(PARQUET),
        lambda file: list(score_rows(str(file), "text", zeros, 0.5)),
    ),
    "a table": (
        "table.parquet",
        lambda file: write_table(PART, file, "partition", {}),
        lambda file: read_table(file, "partition"),
    ),
    "a table's metadata": (
        "table.parquet",
        lambda file: write_table(PART, file, "partition", {}),
        read_metadata,
    ),
    "an encoder": (
        "model.safetensors",
        lambda file: save_model(file.parent),
        lambda file: load_encoder(str(file.parent)),
    ),
    "a tokenizer": (
        "tokenizer.json",
        lambda file: save_model(file.parent),
        lambda file: load_tokenizer(str(file.parent), 24),
    ),
    "the configuration of an encoder": (
        "config.json",
        lambda file: save_model(file.parent),
        lambda file: load_tokenizer(str(file.parent), 24),
    ),
    "the final model": (
        "model.safetensors",
        lambda file: save_classifier(file.parent),
        lambda file: load_saved(file.parent),
    ),
    "the final model's tokenizer": (
        "tokenizer.json",
        lambda file: save_classifier(file.parent),
        lambda file: load_saved(file.parent),
    ),
    "the final model's configuration": (
        "config.json",
        lambda file: save_classifier(file.parent),
        lambda file: load_saved(file.parent),
    ),
}  # fmt: skip
"""What is read -> the name of its file, how to write it, and how to read it."""


@contextmanager
def no_more_files(file: Path) -> Iterator[None]:
    """Let no further file be opened."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@contextmanager
def no_permission(file: Path) -> Iterator[None]:
    """Take the right to read the file away; who may read everything becomes nobody for a while."""
    for other in file.parent.iterdir():
        other.chmod(0o644)
    file.chmod(0)
    user = os.geteuid()
    os.seteuid(NOBODY if user == 0 else user)
    try:
        yield
    finally:
        os.seteuid(user)


@contextmanager
def broken_disk(file: Path) -> Iterator[None]:
    """Let the file open, and every read end in an error of input and output: as this process's memory at address 0."""
    memory = Path("/proc/self/mem")
    if not memory.exists():
        pytest.skip("this system has no file that always ends in an error")
    file.unlink()
    file.symlink_to(memory)
    yield


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


REFUSALS = {errno.EMFILE: no_more_files, errno.EACCES: no_permission, errno.EIO: broken_disk}


@pytest.mark.parametrize("number", REFUSALS, ids=errno.errorcode.get)
@pytest.mark.parametrize("reader", READERS)
def test_what_the_system_refuses_is_no_damage(reader: str, number: int, folder: Path) -> None:
    name, write, read = READERS[reader]
    file = folder / name
    write(file)
    read(file)  # nothing is wrong with it; and what is imported late is there then
    with REFUSALS[number](file), pytest.raises(FoxhoundError) as refused:
        read(file)
    message = str(refused.value)
    # Where no more files can be opened, that holds for each of a folder's.
    names = [file.parent, *file.parent.iterdir()] if number == errno.EMFILE else [file]
    assert message.startswith(tuple(f"{name}: {os.strerror(number)}. " for name in names))
    assert message.endswith("run again.")
    for word in ("damaged", "cannot be", "not a ", "not in ", "No such"):
        assert word not in message
