"""Train word2vec on one partition's training texts, or cut pretrained vectors to the words of the texts."""

import gzip
import logging
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from gensim.models import KeyedVectors, Word2Vec

from foxhound.errors import FoxhoundError
from foxhound.features.embedding_store import TokenVectors
from foxhound.files import raise_system_error

log = logging.getLogger(__name__)
CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0e-\x1f]")  # in a text there are none, among binary numbers there are


def train_word_vectors(texts: list[list[str]], settings: dict[str, Any], seed: int) -> pd.DataFrame:
    """Train skip-gram vectors (Mikolov et al. 2013) of the words in `texts`; columns word, vector.

    One worker, because gensim's threads race: with more, equal seeds give different vectors.

    Raises:
        FoxhoundError: no word occurs `min_count` times.
    """
    model = Word2Vec(vector_size=settings["vector_size"], window=settings["window"], min_count=settings["min_count"],
                     epochs=settings["epochs"], sg=1, seed=seed, workers=1)  # fmt: skip
    model.build_vocab(texts)
    if not model.wv.key_to_index:
        raise FoxhoundError(
            f"word2vec: no word occurs {settings['min_count']} times in the {len(texts)} training comments. "
            "Lower `word2vec.min_count` in config.yaml."
        )
    model.train(texts, total_examples=len(texts), epochs=model.epochs)
    return _frame(model.wv, list(model.wv.index_to_key))


def pretrained_word_vectors(path: str | Path, texts: list[list[str]]) -> pd.DataFrame:
    """Read the vectors of the words in `texts` from a pretrained file; columns word, vector.

    The file is in word2vec's format, text or binary, or in GloVe's, which is text without a first line of counts;
    packed by gzip or not. Its content tells which. KeyedVectors' own format is a pickle, which can run code, and is
    refused.

    Raises:
        FoxhoundError: the file is missing or in another format, or holds none of the words.
    """
    path = Path(path)
    if not path.is_file():
        raise FoxhoundError(f"word2vec.pretrained: {path} does not exist.")
    try:
        vectors = KeyedVectors.load_word2vec_format(str(path), **_layout(path))
    except (ValueError, EOFError, OSError) as error:
        raise_system_error(error, path)
        raise FoxhoundError(f"{path}: not in word2vec format (text or binary), nor in GloVe's: {error}") from error
    words = sorted({word for text in texts for word in text if word in vectors})
    if not words:
        raise FoxhoundError(f"{path}: holds no word of this corpus. Is it lower-case, and in the comments' language?")
    return _frame(vectors, words)


def _layout(path: Path) -> dict[str, bool]:
    """Return what gensim has to be told of a file of vectors: `binary`, and whether it has `no_header`.

    Raises:
        FoxhoundError: it is a pickle.
        ValueError, EOFError, OSError: it cannot be read as a file of vectors.
    """
    with gzip.open(path, "rb") if path.name.endswith(".gz") else open(path, "rb") as file:
        first, sample = file.readline(1 << 16), file.read(1 << 12)
    if first[:1] == b"\x80":
        raise FoxhoundError(
            f"{path}: a pickle (KeyedVectors' native format), which can run code when loaded. "
            "Save it again where you trust it: KeyedVectors.load(path).save_word2vec_format(new, binary=True)."
        )
    return {"binary": bool(CONTROL_BYTES.search(sample)), "no_header": len(first.split()) > 2}


def coverage(texts: Iterable[list[str]], words: pd.DataFrame) -> dict[str, float]:
    """Return the shares of the words of `texts` that have a vector: of `different` words, and of `running` words."""
    counts = pd.Series([word for text in texts for word in text], dtype=object).value_counts()
    known = counts[counts.index.isin(words["word"])]
    return {"different": len(known) / max(len(counts), 1), "running": int(known.sum()) / max(int(counts.sum()), 1)}


def _frame(vectors: KeyedVectors, words: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"word": words, "vector": [vectors[word].astype(np.float32) for word in words]})


def look_up(texts: list[list[str]], words: pd.DataFrame) -> TokenVectors:
    """Return every text as its known words' vectors; a text without any as one zero vector, so that it has a length."""
    matrix = np.vstack([np.stack(words["vector"].to_list()), np.zeros(len(words["vector"].iloc[0]))])
    index = {word: row for row, word in enumerate(words["word"])}
    rows = [[index[word] for word in text if word in index] or [len(index)] for text in texts]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    return TokenVectors(matrix[np.concatenate(rows)].astype(np.float16), starts)
