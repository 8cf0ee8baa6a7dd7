"""Find the words that carried an answer, by leaving them out."""

import re
from collections.abc import Sequence

from foxhound.inference.saved_model import SavedModel

WORD = re.compile(r"\S+")


def count_words_read(model: SavedModel, text: str) -> int:
    """How many words of `text` the model reads before it is cut."""
    end = max((end for _, end in model.tokenizer.encode(text).offsets), default=0)
    return sum(word.start() < end for word in WORD.finditer(text))


def leave_out(text: str, words: Sequence[int]) -> str:
    """`text` less the words at these places."""
    found = [*WORD.finditer(text)]
    for place in sorted(words, reverse=True):
        text = text[: found[place].start()] + text[found[place].end() :]
    return text


def word_effects(model: SavedModel, text: str) -> list[tuple[str, float]]:
    """Each word of `text`, in its order, and how much higher the log-odds of hateful are with it than without it.

    Leaving words out one at a time (Li et al. 2016, "Understanding neural networks through representation erasure").
    Words beyond what the model can read are not listed.
    """
    words = WORD.findall(text)[: count_words_read(model, text)]
    whole, *others = model.log_odds([text, *(leave_out(text, [place]) for place in range(len(words)))])
    return [(word, float(whole - other)) for word, other in zip(words, others, strict=True)]


def strongest_effects(words: list[tuple[str, float]], most: int) -> list[tuple[str, float]]:
    """Those of `word_effects` with the largest effect, whichever way."""
    return sorted(words, key=lambda word: -abs(word[1]))[:most]
