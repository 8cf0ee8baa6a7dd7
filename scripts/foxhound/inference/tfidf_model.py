"""Ask a kept TF-IDF + logistic regression: terms are counted as scikit-learn counts them, the line is an ONNX graph.

Nothing of scikit-learn is needed, and nothing is unpickled.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from foxhound.errors import FoxhoundError
from foxhound.files import raise_system_error
from foxhound.inference.kept_model import CalibratedModel, calibration_of
from foxhound.inference.model_folder import check_files, make_folder_again
from foxhound.inference.onnx_graph import Graph, load_graph

LINE, TERMS = "model.onnx", "terms.json"
BATCH = 32  # texts, each of which is as wide as the vocabulary
WORD = re.compile(r"\b\w\w+\b")  # sklearn.feature_extraction.text, the default token_pattern
SPACES = re.compile(r"\s\s+")


def word_terms(text: str, shortest: int, longest: int) -> Iterator[str]:
    """Yield the n-grams of a lower-case text's words, as scikit-learn's analyzer `word` does."""
    words = WORD.findall(text)
    for size in range(shortest, min(longest, len(words)) + 1):
        for start in range(len(words) - size + 1):
            yield " ".join(words[start : start + size])


def character_terms(text: str, shortest: int, longest: int) -> Iterator[str]:
    """Yield the n-grams of a lower-case text's characters, as scikit-learn's analyzer `char` does."""
    text = SPACES.sub(" ", text)
    for size in range(shortest, min(longest, len(text)) + 1):
        for start in range(len(text) - size + 1):
            yield text[start : start + size]


ANALYZERS: dict[str, Callable[[str, int, int], Iterator[str]]] = {"word": word_terms, "char": character_terms}


@dataclass(frozen=True)
class Vectorizer:
    """Count the terms of one kind: sublinear term frequency times inverse document frequency, of length 1.

    columns: term -> its column. idf: (columns,) float64.
    """

    analyzer: str
    shortest: int
    longest: int
    columns: Mapping[str, int]
    idf: np.ndarray

    def terms(self, text: str) -> Iterator[str]:
        """Yield the terms of a text, known or not."""
        return ANALYZERS[self.analyzer](text.lower(), self.shortest, self.longest)

    def fill(self, text: str, row: np.ndarray) -> None:
        """Write the weights of a text's terms into `row`, (columns,), which is zero."""
        counts = Counter(column for term in self.terms(text) if (column := self.columns.get(term)) is not None)
        if not counts:
            return
        places = np.fromiter(counts, np.int64, len(counts))
        values = np.array([1.0 + math.log(count) for count in counts.values()]) * self.idf[places]
        row[places] = values / np.sqrt((values * values).sum())


@dataclass(frozen=True)
class TfidfModel(CalibratedModel):
    """Logistic regression on the weights of words and of characters."""

    vectorizers: Sequence[Vectorizer]
    line: Graph

    def weights(self, texts: Sequence[str]) -> np.ndarray:
        """Return the weights of all terms, (texts, terms) float32."""
        widths = [len(vectorizer.columns) for vectorizer in self.vectorizers]
        rows = np.zeros((len(texts), sum(widths)), np.float32)
        for vectorizer, part in zip(self.vectorizers, np.split(rows, np.cumsum(widths)[:-1], axis=1), strict=True):
            for text, row in zip(texts, part, strict=True):
                vectorizer.fill(text, row)
        return rows

    def raw_log_odds(self, texts: Sequence[str]) -> np.ndarray:
        """Return the log-odds before calibration, (texts,)."""
        odds = np.empty(len(texts))
        for start in range(0, len(texts), BATCH):
            weights = self.weights(texts[start : start + BATCH])
            odds[start : start + len(weights)] = self.line({"inputs": weights})[:, -1]
        return odds

    def finds_nothing(self, text: str) -> bool:
        """Say whether a text has no term at all."""
        return all(next(vectorizer.terms(text), None) is None for vectorizer in self.vectorizers)

    def end_of_reading(self, text: str) -> int:
        """Return the end of the text: nothing is cut."""
        return len(text)


def load_tfidf(folder: Path, config: Mapping[str, Any], threads: int) -> TfidfModel:
    """Load a kept TF-IDF + logistic regression from its folder; raise as `load_saved` does."""
    check_files(folder, config, (LINE, TERMS))
    try:
        read = json.loads((folder / TERMS).read_text(encoding="utf-8"))["vectorizers"]
        vectorizers = []
        for one in read:
            (shortest, longest), terms = map(int, one["ngram_range"]), one["terms"]
            columns = {term: column for column, term in enumerate(terms)}
            idf = np.array(one["idf"], np.float64)
            vectorizers.append(Vectorizer(one["analyzer"], shortest, longest, columns, idf))
        if any(one.analyzer not in ANALYZERS or len(one.idf) != len(one.columns) for one in vectorizers):
            raise ValueError("terms that are not counted here")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise_system_error(error, folder / TERMS)
        raise FoxhoundError(f"{folder / TERMS}: damaged ({error}). {make_folder_again(folder)}") from error
    line = load_graph(folder / LINE, threads, make_folder_again(folder))
    return TfidfModel(vectorizers=vectorizers, line=line, **calibration_of(config))
