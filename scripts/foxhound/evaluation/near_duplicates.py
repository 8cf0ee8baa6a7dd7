"""Comments that say the same, and whether they stand on both sides of a split."""

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
    """Lower-case words alone: no mentions, links, punctuation, or differences of spelling that Unicode calls equal."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(WORD.findall(MENTION_OR_LINK.sub(" ", plain)))


def duplicate_pairs(texts: Sequence[str], near: float = NEAR) -> list[tuple[int, int, float]]:
    """All pairs of texts that are equal when normalised, or whose sets of words have a Jaccard similarity of `near`.

    Exact and without comparing every pair: two sets as similar as that share one of their rarest words, so only
    texts that do are compared (prefix filter; Chaudhuri, Ganti and Kaushik 2006, ICDE).

    Returns:
        (position, later position, similarity), 1.0 for equal texts, sorted. Texts without words have no pairs.
    """
    normal = [normalise(text) for text in texts]
    sets = [frozenset(text.split()) for text in normal]
    frequency = Counter(word for words in sets for word in words)
    found: dict[tuple[int, int], float] = {}
    equal: defaultdict[str, list[int]] = defaultdict(list)
    candidates: defaultdict[str, list[int]] = defaultdict(list)
    for later, (text, words) in enumerate(zip(normal, sets, strict=True)):
        if not words:
            continue
        found |= {(earlier, later): 1.0 for earlier in equal[text]}
        equal[text].append(later)
        if len(words) < FEWEST_WORDS:
            continue
        rarest = sorted(words, key=lambda word: (frequency[word], word))
        prefix = rarest[: len(words) - math.ceil(near * len(words)) + 1]
        for earlier in {earlier for word in prefix for earlier in candidates[word]}:
            similarity = len(words & sets[earlier]) / len(words | sets[earlier])
            if similarity >= near:
                found.setdefault((earlier, later), similarity)
        for word in prefix:
            candidates[word].append(later)
    return [(*pair, similarity) for pair, similarity in sorted(found.items())]


def leaking_pairs(pairs: pd.DataFrame, parts: pd.Series) -> pd.DataFrame:
    """The pairs that one partition tears apart: one comment trains, the other is scored.

    Args:
        pairs: columns one, other (ids), similarity.
        parts: comment id -> train, validation or test.

    Returns:
        Columns id (scored), part, train_id, similarity.
    """
    both = pd.concat([pairs, pairs.rename(columns={"one": "other", "other": "one"})], ignore_index=True)
    torn = both[both["other"].map(parts).eq("train") & both["one"].map(parts).isin(["test", "validation"])]
    named = torn.rename(columns={"one": "id", "other": "train_id"})
    named = named.assign(part=named["id"].map(parts))
    return named[["id", "part", "train_id", "similarity"]].sort_values(["id", "train_id"], ignore_index=True)
