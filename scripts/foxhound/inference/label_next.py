"""Choose the comments that are worth labelling next, of any number of them, a window at a time.

Of the comments whose log-odds are the nearest to the model's threshold (uncertainty sampling; Lewis & Gale 1994, "A
sequential algorithm for training text classifiers", SIGIR), those that differ in their words (Zhdanov 2019, "Diverse
mini-batch Active Learning", arXiv:1901.05954). benchmarks/label_next.py measures what that saves.
"""

import hashlib
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer

from foxhound.corpus.texts import Texts, open_texts, reason_unscorable
from foxhound.evaluation.near_duplicates import NearTexts, normalise, word_frequency
from foxhound.evaluation.platt import log_odds
from foxhound.inference.kept_model import KeptModel

WINDOW = 512  # candidates that the best so far are compared with together
KNOWN = " Name it with --known-column."
CLUSTERED = 3  # times as many as are asked for are put into clusters
SPARE = 2  # times as many as are asked for are held: of two that are near-duplicates, one leaves


class Candidate(NamedTuple):
    """A comment that may be worth labelling.

    key: the lowest are chosen. row: its number in the file. kept: values of other columns, in their order.
    p_hateful: None where the model was not asked.
    """

    key: float
    row: int
    text: str
    kept: tuple[Any, ...]
    p_hateful: float | None


def content(text: str) -> str:
    """Return what is compared of a text: its words, or all of it where it has none."""
    return normalise(text) or " ".join(text.split())


def known_texts(files: Iterable[tuple[str, str]]) -> NearTexts:
    """Return the texts that need no second label.

    Args:
        files: tables or texts a line, each with the name of the column.

    Raises:
        FoxhoundError: as `open_texts` raises it.
    """
    opened = (open_texts(path, column, remedy=KNOWN).values for path, column in files)
    contents = [content(text) for values in opened for text, _ in values if reason_unscorable(text) is None]
    known = NearTexts(word_frequency(contents))
    for one in contents:
        known.add(one)
    return known


def lowest(candidates: Iterable[Candidate], number: int, known: NearTexts) -> list[Candidate]:
    """Return up to `number` candidates with the lowest keys, the lowest first, none of which is near another or known.

    A window and twice as many are held, and no more: memory does not grow with how many there are.
    """
    best: list[Candidate] = []
    source, most = iter(candidates), SPARE * number
    while window := list(islice(source, WINDOW)):
        limit = best[-1].key if len(best) == most else np.inf
        if new := [one for one in window if one.key < limit]:
            best = _distinct(sorted([*best, *new], key=lambda one: one[:2]), most, known)
    return best[:number]


def _distinct(candidates: Sequence[Candidate], number: int, known: NearTexts) -> list[Candidate]:
    """Return the first `number` candidates that are near to nothing known, nor to one before them."""
    contents = [content(one.text) for one in candidates]
    before, kept = NearTexts(word_frequency(contents)), []
    for one, words in zip(candidates, contents, strict=True):
        if not known.near_to(words) and not before.near_to(words):
            before.add(words)
            kept.append(one)
            if len(kept) == number:
                break
    return kept


def first_of_clusters(texts: Sequence[str], number: int) -> list[int]:
    """Return the positions of `number` texts that differ in their words: the first of each of so many clusters.

    Clusters are those of k-means on TF-IDF vectors. Where it leaves one empty, the first of the others fill up.
    """
    if len(texts) <= number:
        return list(range(len(texts)))
    words = TfidfVectorizer(sublinear_tf=True, token_pattern=r"\S+").fit_transform([content(text) for text in texts])
    with warnings.catch_warnings():  # of fewer kinds of words than clusters, which is no matter here
        warnings.simplefilter("ignore", ConvergenceWarning)
        clusters = KMeans(number, n_init=1, random_state=0).fit_predict(words)
    firsts = np.sort(np.unique(clusters, return_index=True)[1])
    others = np.setdiff1d(np.arange(len(texts)), firsts)
    return sorted([*firsts.tolist(), *others.tolist()][:number])


def unsure_and_different(candidates: Iterable[Candidate], number: int, known: NearTexts) -> list[Candidate]:
    """Return up to `number` of the candidates with the lowest keys that differ in their words, the lowest first."""
    nearest = lowest(candidates, CLUSTERED * number, known)
    return [nearest[position] for position in first_of_clusters([one.text for one in nearest], number)]


def by_uncertainty(answers: Iterable[Mapping[str, Any]], keep: Sequence[str], threshold: float) -> Iterator[Candidate]:
    """Yield the comments that a model answered, with the distance of their log-odds to its threshold as the key.

    Args:
        answers: row, text, p_hateful (None: no answer, and no candidate), and the columns of `keep`.
        threshold: a probability.
    """
    (line,) = log_odds(np.array([threshold]))
    source = iter(answers)
    while window := list(islice(source, WINDOW)):
        scored = [one for one in window if one["p_hateful"] is not None]
        distances = np.abs(log_odds(np.array([one["p_hateful"] for one in scored], np.float64)) - line)
        for one, distance in zip(scored, distances.tolist(), strict=True):
            kept = tuple(one[name] for name in keep)
            yield Candidate(distance, one["row"], one["text"], kept, one["p_hateful"])


def by_chance(texts: Texts, model: KeptModel) -> Iterator[Candidate]:
    """Yield the comments that the model could answer, with a key as good as random, which is always that of the text.

    A text has one chance, however often it is repeated, and other rows do not change its key.
    """
    for row, (text, kept) in enumerate(texts.values):
        if reason_unscorable(text) is None and not model.finds_nothing(text):
            digest = hashlib.sha256(content(text).encode()).digest()
            yield Candidate(int.from_bytes(digest[:8]) / 2**64, row, text, tuple(kept), None)


def asked(chosen: Sequence[Candidate], model: KeptModel) -> list[Candidate]:
    """Return candidates with what the model says of them."""
    p = model.probabilities([one.text for one in chosen]).tolist() if chosen else []
    return [one._replace(p_hateful=value) for one, value in zip(chosen, p, strict=True)]
