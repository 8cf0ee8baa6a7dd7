"""Put texts to a model as token ids, in batches of like length."""

from collections.abc import Callable, Sequence

import numpy as np
from tokenizers import Tokenizer

BATCH = 32  # texts
WINDOW = 4096  # texts that are sorted by length together: tokens take many times the memory of their text


def in_batches(
    tokenizer: Tokenizer, padding: int, compute: Callable[[np.ndarray, np.ndarray], np.ndarray], texts: Sequence[str]
) -> list[np.ndarray]:
    """Return what `compute` makes of each text, in their order.

    Args:
        tokenizer: it truncates, and does not pad.
        padding: id of the padding token.
        compute: token ids (batch, tokens) and their mask of the same shape -> a row per text.
    """
    rows: list[np.ndarray] = []
    for start in range(0, len(texts), WINDOW):
        rows += _window_rows(tokenizer, padding, compute, texts[start : start + WINDOW])
    return rows


def _window_rows(
    tokenizer: Tokenizer, padding: int, compute: Callable[[np.ndarray, np.ndarray], np.ndarray], texts: Sequence[str]
) -> list[np.ndarray]:
    tokens = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
    order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))  # texts of like length need little padding
    rows: list[np.ndarray] = [np.empty(0)] * len(tokens)
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        lengths = np.array([len(tokens[row]) for row in batch])
        mask = (np.arange(lengths.max()) < lengths[:, None]).astype(np.int64)
        ids = np.full_like(mask, padding)
        ids[mask == 1] = np.concatenate([tokens[row] for row in batch])
        for row, result in zip(batch, compute(ids, mask), strict=True):
            rows[row] = result
    return rows


def end_of_tokens(tokenizer: Tokenizer, text: str) -> int:
    """Return the position in a text behind its last token."""
    return max((end for _, end in tokenizer.encode(text).offsets), default=0)
