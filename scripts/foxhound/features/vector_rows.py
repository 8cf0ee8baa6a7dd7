"""Turn token vectors into rows of the table `embeddings`, and rows into vectors again.

This module is part of the store's key: a line here encodes every comment anew.
"""

import hashlib
import json
from typing import Any

import numpy as np
import pyarrow as pa

STORED = np.dtype("<f2")
Rows = dict[str, tuple[int, bytes]]
"""Key -> number of tokens and vector bytes."""


def row_key(text: str, title: str | None, settings: dict[str, Any]) -> str:
    """Hash everything that decides a comment's vectors."""
    content = json.dumps([text, title, settings], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def to_bytes(vectors: np.ndarray) -> tuple[int, bytes]:
    """Return the number of tokens and the float16 bytes of a (tokens, dimensions) array, as a row stores them."""
    return len(vectors), np.ascontiguousarray(vectors, STORED).tobytes()


def from_bytes(count: int, content: Any) -> np.ndarray:
    """Return the (tokens, dimensions) array of a row.

    Raises:
        ValueError: the bytes are not those of `count` vectors.
    """
    return np.frombuffer(content, STORED).reshape(count, -1)


def to_arrow(ids: list[str], keys: list[str], rows: Rows) -> pa.Table:
    """Build the embeddings table of `ids`, whose vectors `rows` holds by key."""
    counts, vectors = zip(*(rows[key] for key in keys), strict=True)
    return pa.table(
        {
            "id": ids,
            "key": keys,
            "n_tokens": pa.array(counts, pa.int32()),
            "vectors": pa.array(vectors, pa.binary()),
        }
    )
