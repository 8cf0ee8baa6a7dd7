"""From a comment's text to the words that word2vec reads, in two ways.

`classic` is what the notes did: mentions, punctuation, digits and English stop words are dropped. `minimal` keeps
stop words, above all the negations that turn a sentence round.
"""

import re
from collections.abc import Callable

from gensim.parsing.preprocessing import STOPWORDS

MENTION = re.compile(r"@\w+")
LETTERS = re.compile(r"[^\W\d_]+")
# Keep contractions whole ("don't", "won't"): the negation sits in them.
WORDS = re.compile(r"https?://\S+|[^\W_]+(?:['’][^\W\d_]+)*")


def classic(text: str) -> list[str]:
    """Lower-case letter runs without mentions and stop words (so "not", "no" and "never" go)."""
    return [word for word in LETTERS.findall(MENTION.sub(" ", text.lower())) if word not in STOPWORDS and len(word) > 1]


def minimal(text: str) -> list[str]:
    """Lower-case words with stop words and contractions kept; mentions become `@user`, links `<url>`."""
    words = []
    for piece in re.split(r"(@\w+)", text.lower()):
        if MENTION.fullmatch(piece):
            words.append("@user")
        else:
            words += ["<url>" if word.startswith("http") else word.replace("’", "'") for word in WORDS.findall(piece)]
    return words


CLEANERS: dict[str, Callable[[str], list[str]]] = {"classic": classic, "minimal": minimal}
