"""Score any number of texts with a fine-tuned model, a window at a time, so that memory stays flat."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import torch
from tokenizers import Tokenizer

from foxhound.compute.batches import length_batches, pad
from foxhound.compute.device import autocast, send
from foxhound.compute.out_of_memory import Halving

if TYPE_CHECKING:  # transformers takes seconds to import
    from transformers import PreTrainedModel

WINDOW = 4096  # texts that are sorted by length together
BATCH = 32  # texts


@torch.inference_mode()
def probabilities(
    model: "PreTrainedModel", tokenizer: Tokenizer, texts: Iterable[str], device: torch.device
) -> Iterator[np.ndarray]:
    """Yield the probability of hateful of every text, in their order: an array per window of texts.

    Args:
        model: of two labels, the second one hateful, in evaluation mode on `device`.
        tokenizer: from `load_tokenizer`: it truncates, and does not pad.
    """
    texts = iter(texts)
    padding = model.config.pad_token_id or 0
    halving = Halving("scoring")

    def score_window(window: list[str]) -> np.ndarray:
        tokens = [encoding.ids for encoding in tokenizer.encode_batch(window)]
        p_hateful = np.empty(len(window), np.float32)

        def score_batch(positions: np.ndarray) -> None:
            ids, mask = pad([tokens[position] for position in positions], padding)
            with autocast(device, model):
                logits = model(input_ids=send(ids, device), attention_mask=send(mask, device)).logits.float()
            p_hateful[positions] = logits.softmax(dim=1)[:, 1].cpu().numpy()

        for batch in length_batches(np.array([len(ids) for ids in tokens]), BATCH):
            halving.each(score_batch, batch)
        return p_hateful

    while window := list(islice(texts, WINDOW)):
        yield score_window(window)
