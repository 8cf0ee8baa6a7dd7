from collections import Counter

import pytest
from foxhound.corpus.duplicates import MODES, count_repeats, describe_repeats, resolve
from hypothesis import given
from hypothesis import strategies as st

TEXTS = ["a", "b", " a ", "c", "a", "b", "d", "d"]
LABELS = [1, 0, 1, 1, 0, 1, 0, 0]


def test_repeats_are_counted_by_hand():
    found = count_repeats(TEXTS, LABELS)
    assert (found.texts, found.rows, found.contradicting) == (3, 7, 2)  # a, b, d; three, two and two rows; a and b


@pytest.mark.parametrize(
    ("mode", "kept"),
    [("keep", dict(enumerate(LABELS))), ("majority", {0: 1, 3: 1, 6: 0}), ("drop", {3: 1, 6: 0})],
)
def test_a_mode_decides_which_rows_stay(mode, kept):
    assert resolve(TEXTS, LABELS, mode) == kept


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 1)), min_size=1, max_size=20))
def test_a_majority_is_one_and_what_agrees_always_stays(rows):
    texts, labels = [text for text, _ in rows], [label for _, label in rows]
    for mode in MODES[1:]:
        kept = resolve(texts, labels, mode)
        assert len({texts[row] for row in kept}) == len(kept)
        for row, label in kept.items():
            votes = Counter(one for text, one in rows if text == texts[row])
            assert votes[label] > votes[1 - label] and row == texts.index(texts[row])
        agreeing = {text for text in texts if len({one for other, one in rows if other == text}) == 1}
        assert agreeing <= {texts[row] for row in kept}


def test_what_was_done_is_told():
    found = {"left_out": 2, "repeated": 3, "repeated_rows": 7, "contradicting": 2, "merged": 5}
    assert describe_repeats(found | {"duplicates": "majority"}) == (
        "2 rows are left out for their labels (`left_out`). 3 texts stand in several rows, 7 in all; 2 of these texts have "
        "contradicting labels; each counts once, with the label of most of its rows (5 rows fewer) (`duplicates`)."
    )
    assert describe_repeats(dict.fromkeys(found, 0) | {"duplicates": "keep"}) is None
