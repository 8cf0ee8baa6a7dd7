"""Notice texts that are not in English, by their letters and by the commonest English words, which they lack.

This names no language: it says how many texts look foreign to an encoder and a list of stop words made for English.
"""

import re
from collections.abc import Sequence

WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
COMMONEST = {"the", "be", "is", "are", "were", "been", "being", "to", "of", "and", "that", "have", "has", "had", "it"}
COMMONEST |= {"for", "not", "with", "you", "does", "did", "at", "this", "but", "his", "by", "from", "they", "we", "say"}
COMMONEST |= {"her", "she", "or", "my", "one", "would", "there", "their", "what", "up", "out", "if", "about", "who"}
COMMONEST |= {"get", "which", "when", "make", "can", "like", "just", "him", "know", "take", "into", "your", "good"}
COMMONEST |= {"some", "could", "them", "see", "other", "than", "then", "now", "only", "its", "also", "after", "how"}
COMMONEST |= {"our", "these", "us", "more", "any", "because", "don't", "i'm", "it's", "u", "ur", "dont", "why", "too"}
COMMONEST |= {
    "should",
    "never",
    "going",
    "here",
    "off",
    "very",
    "much",
    "every",
    "those",
    "where",
    "let",
    "down",
    "such",
}
COMMONEST |= {"own", "back", "people", "all"}
"""Most of the hundred commonest words of English, and none (`in`, `so`, `no`) that its neighbours use as much."""
FEWEST_WORDS = 4  # below that, a text in English may well do without any of them
NOTICED = 0.2  # share of such texts from which on it is said


def looks_foreign(text: str) -> bool | None:
    """Say whether a text looks as if it is not English; None where it is too short to tell."""
    if not text.isascii():
        letters = [sign for sign in text if sign.isalpha()]
        if len(letters) >= FEWEST_WORDS and sum(sign > "\u024f" for sign in letters) > len(letters) / 2:
            return True  # beyond the Latin alphabet
    words = WORD.findall(text.casefold())
    if len(words) < FEWEST_WORDS:
        return None
    return sum(word.replace("\u2019", "'") in COMMONEST for word in words) < len(words) / 12


def foreign_share(texts: Sequence[str]) -> float:
    """Return the share of texts that look foreign among those that are long enough to tell; 0 where none is."""
    told = [foreign for foreign in map(looks_foreign, texts) if foreign is not None]
    return sum(told) / len(told) if told else 0.0


def language_note(share: float) -> str | None:
    """Return what to tell the owner of texts of which this share looks foreign, or None."""
    if share < NOTICED:
        return None
    return (
        f"{100 * share:.0f} % of the texts do not look English, and the encoder that comes with Foxhound and its stop "
        "words are English: name a multilingual encoder (`encoders`), and do not trust models that drop stop words"
    )
