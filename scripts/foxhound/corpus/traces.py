"""Notice what programs left in texts: Python's bytes, NUL bytes, letters decoded twice, words for no text."""

import re
from collections.abc import Callable, Sequence
from typing import Any

LOOK = 1000  # texts to score that are looked at; those of a corpus are all
BYTES = re.compile(r"""b(['"]).*\1""", re.DOTALL)
DECODED_TWICE = re.compile("[\u00c2-\u00c5\u00e2\u00f0][\u0080-\u00bf\u0152-\u2122]")
NO_TEXT = {"nan", "null", "none", "<na>", "#n/a", "#ref!", "#value!", "#name?", "[deleted]", "[removed]"}


def _is_decoded_twice(text: str) -> bool:
    """Say whether UTF-8 was taken for cp1252 once: all that is not ASCII then makes UTF-8 again, and a shorter text."""
    if text.isascii() or not DECODED_TWICE.search(text):
        return False
    try:
        return len(text.encode("cp1252").decode("utf-8")) < len(text)
    except UnicodeError:
        return False


TRACES: list[tuple[Callable[[str], Any], str]] = [
    (
        lambda text: text.startswith(("b'", 'b"')) and BYTES.fullmatch(text),
        "{count} as Python writes bytes, such as {example}: read as they are. In Python, "
        "ast.literal_eval(text).decode() gives what was said",
    ),
    (lambda text: "\0" in text, "{count} with NUL bytes, such as {example}: read as they are"),
    (
        _is_decoded_twice,
        "{count} in UTF-8 that was once taken for cp1252, such as {example}: read as they are. In Python, "
        "text.encode('cp1252').decode('utf-8') gives what was said",
    ),
    (
        lambda text: len(text) < 12 and text.strip().lower() in NO_TEXT,
        "{count} with nothing but a word for no text, such as {example}: read as they are. If nobody said that, take "
        "the rows out",
    ),
]
"""What a text shows -> what to say of such texts."""
WIDTH = 40  # characters of an example


def describe_traces(texts: Sequence[Any]) -> list[str]:
    """Return a doubt for each kind of trace, with how many texts show it and an example."""
    said = [text for text in texts if isinstance(text, str)]
    doubts = []
    for shows, words in TRACES:
        if found := [text for text in said if shows(text)]:
            count = f"{len(found)} text" + ("s" if len(found) > 1 else "")
            example = repr(found[0] if len(found[0]) <= WIDTH else found[0][: WIDTH - 3] + "...")
            doubts.append(words.format(count=count, example=example))
    return doubts
