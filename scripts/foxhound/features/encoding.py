"""Encode texts with a frozen encoder: like-length batches, bfloat16 where that is faster."""

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import torch
from tokenizers import Tokenizer
from tqdm import tqdm

from foxhound.compute.batches import length_batches, pad
from foxhound.compute.device import autocast, send
from foxhound.compute.out_of_memory import Halving
from foxhound.errors import FoxhoundError

if TYPE_CHECKING:  # transformers takes seconds to import
    from transformers import PreTrainedModel


@torch.inference_mode()
def encode(
    model: "PreTrainedModel",
    tokenizer: Tokenizer,
    texts: list[str],
    titles: list[str] | None,
    layer: int,
    device: torch.device,
    batch_size: int = 32,
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (position, vectors) for every text, in order of length; vectors are (tokens, dimensions) float16.

    Args:
        titles: read before the text as the first of a pair, where given.
        layer: index into the encoder's hidden states; -1 is the last, -2 that of the published experiment.

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

    def vectors(batch: np.ndarray) -> list[np.ndarray]:
        ids, mask = pad([encodings[position].ids for position in batch], model.config.pad_token_id or 0)
        inputs = {"input_ids": send(ids, device), "attention_mask": send(mask, device)}
        if types:
            inputs["token_type_ids"] = send(pad([encodings[position].type_ids for position in batch], 0)[0], device)
        with autocast(device, model):
            hidden = model(**inputs, output_hidden_states=True).hidden_states[layer]
        rows = hidden.to(torch.float16).cpu().numpy()
        return [row[: lengths[position]] for row, position in zip(rows, batch, strict=True)]

    halving = Halving("encoding")
    for batch in tqdm(length_batches(lengths, batch_size), desc="encoding", mininterval=2):
        yield from zip(batch.tolist(), chain.from_iterable(halving.each(vectors, batch)), strict=True)
