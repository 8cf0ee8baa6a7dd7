"""Store token vectors in Parquet: a row per comment, its vectors as bytes of a (tokens, dimensions) float16 array.

Every row carries a key, a hash of the text, the encoder and the settings. A store, a folder of such files, keeps all
rows ever encoded, so that what has the same key is not encoded again: after a fix, in another context, or in
another checkout that names the same store.
"""

import errno
import hashlib
import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from foxhound.errors import FoxhoundError
from foxhound.features.vector_rows import Rows, from_bytes, row_key, to_arrow
from foxhound.files import REFUSED, explain_system_error, make_again
from foxhound.tables import (
    DamagedFileError,
    MissingFileError,
    OtherTableError,
    each_batch,
    open_table,
    read_arrow,
    write_table,
)

log = logging.getLogger(__name__)


@dataclass
class TokenVectors:
    """Vectors of many comments, one after the other.

    values: (all tokens, dimensions) float16; starts: (comments + 1,) where each comment's rows begin and end.
    """

    values: np.ndarray
    starts: np.ndarray

    @property
    def lengths(self) -> np.ndarray:
        """Return the number of tokens of each comment, (comments,)."""
        return np.diff(self.starts)

    def __getitem__(self, comment: int) -> np.ndarray:
        return self.values[self.starts[comment] : self.starts[comment + 1]]


class EmbeddingStore:
    """Keep vectors in a folder of Parquet files, which are only ever added, each whole.

    Two runs may share it: a file is named after the keys it holds, so both write the same file or different ones.
    Deleting it, or a file of it, loses nothing but time.

    Args:
        folder: of the store; made when something is added.
        settings: the encoder and how it is read; rows of other settings lie in other folders.

    What other runs add after this object was made is not seen: it is encoded twice, to the same file or another.

    Nothing is deleted but files of the user's own that are damaged. Files of other versions, and damaged ones that
    cannot be deleted, stay where they are and are passed over.

    Raises:
        FoxhoundError: the system refuses to read the folder or a file of it.
    """

    def __init__(self, folder: str | Path, settings: dict[str, Any]) -> None:
        self.folder = Path(folder) / row_key("", None, settings)[:16]
        self.settings = settings
        self.places: dict[str, Path] = {}
        self.unusable: set[Path] = set()
        try:
            names = os.listdir(self.folder)  # Path.glob would take a folder that may not be read for an empty one
        except FileNotFoundError:
            names = []
        except OSError as error:
            raise explain_system_error(self.folder, error) from error
        for name in sorted(names):
            if name.endswith(".parquet") and not name.startswith("."):
                table = self._read(self.folder / name, ["key"])
                self.places |= dict.fromkeys(table["key"].to_pylist() if table else [], self.folder / name)

    def _read(self, path: Path, columns: list[str]) -> pa.Table | None:
        """Return columns of a file, or None where it is of no use; its rows are encoded again then."""
        try:
            return read_arrow(path, "embeddings", columns)
        except MissingFileError:
            pass  # another run, or somebody, has deleted it
        except OtherTableError as error:
            self.unusable.add(path)
            log.warning("%s: passed over, of another version (%s)", path, error.reason)
        except DamagedFileError as error:
            self._remove(path, error.reason)
        self.places = {key: place for key, place in self.places.items() if place != path}
        return None

    def _remove(self, path: Path, reason: str) -> None:
        """Remove a damaged file if it is the user's: left where it is, it would be met again by every run."""
        try:
            owner = path.stat().st_uid
            if owner == os.geteuid():
                path.unlink()
                log.warning("%s: removed, %s", path, reason)
                return
            obstacle = f"it belongs to user {owner}"
        except FileNotFoundError:
            return
        except OSError as error:
            obstacle = os.strerror(error.errno or errno.EIO)
        self.unusable.add(path)
        log.warning("%s: %s. Not removed: %s. Delete it: rm %s", path, reason, obstacle, path)

    def find(self, keys: list[str]) -> Rows:
        """Return the rows that are stored; name a damaged file in a warning and remove it."""
        stored = {key for key in keys if key in self.places}
        rows: Rows = {}
        for path in sorted({self.places[key] for key in stored}):
            table = self._read(path, ["key", "n_tokens", "vectors"])
            if table:
                table = table.filter(pc.is_in(table["key"], pa.array(sorted(stored))))
                vectors = zip(table["n_tokens"].to_pylist(), table["vectors"].to_pylist(), strict=True)
                rows |= dict(zip(table["key"].to_pylist(), vectors, strict=True))
        return rows

    def add(self, rows: Rows) -> None:
        """Write one more file with these rows; warn where the folder may not be written to."""
        keys = sorted(rows)
        name = _short_hash("".join(keys))
        while (path := self.folder / f"{name}.parquet") in self.unusable:
            name = _short_hash(name)
        try:
            if not path.exists():  # another run has just written the same rows, and it may be another user's
                write_table(to_arrow(keys, keys, rows), path, "embeddings", self.settings)
        except OSError as error:
            if error.errno not in REFUSED:
                raise
            log.warning("%s: %s. %d rows are used, but not stored.", path, os.strerror(error.errno), len(rows))
            return
        self.places |= dict.fromkeys(keys, path)


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _each(path: str | Path, ids: list[str]) -> Iterator[tuple[int, np.ndarray]]:
    """Yield, in the file's order, the position of each of `ids` and its (tokens, dimensions) vectors.

    One row group is in memory at a time.
    """
    positions = {comment: position for position, comment in enumerate(ids)}
    with open_table(path, "embeddings") as file:
        for batch in each_batch(file, 512, ["id", "n_tokens", "vectors"]):
            for comment, count, vectors in zip(*(batch[name] for name in ("id", "n_tokens", "vectors")), strict=True):
                position = positions.get(comment.as_py())
                if position is not None:
                    yield position, _vectors(path, comment.as_py(), count.as_py(), vectors.as_buffer())


def _vectors(path: str | Path, comment: str, count: int, content: pa.Buffer) -> np.ndarray:
    """Return the (tokens, dimensions) vectors of a comment."""
    try:
        return from_bytes(count, content)
    except ValueError as error:
        reason = f"damaged (comment {comment} has {count} tokens and {content.size} bytes)"
        raise DamagedFileError(path, reason) from error


def _refuse_missing(path: str | Path, ids: list[str], present: Iterable[object]) -> None:
    if missing := [comment for comment, there in zip(ids, present, strict=True) if not there]:
        raise FoxhoundError(f"{path}: no vectors for {len(missing)} comments, such as {missing[0]}. {make_again(path)}")


def load_vectors(path: str | Path, ids: list[str]) -> TokenVectors:
    """Read the token vectors of `ids`, in that order.

    Raises:
        FoxhoundError: an id is not in the file.
    """
    table = read_arrow(path, "embeddings", ["id", "n_tokens"])
    counts = dict(zip(table["id"].to_pylist(), table["n_tokens"].to_pylist(), strict=True))
    lengths = np.array([counts.get(comment, 0) for comment in ids], np.int64)
    _refuse_missing(path, ids, lengths)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    values = np.empty((0, 0), np.float16)
    for position, vectors in _each(path, ids):
        if not len(values):  # as large as it will be: what was joined in the end would be there twice
            values = np.empty((starts[-1], vectors.shape[1]), vectors.dtype)
        values[starts[position] : starts[position + 1]] = vectors
    return TokenVectors(values, starts)


def load_means(path: str | Path, ids: list[str]) -> np.ndarray:
    """Read the mean token vector of each of `ids`, (ids, dimensions) float32; raise as `load_vectors` does."""
    means = {position: vectors.astype(np.float32).mean(axis=0) for position, vectors in _each(path, ids)}
    _refuse_missing(path, ids, [position in means for position in range(len(ids))])
    return np.stack([means[position] for position in range(len(ids))])
