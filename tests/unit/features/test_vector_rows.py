import numpy as np
import pytest
from foxhound.features.vector_rows import from_bytes, row_key, to_bytes
from hypothesis import given
from hypothesis import strategies as st

SETTINGS = {"encoder": "minilm", "layer": -1, "max_tokens": 128}
WIDTH = 3


def test_float32_vectors_are_stored_as_the_nearest_float16():
    vectors = np.random.default_rng(1).normal(size=(4, WIDTH)).astype(np.float32)
    count, stored = to_bytes(vectors[:, ::-1])
    assert (count, len(stored)) == (4, 4 * WIDTH * 2)
    np.testing.assert_array_equal(np.frombuffer(stored, "<f2").reshape(4, WIDTH), vectors[:, ::-1].astype(np.float16))


def test_bytes_that_are_not_those_of_so_many_vectors_are_refused():
    count, stored = to_bytes(np.ones((4, WIDTH)))
    assert from_bytes(count, stored).tolist() == [[1] * WIDTH] * 4
    for wrong in (0, 5):
        with pytest.raises(ValueError, match="reshape"):
            from_bytes(wrong, stored)


TEXT = st.text(max_size=4)


@given(TEXT, st.none() | TEXT, TEXT, st.none() | TEXT)
def test_keys_are_equal_only_where_text_and_title_are(text, title, other_text, other_title):
    same = (text, title) == (other_text, other_title)
    assert (row_key(text, title, SETTINGS) == row_key(other_text, other_title, SETTINGS)) == same


@pytest.mark.parametrize("change", [{"encoder": "bert"}, {"layer": -2}, {"max_tokens": 64}, {"new": 1}])
def test_every_setting_is_in_the_key_and_their_order_is_not(change):
    assert row_key("a", None, SETTINGS | change) != row_key("a", None, SETTINGS)
    assert row_key("a", None, dict(reversed(SETTINGS.items()))) == row_key("a", None, SETTINGS)
