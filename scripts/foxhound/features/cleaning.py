"""Turn a comment's text into the words that word2vec reads, in three ways.

`classic` is the way of the published experiment: mentions, punctuation, digits and English stop words are dropped.
`classic-negations` keeps negations, `minimal` all stop words.
"""

import re
from collections.abc import Callable

from gensim.parsing.preprocessing import STOPWORDS

MENTION = re.compile(r"@\w+")
LETTERS = re.compile(r"[^\W\d_]+")
# Links and mentions first, whole. Contractions stay whole too ("don't", "won't"): the negation sits in them.
PIECES = re.compile(r"(?P<link>https?://\S+)|(?P<mention>@\w+)|[^\W_]+(?:['’][^\W\d_]+)*")
NEGATIONS = frozenset({"no", "not", "never", "nor", "none", "nothing", "nobody", "nowhere", "neither", "cannot"})
CONTRACTED = re.compile(r"(?:\b(?:ca|sha|wo))?n['’]t\b")
STAND_INS = {"link": "<url>", "mention": "@user"}


def classic(text: str) -> list[str]:
    """Return lower-case letter runs without mentions and stop words (so "not", "no" and "never" go)."""
    return [word for word in LETTERS.findall(MENTION.sub(" ", text.lower())) if word not in STOPWORDS and len(word) > 1]


def classic_negations(text: str) -> list[str]:
    """Return what `classic` does, and the negations, "don't" as "do not"."""
    words = LETTERS.findall(CONTRACTED.sub(" not", MENTION.sub(" ", text.lower())))
    return [word for word in words if word in NEGATIONS or (word not in STOPWORDS and len(word) > 1)]


def minimal(text: str) -> list[str]:
    """Return lower-case words, stop words and contractions among them; mentions become `@user`, links `<url>`."""
    return [
        STAND_INS.get(piece.lastgroup or "") or piece[0].replace("’", "'") for piece in PIECES.finditer(text.lower())
    ]


CLEANERS: dict[str, Callable[[str], list[str]]] = {
    "classic": classic,
    "classic-negations": classic_negations,
    "minimal": minimal,
}
