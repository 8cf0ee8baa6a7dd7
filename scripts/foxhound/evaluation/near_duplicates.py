"""Find near-duplicate comments, those that a split puts on both sides, and those with contradicting labels."""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

NEAR = 0.8
FEWEST_WORDS = 5  # below that, one shared word makes two comments near
MENTION_OR_LINK = re.compile(r"@\w+|https?://\S+")
WORD = re.compile(r"\w+")


def normalise(text: str) -> str:
    """Return the lower-case words of a text, without mentions, links and punctuation, in Unicode's form NFKC."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(WORD.findall(MENTION_OR_LINK.sub(" ", plain)))


class NearTexts:
    """Texts, and which of them are near another one: equal once normalised, or of words with a similar set.

    The search is exact without comparing every pair: two sets of a Jaccard similarity of `near` share one of the first
    words of each, in any one order of all words, so only such texts are compared (prefix filter; Chaudhuri, Ganti and
    Kaushik 2006, ICDE). It is quick where rare words come first.

    Args:
        frequency: of words, which must not change later. A word that is not there counts as the rarest.
    """

    def __init__(self, frequency: Mapping[str, int], near: float = NEAR) -> None:
        self.frequency, self.near = frequency, near
        self.sets: list[frozenset[str]] = []
        self.equal: defaultdict[str, list[int]] = defaultdict(list)
        self.candidates: defaultdict[str, list[int]] = defaultdict(list)

    def _first_words(self, words: frozenset[str]) -> list[str]:
        """Return the rarest words of a set, one of which every similar set has among its own."""
        if len(words) < FEWEST_WORDS:
            return []
        rarest = sorted(words, key=lambda word: (self.frequency.get(word, 0), word))
        return rarest[: len(words) - math.ceil(self.near * len(words)) + 1]

    def near_to(self, normal: str) -> dict[int, float]:
        """Return number of a text that was added -> its similarity to this one, 1.0 for equal texts.

        Args:
            normal: as `normalise` returns it. A text without words is near to none.
        """
        words = frozenset(normal.split())
        found = {number: 1.0 for number in self.equal.get(normal, ())} if words else {}
        for number in {number for word in self._first_words(words) for number in self.candidates.get(word, ())}:
            similarity = len(words & self.sets[number]) / len(words | self.sets[number])
            if similarity >= self.near:
                found.setdefault(number, similarity)
        return found

    def add(self, normal: str) -> None:
        """Add a text as `normalise` returns it. They are numbered from 0."""
        words = frozenset(normal.split())
        self.equal[normal].append(len(self.sets))
        for word in self._first_words(words):
            self.candidates[word].append(len(self.sets))
        self.sets.append(words)


def word_frequency(normal: Iterable[str]) -> Counter[str]:
    """Return in how many texts each word stands; the texts are as `normalise` returns them."""
    return Counter(word for text in normal for word in set(text.split()))


def duplicate_pairs(texts: Sequence[str], near: float = NEAR) -> list[tuple[int, int, float]]:
    """Return all pairs of texts that are equal once normalised, or whose words have a Jaccard similarity of `near`.

    Returns:
        (position, later position, similarity), 1.0 for equal texts, sorted. Texts without words have no pairs.
    """
    normal = [normalise(text) for text in texts]
    index = NearTexts(word_frequency(normal), near)
    pairs = []
    for later, text in enumerate(normal):
        pairs += [(earlier, later, similarity) for earlier, similarity in index.near_to(text).items()]
        index.add(text)
    return sorted(pairs)


def leaking_pairs(pairs: pd.DataFrame, parts: pd.Series) -> pd.DataFrame:
    """Return the pairs that one partition splits: one comment trains, the other is scored.

    Args:
        pairs: columns one, other (ids), similarity.
        parts: comment id -> train, validation or test.

    Returns:
        Columns id (scored), part, train_id, similarity.
    """
    both = pd.concat([pairs, pairs.rename(columns={"one": "other", "other": "one"})], ignore_index=True)
    split = both[both["other"].map(parts).eq("train") & both["one"].map(parts).isin(["test", "validation"])]
    named = split.rename(columns={"one": "id", "other": "train_id"})
    named = named.assign(part=named["id"].map(parts))
    return named[["id", "part", "train_id", "similarity"]].sort_values(["id", "train_id"], ignore_index=True)


def contradicting(duplicates: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs whose labels differ, the most similar first: no model gets both right unless it reads more.

    Args:
        duplicates: table `duplicates`.
    """
    differ = duplicates[duplicates["label"] != duplicates["other_label"]]
    return differ.sort_values(["similarity", "id", "other_id"], ascending=[False, True, True], ignore_index=True)
