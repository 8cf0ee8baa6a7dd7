"""Test how many folds and how large parts a corpus has room for, against counts by hand and exact fractions."""

from fractions import Fraction

import pandas as pd
import pytest
from foxhound.corpus.split_sizes import draw_sizes, most_folds
from hypothesis import given
from hypothesis import strategies as st

COMMENTS = pd.DataFrame(
    {
        "label": [1, 1, 1, 0, 0, 0, 0, 0],
        "thread": ["a", "a", "b", "b", "c", "d", "d", "e"],
        "user": ["u", "u", "u", "v", "w", "w", None, None],
    }
)


@pytest.mark.parametrize(
    ("group", "most", "limit"),
    [
        (None, 3, "comments of the smaller class"),  # three hateful comments
        ("thread", 5, "different values of thread"),  # a to e
        ("user", 1, "values of user with comments of the smaller class"),  # all hateful comments are of u
    ],
)
def test_folds_counted_by_hand(group, most, limit):
    assert most_folds(COMMENTS, group) == (most, limit)


def test_folds_of_users_need_comments_of_both_classes_too():
    comments = COMMENTS.assign(user=list("stuvwxyz"))
    assert most_folds(comments, "user") == (3, "comments of the smaller class")


def test_a_corpus_of_one_class_has_no_folds():
    assert most_folds(COMMENTS[:3], None)[0] == 0


def test_comments_without_a_group_are_one_group():
    comments = pd.DataFrame({"label": [0, 1, 0, 1, 1], "thread": ["a", "a", None, None, None]})
    assert most_folds(comments, "thread") == (2, "different values of thread")


def test_sizes_counted_by_hand():
    definition = {"train": 700, "validation": 0, "test": 300}
    assert draw_sizes(definition, 2000) == ({"train": 700, "test": 300}, 1000)
    assert draw_sizes(definition, 1000) == ({"train": 700, "test": 300}, 1000)
    assert draw_sizes(definition, 100) == ({"train": 70, "test": 30}, 1000)
    assert draw_sizes(definition, 99) == ({"train": 69, "test": 29}, 1000)


@given(st.integers(1, 900), st.integers(0, 900), st.integers(1, 900), st.integers(0, 3000))
def test_parts_shrink_in_proportion(train, validation, test, available):
    definition = {"train": train, "validation": validation, "test": test}
    sizes, total = draw_sizes(definition, available)
    assert total == train + validation + test
    assert list(sizes) == [part for part, size in definition.items() if size]
    share = min(Fraction(1), Fraction(available, total))
    for part, size in sizes.items():
        assert 0 <= definition[part] * share - size < 1
