"""Pretrain on the training comments by masked language modelling (Gururangan et al. 2020, section 4)."""

import logging
from collections.abc import Sequence

import numpy as np
import torch
from tokenizers import Encoding, Tokenizer
from torch import nn
from transformers import PreTrainedModel
from transformers.optimization import get_linear_schedule_with_warmup

from foxhound.compute.batches import length_batches, pad
from foxhound.compute.device import autocast, send
from foxhound.errors import FoxhoundError

log = logging.getLogger(__name__)

MASKED, OTHER, SAME = 0.15, 0.1, 0.1  # Devlin et al. 2019, section 3.1: of 15 %, a tenth is replaced, a tenth kept
BATCH = 16
LEARNING_RATE, WARM_UP = 1e-4, 0.06  # as Gururangan et al. 2020, who train for 100 epochs


def mask_token(tokenizer: Tokenizer) -> int:
    """Return the id of the token that stands for a hidden one.

    Raises:
        FoxhoundError: there is none.
    """
    for name in ("[MASK]", "<mask>"):
        number = tokenizer.token_to_id(name)
        if number is not None:
            return int(number)
    raise FoxhoundError(
        "This encoder's tokenizer has no token [MASK] or <mask>, and so nothing can be pretrained with it: "
        "set `pretraining: 0`."
    )


def hide(ids: np.ndarray, free: np.ndarray, mask: int, words: int, generator: np.random.Generator) -> np.ndarray:
    """Hide some tokens, in place, and return which: booleans of the shape of `ids`.

    Args:
        ids: token ids, (batch, steps).
        free: which may be hidden (no special token, no padding), of the same shape.
        mask: the id that hides.
        words: how many ids there are.
    """
    hidden = free & (generator.random(ids.shape) < MASKED)
    if not hidden.any():  # a batch of a few words: hide one, or there is nothing to learn from
        hidden.flat[generator.choice(np.flatnonzero(free))] = True
    how = generator.random(ids.shape)
    ids[hidden & (how >= OTHER + SAME)] = mask
    other = hidden & (how < OTHER)
    ids[other] = generator.integers(words, size=int(other.sum()))
    return hidden


def pretrain(
    encoder: PreTrainedModel,
    tokens: Sequence[list[int]],
    encodings: Sequence[Encoding],
    mask: int,
    padding: int,
    epochs: int,
    generator: np.random.Generator,
    device: torch.device,
) -> list[float]:
    """Train `encoder` to name hidden tokens, and return the mean loss of each epoch.

    Checkpoints of sentence encoders carry no head for it: a new one is made, as BERT's (a linear layer, GELU and
    normalisation before the transposed word embeddings), and forgotten afterwards.

    Args:
        tokens: of each text its ids, in the encoder's numbering.
        encodings: of the same texts, to tell special tokens from others.
        mask, padding: the ids that hide and that pad.
    """
    words = encoder.get_input_embeddings().weight
    width = words.shape[1]
    head = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.LayerNorm(width)).to(device)
    bias = nn.Parameter(torch.zeros(len(words), device=device))
    free = [1 - np.array(encoding.special_tokens_mask) for encoding in encodings]
    texts = [text for text, ordinary in enumerate(free) if ordinary.any()]
    lengths = np.array([len(tokens[text]) for text in texts])
    parameters = [*encoder.parameters(), *head.parameters(), bias]
    optimizer = torch.optim.AdamW(parameters, lr=LEARNING_RATE, weight_decay=0.01, fused=True)
    steps = -(-len(texts) // BATCH) * epochs
    schedule = get_linear_schedule_with_warmup(optimizer, round(WARM_UP * steps), steps)
    losses = []
    for epoch in range(1, epochs + 1):
        batch_losses = []
        for batch in length_batches(lengths, BATCH, generator):
            chosen = [texts[position] for position in batch]
            ids, attended = pad([tokens[text] for text in chosen], padding)
            right = ids.clone()
            ordinary = pad([free[text].tolist() for text in chosen], 0)[0].numpy().astype(bool)
            hidden = torch.from_numpy(hide(ids.numpy(), ordinary, mask, len(words), generator))
            with autocast(device, encoder):
                states = encoder(input_ids=send(ids, device), attention_mask=send(attended, device)).last_hidden_state
                logits = head(states[send(hidden, device)]) @ words.T + bias
            loss = nn.functional.cross_entropy(logits.float(), send(right[hidden], device))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            schedule.step()
            batch_losses.append(loss.detach())
        losses.append(float(torch.stack(batch_losses).mean()))
        log.info("pretraining, epoch %d: loss %.4f", epoch, losses[-1])
    return losses
