"""Encode the comments that the store lacks, and add them to it.

This module is part of the store's key: a line here encodes every comment anew.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from foxhound.compute.model_costs import log_cost
from foxhound.features.embedding_store import EmbeddingStore
from foxhound.features.vector_rows import Rows, to_bytes

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer
    from transformers import PreTrainedModel

CHUNK = 2048  # comments whose vectors are in memory at a time: 50 MB on Fox News, 200 MB at the most
DECIDES_BYTES = (
    "compute.batches",
    "compute.device",
    "compute.out_of_memory",  # cuts the batches that do not fit, and puts their vectors together again
    "features.encoder",
    "features.encoding",
    "features.store_filling",
    "features.vector_rows",
)
"""Modules whose code decides what is stored under a key, and which belong to the key for that reason.

Not among them: `features.embedding_store` and `tables`, which write bytes and read them back as they are (page
checksums vouch for that); `corpus`, because the texts themselves are hashed; `compute.gpu_locks` and
`compute.model_costs`, which have no effect on it.
"""


def make_encoder(
    encoder: dict[str, Any], layer: int, max_tokens: int, texts: list[str], titles: list[str] | None, gpu: bool
) -> Callable[[list[int]], Iterator[tuple[int, np.ndarray]]]:
    """Return a function that encodes the comments at these positions, as `find_or_encode` needs it.

    The encoder is loaded at its first call.
    """

    @cache
    def load() -> "tuple[PreTrainedModel, Tokenizer, torch.device]":
        # Imported late: with nothing to encode, the seconds that torch and transformers take to start are saved.
        from foxhound.compute.device import choose_device
        from foxhound.features.encoder import find_encoder, load_encoder, load_tokenizer, place

        device = choose_device(gpu)
        location = find_encoder(encoder)
        return place(load_encoder(location), device, frozen=True), load_tokenizer(location, max_tokens), device

    def encode_rows(rows: list[int]) -> Iterator[tuple[int, np.ndarray]]:
        from foxhound.features.encoding import encode

        model, tokenizer, device = load()
        row_titles = [titles[row] for row in rows] if titles else None
        start = time.perf_counter()
        yield from encode(model, tokenizer, [texts[row] for row in rows], row_titles, layer, device)
        weights = sum(parameter.numel() for parameter in model.parameters())
        log_cost(0.0, 1000 * (time.perf_counter() - start) / len(rows), weights)

    return encode_rows


def find_or_encode(
    store: EmbeddingStore,
    keys: list[str],
    encode: Callable[[list[int]], Iterable[tuple[int, np.ndarray]]],
    chunk: int = CHUNK,
) -> Iterator[tuple[list[str], Rows, int]]:
    """Go through `keys` chunk by chunk; encode what the store lacks, and add it.

    Args:
        encode: given positions in `keys`, yields the item (its place among them) and its (tokens, dimensions) vectors.

    Yields:
        The chunk's keys, their rows, and how many were encoded.
    """
    for start in range(0, len(keys), chunk):
        chunk_keys = keys[start : start + chunk]
        rows = store.find(chunk_keys)
        # One comment per new key: a text that stands twice is encoded once.
        new = {key: start + place for place, key in enumerate(chunk_keys) if key not in rows}
        if new:
            new_keys = list(new)
            for item, array in encode(list(new.values())):
                rows[new_keys[item]] = to_bytes(array)
            store.add({key: rows[key] for key in new_keys})
        yield chunk_keys, rows, len(new)
