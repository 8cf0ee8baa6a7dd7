"""Find how much each word of a text changes the answer, by leaving it out."""

import re
from collections.abc import Sequence

from foxhound.inference.kept_model import KeptModel

WORD = re.compile(r"\S+")


def count_words_read(model: KeptModel, text: str) -> int:
    """Return how many words of `text` the model reads before the text is cut."""
    end = model.end_of_reading(text)
    return sum(word.start() < end for word in WORD.finditer(text))


def leave_out(text: str, positions: Sequence[int]) -> str:
    """Return `text` without the words at these positions (0-based)."""
    words = [*WORD.finditer(text)]
    for position in sorted(positions, reverse=True):
        text = text[: words[position].start()] + text[words[position].end() :]
    return text


def word_effects(model: KeptModel, text: str) -> list[tuple[str, float]]:
    """Return each word of `text`, in order, and how much higher the log-odds of hateful are with it than without it.

    Words are left out one at a time (Li et al. 2016, "Understanding neural networks through representation erasure").
    Words that the model does not read are not listed.
    """
    words = WORD.findall(text)[: count_words_read(model, text)]
    whole, *others = model.log_odds([text, *(leave_out(text, [position]) for position in range(len(words)))])
    return [(word, float(whole - other)) for word, other in zip(words, others, strict=True)]


def strongest_effects(effects: list[tuple[str, float]], most: int) -> list[tuple[str, float]]:
    """Return the `most` largest of the `word_effects`, of either sign."""
    return sorted(effects, key=lambda effect: -abs(effect[1]))[:most]
