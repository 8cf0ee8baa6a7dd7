"""Store token vectors in Parquet: a row per comment, its vectors as bytes of a (tokens, dimensions) float16 array.

Every row carries a key, a hash of the text, the encoder and the settings. A store, a folder of such files, keeps all
rows ever encoded, so that what has the same key is not encoded again: after a fix, in another context, or in
another checkout that names the same store.
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from foxhound.errors import FoxhoundError
from foxhound.features.vector_rows import Rows, from_bytes, row_key, to_arrow
from foxhound.tables import each_batch, open_table, read_arrow, write_table

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
    """

    def __init__(self, folder: str | Path, settings: dict[str, Any]) -> None:
        self.folder = Path(folder) / row_key("", None, settings)[:16]
        self.settings = settings
        self.places: dict[str, Path] = {}
        for path in sorted(self.folder.glob("[!.]*.parquet")):
            table = self._read(path, ["key"])
            self.places |= dict.fromkeys(table["key"].to_pylist() if table else [], path)

    def _read(self, path: Path, columns: list[str]) -> pa.Table | None:
        try:
            return read_arrow(path, "embeddings", columns)
        except FoxhoundError as error:
            # Its rows are encoded again; left where it is, it would be met again by every run.
            log.warning("%s: damaged, removed (%s)", path, str(error).splitlines()[0])
            path.unlink(missing_ok=True)
            self.places = {key: place for key, place in self.places.items() if place != path}
            return None

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
        """Write one more file with these rows."""
        keys = sorted(rows)
        name = hashlib.sha256("".join(keys).encode()).hexdigest()[:16]
        path = self.folder / f"{name}.parquet"
        write_table(to_arrow(keys, keys, rows), path, "embeddings", self.settings)
        self.places |= dict.fromkeys(keys, path)


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
                    yield position, from_bytes(count.as_py(), vectors.as_buffer())


def _refuse_missing(path: str | Path, ids: list[str], present: Iterable[object]) -> None:
    if missing := [comment for comment, there in zip(ids, present, strict=True) if not there]:
        raise FoxhoundError(
            f"{path}: no vectors for {len(missing)} comments, such as {missing[0]}. Delete it and run again."
        )


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
