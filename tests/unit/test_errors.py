"""Test that the nearest allowed word is suggested, and none where all are far."""

from difflib import SequenceMatcher

import pytest
from foxhound.errors import FoxhoundError, suggestion
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("word", "hint"),
    [("lable", " Did you mean 'label'?"), ("txt", " Did you mean 'text'?"), ("quux", ""), ("", "")],
)
def test_a_slip_is_answered_with_the_word_that_was_meant(word, hint):
    assert suggestion(word, ["text", "label", "title"]) == hint


def test_where_no_word_is_allowed_none_is_suggested():
    assert suggestion("text", []) == ""


@given(st.text("abc", min_size=1, max_size=5), st.lists(st.text("abc", min_size=1, max_size=5), max_size=5))
def test_no_allowed_word_is_nearer_than_the_one_suggested(word, allowed):
    ratios = {other: SequenceMatcher(None, other, word).ratio() for other in allowed}
    near = {other for other, ratio in ratios.items() if ratio >= 0.6 and ratio == max(ratios.values())}
    hint = suggestion(word, allowed)
    assert hint in {f" Did you mean '{other}'?" for other in near} if near else hint == ""


def test_the_message_is_for_the_user():
    with pytest.raises(FoxhoundError, match=r"^my\.csv: line 3: no label$"):
        raise FoxhoundError("my.csv: line 3: no label")
