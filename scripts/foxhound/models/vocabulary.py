"""Shrink a model's word embeddings to the words of a corpus while it trains, and restore them afterwards.

A word that no comment uses gets no gradient: leaving it out changes no prediction, and saves filling, clipping and
updating half of a small encoder's parameters at every step (benchmarks/README.md).
"""

from torch import Tensor, nn

from foxhound.features.encoder import position_offset_id
from foxhound.models.architectures import pretrained_part


def _used_words(model: nn.Module, tokens: list[list[int]]) -> list[int]:
    """Return the ids in `tokens`, sorted; the id that pads and all below it stay, because positions depend on them."""
    first = range(position_offset_id(pretrained_part(model).config) + 1)
    return sorted({*first, *(word for ids in tokens for word in ids)})


def shrink_vocabulary(model: nn.Module, tokens: list[list[int]]) -> list[list[int]]:
    """Keep the embeddings of the words in `tokens` only, and return `tokens` in the new numbering."""
    embeddings = pretrained_part(model).get_input_embeddings()
    used = _used_words(model, tokens)
    embeddings.weight = nn.Parameter(embeddings.weight.detach()[used])
    embeddings.num_embeddings = len(used)
    number = {word: position for position, word in enumerate(used)}
    return [[number[word] for word in ids] for ids in tokens]


def restore_vocabulary(model: nn.Module, tokens: list[list[int]], original: Tensor) -> None:
    """Undo `shrink_vocabulary`: words that were left out get their embeddings in `original`, (words, dimensions)."""
    embeddings = pretrained_part(model).get_input_embeddings()
    weight = original.clone()
    weight[_used_words(model, tokens)] = embeddings.weight.detach()
    embeddings.weight = nn.Parameter(weight)
    embeddings.num_embeddings = len(weight)
