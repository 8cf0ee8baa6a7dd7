"""Encode texts with a frozen encoder, bfloat16 where that is faster: a text's vectors do not depend on the others."""

from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import torch
from tokenizers import Tokenizer
from tqdm import tqdm

from foxhound.compute.batches import fixed_batches, pad
from foxhound.compute.device import autocast, send
from foxhound.compute.out_of_memory import Halving
from foxhound.errors import FoxhoundError

if TYPE_CHECKING:  # transformers takes seconds to import
    from transformers import PreTrainedModel

TOKENS = {"cpu": 1024, "cuda": 16384}  # a batch; fewer leave a GPU idle, more do not stay in a core's cache


@torch.inference_mode()
def encode(
    model: "PreTrainedModel",
    tokenizer: Tokenizer,
    texts: list[str],
    titles: list[str] | None,
    layer: int,
    device: torch.device,
    batch_tokens: int | None = None,
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (position, vectors) for every text, in order of length; vectors are (tokens, dimensions) float16.

    They are the same bits whatever other texts there are, in whatever order, on one kind of machine with one number of
    threads (where a GPU's memory runs out, and batches are cut, the last bits may differ): vectors out of the store
    and new ones are those of a run that started from nothing.

    Args:
        tokenizer: from `load_tokenizer`: it truncates, and does not pad.
        titles: read before the text as the first of a pair, where given.
        layer: index into the encoder's hidden states; -1 is the last, -2 that of the published experiment.
        batch_tokens: about how many tokens are encoded at a time; what suits the device where not given.

    Raises:
        FoxhoundError: the encoder has no such layer.
    """
    pairs = list(zip(titles, texts, strict=True)) if titles else texts
    encodings = tokenizer.encode_batch(pairs)
    lengths = np.array([len(encoding.ids) for encoding in encodings])
    layers = model.config.num_hidden_layers
    if not -layers - 1 <= layer <= layers:
        raise FoxhoundError(
            f"The encoder has {layers} layers, and `embeddings.layer` is {layer}: it can be {-layers - 1} "
            f"to {layers} (0: the words as they go in, -1: the last layer)."
        )
    types = getattr(model.config, "type_vocab_size", 0) > 1
    empty = [model.config.pad_token_id or 0]

    def vectors(width: int, batch: np.ndarray) -> list[np.ndarray]:
        rows = [encodings[position] if position >= 0 else None for position in batch]
        ids, mask = pad([row.ids if row else empty for row in rows], empty[0], width)
        inputs = {"input_ids": send(ids, device), "attention_mask": send(mask, device)}
        if types:
            type_ids = pad([row.type_ids if row else [0] for row in rows], 0, width)[0]
            inputs["token_type_ids"] = send(type_ids, device)
        with autocast(device, model):
            hidden = model(**inputs, output_hidden_states=True).hidden_states[layer]
        return list(hidden.to(torch.float16).cpu().numpy())

    halving = Halving("encoding")
    longest = (tokenizer.truncation or {})["max_length"]
    batches = list(fixed_batches(lengths, longest, batch_tokens or TOKENS[device.type]))
    for positions, size, width in tqdm(batches, desc="encoding", mininterval=2):
        # One row at least is empty, so that the mask always masks something: without, transformers drops it, and
        # attention is computed by another kernel, with other last bits.
        batch = np.full(size, -1)
        batch[: len(positions)] = positions
        rows = chain.from_iterable(halving.each(partial(vectors, width), batch))
        for position, row in zip(positions.tolist(), rows, strict=False):  # the empty ones come last
            yield position, row[: lengths[position]]
