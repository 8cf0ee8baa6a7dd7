"""Find near-duplicate comments, those that a split puts on both sides, and those with contradicting labels."""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence

import pandas as pd

NEAR = 0.8
FEWEST_WORDS = 5  # below that, one shared word makes two comments near
MENTION_OR_LINK = re.compile(r"@\w+|https?://\S+")
WORD = re.compile(r"\w+")


def normalise(text: str) -> str:
    """Return the lower-case words of a text, without mentions, links and punctuation, in Unicode's form NFKC."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(WORD.findall(MENTION_OR_LINK.sub(" ", plain)))


def duplicate_pairs(texts: Sequence[str], near: float = NEAR) -> list[tuple[int, int, float]]:
    """Return all pairs of texts that are equal once normalised, or whose words have a Jaccard similarity of `near`.

    The search is exact without comparing every pair: two sets that similar share one of their rarest words, so only
    such texts are compared (prefix filter; Chaudhuri, Ganti and Kaushik 2006, ICDE).

    Returns:
        (position, later position, similarity), 1.0 for equal texts, sorted. Texts without words have no pairs.
    """
    normal = [normalise(text) for text in texts]
    sets = [frozenset(text.split()) for text in normal]
    frequency = Counter(word for words in sets for word in words)
    similarities: dict[tuple[int, int], float] = {}
    equal: defaultdict[str, list[int]] = defaultdict(list)
    candidates: defaultdict[str, list[int]] = defaultdict(list)
    for later, (text, words) in enumerate(zip(normal, sets, strict=True)):
        if not words:
            continue
        similarities |= {(earlier, later): 1.0 for earlier in equal[text]}
        equal[text].append(later)
        if len(words) < FEWEST_WORDS:
            continue
        rarest = sorted(words, key=lambda word: (frequency[word], word))
        prefix = rarest[: len(words) - math.ceil(near * len(words)) + 1]
        for earlier in {earlier for word in prefix for earlier in candidates[word]}:
            similarity = len(words & sets[earlier]) / len(words | sets[earlier])
            if similarity >= near:
                similarities.setdefault((earlier, later), similarity)
        for word in prefix:
            candidates[word].append(later)
    return [(*pair, similarity) for pair, similarity in sorted(similarities.items())]


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
