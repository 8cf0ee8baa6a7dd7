import numpy as np
import pandas as pd
import pytest
from foxhound.evaluation.near_duplicates import (
    FEWEST_WORDS,
    NearTexts,
    contradicting,
    duplicate_pairs,
    leaking_pairs,
    normalise,
)
from hypothesis import given
from hypothesis import strategies as st

TEXT = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "f", "g", "h", "i"]), max_size=12).map(" ".join)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hello, WORLD!", "hello world"),
        ("@bob hello  world https://x.org/1", "Hello world"),
        ("ﬁne ﬂag", "fine flag"),  # ligatures
        ("straße", "STRASSE"),
    ],
)
def test_what_normalises_alike(one, other):
    assert normalise(one) == normalise(other)
    assert duplicate_pairs([one, other]) == [(0, 1, 1.0)]


@given(st.lists(TEXT, max_size=25), st.sampled_from([0.5, 0.75, 0.8, 0.9]))
def test_every_pair_is_found_and_no_other(texts, near):
    expected = []
    for later in range(len(texts)):
        for earlier in range(later):
            one, other = set(texts[earlier].split()), set(texts[later].split())
            if one and texts[earlier] == texts[later]:
                expected.append((earlier, later, 1.0))
            elif min(len(one), len(other)) >= FEWEST_WORDS and len(one & other) / len(one | other) >= near:
                expected.append((earlier, later, len(one & other) / len(one | other)))
    assert duplicate_pairs(texts, near) == sorted(expected)


def test_empty_texts_are_nobodys_twins():
    assert duplicate_pairs(["", "...", "@bob", "😀"]) == []


def test_ten_thousand_texts_do_not_take_fifty_million_comparisons():
    generator = np.random.default_rng(0)
    words = generator.zipf(1.3, (10_000, 20)) % 5000
    texts = [" ".join(f"w{word}" for word in row) for row in words]
    texts[9000] = texts[5] + " more"
    assert (5, 9000) in {pair[:2] for pair in duplicate_pairs(texts)}


def test_pairs_leak_only_from_training_to_scoring():
    pairs = pd.DataFrame([("a", "b", 1.0), ("c", "d", 0.9), ("e", "f", 0.8)], columns=["one", "other", "similarity"])
    parts = pd.Series({"a": "test", "b": "train", "c": "train", "d": "validation", "e": "train", "f": "train"})
    assert leaking_pairs(pairs, parts).values.tolist() == [["a", "test", "b", 1.0], ["d", "validation", "c", 0.9]]
    assert leaking_pairs(pairs, parts.drop("b"))["id"].tolist() == ["d"]


def test_pairs_with_two_labels_contradict_each_other():
    rows = [("a", 1, "b", 0, 0.9), ("c", 1, "d", 1, 1.0), ("e", 0, "f", 1, 1.0), ("a", 1, "g", 0, 0.9)]
    pairs = pd.DataFrame(rows, columns=["id", "label", "other_id", "other_label", "similarity"])
    assert contradicting(pairs)[["id", "other_id"]].values.tolist() == [["e", "f"], ["a", "b"], ["a", "g"]]
    assert contradicting(pairs.iloc[1:2]).empty


@given(st.lists(TEXT, max_size=15), st.lists(TEXT, max_size=5), st.sampled_from([0.5, 0.8]))
def test_what_is_near_to_a_new_text_is_what_pairs_say_whatever_word_counts_as_rare(texts, new, near):
    pairs = duplicate_pairs([*texts, *new], near)
    index = NearTexts({"a": 3, "e": 1}, near)
    for text in texts:
        index.add(text)
    for number, text in enumerate(new, len(texts)):
        expected = {one: similarity for one, other, similarity in pairs if other == number and one < len(texts)}
        assert index.near_to(text) == expected
