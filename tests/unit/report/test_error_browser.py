"""Test the error browser's data: whole, compact, without user names, and with attention on the right letters."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from foxhound.errors import FoxhoundError
from foxhound.report.error_browser import (
    attention_weights,
    browser_data,
    disagreement,
    read_predictions,
    thousandths,
    word_spans,
    word_weights,
)
from foxhound.tables import write_table
from made_up import COMMENTS, guesses, predictions
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

PIECES = ["[UNK]", "[CLS]", "[SEP]", "you", "##r", "lot", "a", "title", ",", "👩", "##‍", "##🚀", "🤬", "שלום"]
TEXT = "Your 👩‍🚀, 🤬 שלום lot"


def tokenizer(max_tokens: int = 32) -> Tokenizer:
    """Return a BERT tokenizer of a few words, which cuts "your" into two pieces."""
    made = Tokenizer(WordPiece({piece: number for number, piece in enumerate(PIECES)}, unk_token="[UNK]"))
    made.normalizer = BertNormalizer(lowercase=True)
    made.pre_tokenizer = BertPreTokenizer()
    marks = [("[CLS]", 1), ("[SEP]", 2)]
    made.post_processor = TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", marks)
    made.enable_truncation(max_tokens, strategy="longest_first")
    return made


def words(text: str, spans: list[int]) -> list[str]:
    return [text[start:end] for start, end in list(pairwise(spans))[::2]]


def comments(texts: list[str], **columns: Any) -> pd.DataFrame:
    numbers = range(len(texts))
    defaults = {"label": [number % 2 for number in numbers], "title": "a title", "thread": "t", "masked": texts}
    return pd.DataFrame({"id": [f"c{number}" for number in numbers], "text": texts} | defaults | columns)


def rows(p: list[float], **columns: Any) -> pd.DataFrame:
    """Return rows like those of `read_predictions`."""
    defaults = {"fold_or_split": "stratified-2/fold-01", "seed": 1, "epoch": 3, "model": "m", "attention": None}
    settings = {"embedding": "bert", "context": "none", "learning_rate": np.nan}
    frame = {"id": [f"c{number}" for number in range(len(p))], "p_hateful": np.array(p, np.float32)}
    return pd.DataFrame(frame | defaults | settings | columns)


def test_pieces_are_words_again_and_offsets_count_code_points() -> None:
    encoding = tokenizer().encode(TEXT)
    assert encoding.tokens[:3] == ["[CLS]", "you", "##r"]
    spans = word_spans(encoding)
    assert words(TEXT, spans)[0] == "Your"
    # A JavaScript string has more units than letters here: offsets past the emoji must not count in those.
    assert words(TEXT, spans)[-3:] == ["🤬", "שלום", "lot"]
    weights = np.full(len(encoding.ids), 0.05, np.float32)
    found = word_weights(encoding, weights, 0)
    assert len(found) == len(spans) // 2
    assert found[0] == 100
    assert found[-1] == 50


def test_a_cut_comment_has_weights_for_its_first_words_only() -> None:
    encoding = tokenizer().encode("you lot you lot")
    assert word_weights(encoding, np.array([0.5, 0.25, 0.25], np.float32), 0) == [250, 250]
    short = tokenizer(max_tokens=4).encode("you lot you lot")
    assert len(word_spans(short)) == 4


def test_the_weights_of_a_title_are_not_put_on_the_text() -> None:
    pair = tokenizer().encode("a title", "you lot")
    weights = np.array([0.1, 0.2, 0.3, 0.1, 0.02, 0.08, 0.2], np.float32)
    assert word_weights(pair, weights, 1) == [20, 80]


def test_more_weights_than_tokens_is_an_error() -> None:
    frame = rows([0.2], attention=[np.full(9, 0.1)])
    with pytest.raises(FoxhoundError, match="attention on 9 tokens where the encoder reads 4"):
        attention_weights(frame, comments(["you lot"]), tokenizer().encode_batch(["you lot"]), 0)


def test_rounding_moves_no_comment_across_the_threshold() -> None:
    p = np.array([0.4996, 0.5, 0.50049, 0.0, 1.0, np.nan])
    assert thousandths(p) == [499, 500, 500, 0, 1000, None]


def test_disagreement_is_the_deviation_of_the_models_that_tell_comments_apart() -> None:
    p = np.array([[0.2, 0.4, 1.0], [0.9, 0.1, 1.0], [np.nan, 0.5, 1.0], [np.nan, np.nan, 1.0]])
    expected = [np.std([0.2, 0.4]), np.std([0.9, 0.1]), 0, np.nan]
    np.testing.assert_allclose(disagreement(p), expected, atol=1e-12)


def test_what_is_shown_is_the_text_without_names_and_words_are_those_the_models_read() -> None:
    frame = comments(["you lot", "a title"], masked=["••• lot", "a title"])
    weights = [np.array([0.25, 0.25, 0.25, 0.25], np.float32)] * 2
    data = browser_data(frame, rows([0.1, 0.8], attention=weights), tokenizer)
    assert data["text"] == ["••• lot", "a title"]
    assert words("you lot", data["words"][0]) == ["you", "lot"]
    assert "you" not in json.dumps(data)


def test_columns_of_models_in_the_order_of_the_comments() -> None:
    frame = comments(["you", "lot", "a"], title=[None, "b", "b"], thread=["x", "y", "z"])
    seeds = [rows([0.2, 0.4, 0.9], seed=1), rows([0.4, 0.8, 0.7], seed=2)]
    rates = [rows([1.0, 0.0], model="f", learning_rate=rate, epoch=2, embedding=None) for rate in (1e-4, 2e-5)]
    data = browser_data(frame, pd.concat([*seeds, *rates])[::-1], tokenizer)
    p = dict(zip(data["models"], data["p"], strict=True))
    assert p == {
        "m, epoch 3": [300, 600, 800],
        "f, epoch 2, rate 1e-4": [1000, 0, None],
        "f, epoch 2, rate 2e-5": [1000, 0, None],
    }
    assert [data["articles"][number] for number in data["article"]] == ["x", "b", "b"]
    assert (data["protocol"], data["threshold"], data["label"]) == ("stratified-2", 500, [0, 1, 0])
    assert (data["words"], data["attention"]) == ([], {})


def test_attention_is_the_mean_over_seeds_for_every_model_that_has_it() -> None:
    frame = comments(["you lot", "a title"])
    weights = [[np.array([0.5, 0.2, 0.2, 0.1], np.float32)] * 2, [np.array([0.5, 0.4, 0.0, 0.1], np.float32)] * 2]
    seeds = [rows([0.2, 0.4], seed=seed, attention=one) for seed, one in enumerate(weights)]
    pair = np.array([0.1, 0.2, 0.3, 0.1, 0.02, 0.08, 0.2], np.float32)
    titled = rows([0.2, 0.4], model="t", context="title", attention=[pair] * 2)
    words2vec = rows([0.2, 0.4], model="w", embedding="word2vec", attention=[np.full(2, 0.5, np.float32)] * 2)
    data = browser_data(frame, pd.concat([*seeds, words2vec, titled]), tokenizer)
    assert data["models"] == ["m, epoch 3", "w, epoch 3", "t, epoch 3"]
    assert data["attention"] == {"0": [[300, 100]] * 2, "2": [[20, 80]] * 2}
    assert words("you lot", data["words"][0]) == ["you", "lot"]


def test_predictions_are_read_at_one_epoch(tmp_path: Path) -> None:
    path = str(tmp_path / "predictions.parquet")
    settings = {"family": "lstm", "embedding": "bert", "context": "none", "learning_rate": 1e-3}
    both = [predictions(guesses(epoch), epoch=epoch, settings=settings) for epoch in (1, 2)]
    weights = [None] * COMMENTS + [np.array([0.5, 0.5], np.float32)] * COMMENTS
    write_table(pd.concat(both).assign(attention=weights), path, "predictions", {})
    found = read_predictions(path, 2)
    assert len(found) == COMMENTS
    np.testing.assert_array_equal(found["p_hateful"], guesses(2))
    assert set(found["learning_rate"]) == {1e-3}
    assert found["attention"].notna().all()
    with pytest.raises(FoxhoundError, match="no predictions after epoch 3"):
        read_predictions(path, 3)
