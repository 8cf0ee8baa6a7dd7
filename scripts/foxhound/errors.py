"""Define the one exception whose message is for the user, not for developers."""


class FoxhoundError(Exception):
    """A mistake that the user can put right; the message says what is wrong, where, and what to do."""


def suggestion(word: str, allowed: list[str]) -> str:
    """Return ` Did you mean 'x'?` for the nearest allowed word, or nothing."""
    from difflib import get_close_matches

    matches = get_close_matches(word, allowed, n=1)
    return f" Did you mean {matches[0]!r}?" if matches else ""
