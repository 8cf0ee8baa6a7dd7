import pytest
from foxhound.corpus.traces import describe_traces


@pytest.mark.parametrize(
    ("text", "trace"),
    [
        ("b'caf\\\\xc3\\\\xa9'", "1 text as Python writes bytes, such as"), ('b"it is"', "as Python writes bytes"), ("b'two\\nlines'", "as Python"),
        ("a\0b", "1 text with NUL bytes, such as 'a\\x00b'"), ("caf\u00c3\u00a9", "in UTF-8 that was once taken for cp1252"),
        ("it\u00e2\u20ac\u2122s", "once taken for cp1252"), ("nan", "1 text with nothing but a word for no text, such as 'nan'"), (" [deleted]", "a word for no text"),
        ("#NAME?", "a word for no text"),
    ],
)  # fmt: skip
def test_what_a_program_left_is_said_with_an_example(text, trace):
    [doubt] = describe_traces(["a plain one", text, None, 7])
    assert trace in doubt and "read as they are" in doubt


@pytest.mark.parametrize(
    "text",
    [
        "b'coz", "b'gosh, it' he said", "caf\u00e9", "S\u00c3O PAULO", "\u00c2ge \u00c3\u00a9 \u0107", "none of it", "Nan said so", "\u4f60\u597d", "",
        "deleted scenes are the best",
    ],
)  # fmt: skip
def test_what_people_write_is_no_trace(text):
    assert not describe_traces([text])


def test_texts_are_counted_and_long_ones_cut():
    [doubt] = describe_traces(["b'" + "x" * 99 + "'", "b''"])
    assert doubt.startswith("2 texts as Python writes bytes") and "x" * 30 in doubt and "x" * 50 not in doubt
