"""Find texts of which a tokenizer leaves nothing: a model would score nothing but its own special tokens."""

import re
from collections.abc import Callable

from tokenizers import Tokenizer

NO_TOKEN = "leaves no token"
"""Reason why there is no answer."""
LETTER = re.compile(r"\w")


def finds_no_token(tokenizer: Tokenizer) -> Callable[[str], bool]:
    """Return a function that says whether the tokenizer leaves nothing of a text but its special tokens."""

    def no_token(text: str) -> bool:
        # A letter or digit always leaves a token, if only that for unknown ones: most texts need no second look.
        return not LETTER.search(text) and all(tokenizer.encode(text).special_tokens_mask)

    return no_token
