"""Make batches of like length, so that little of the work is padding."""

from collections.abc import Iterator

import numpy as np
import torch


def length_batches(
    lengths: np.ndarray, batch_size: int, generator: np.random.Generator | None = None, window: int = 16
) -> list[np.ndarray]:
    """Group positions into batches of like length.

    Without a generator (evaluation) all positions are sorted by length. With one (training) the positions are
    shuffled first and sorted only within windows of `window` batches, and the batches come in random order, so that a
    batch is still a near-random sample.

    Args:
        lengths: (items,) tokens per item.
        batch_size: items per batch; the last one may be smaller.

    Returns:
        Arrays of positions that cover every item once.
    """
    if generator is None:
        order = np.argsort(lengths, kind="stable")
    else:
        order = generator.permutation(len(lengths))
        size = window * batch_size
        chunks = [order[start : start + size] for start in range(0, len(order), size)]
        order = np.concatenate([chunk[np.argsort(lengths[chunk], kind="stable")] for chunk in chunks])
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    if generator is not None:
        batches = [batches[index] for index in generator.permutation(len(batches))]
    return batches


def fixed_batches(
    lengths: np.ndarray, longest: int, tokens: int, step: int = 8
) -> Iterator[tuple[np.ndarray, int, int]]:
    """Group positions, from short to long, into batches whose shape follows from the length of their items alone.

    A matrix product adds up in another order where its shape is another one: an item comes out the same, bit for bit,
    whatever else there is, only if the shape it is computed in never depends on what else there is.

    Args:
        lengths: (items,) tokens per item.
        longest: no batch is wider; no item may be longer.
        tokens: about how many a batch has, padding included.
        step: widths are multiples of it, or `longest`.

    Yields:
        The positions, at least one row fewer than the batch has; its rows; its width. The rows left over are empty.
    """
    widths = np.minimum(-(-lengths // step) * step, longest)
    order = np.argsort(lengths, kind="stable")
    for width in np.unique(widths).tolist():
        items = order[widths[order] == width]
        size = max(1, tokens // width)
        for start in range(0, len(items), size):
            yield items[start : start + size], size + 1, width


def pad(rows: list[list[int]], pad_id: int, width: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Return token ids (batch, longest or width) and a mask of the same shape: 1 on tokens, 0 on padding."""
    longest = max(width, *map(len, rows))
    ids = torch.full((len(rows), longest), pad_id, dtype=torch.long)
    mask = torch.zeros(len(rows), longest, dtype=torch.long)
    for row, tokens in enumerate(rows):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        mask[row, : len(tokens)] = 1
    return ids, mask
