"""Keep user names out of the results: pseudonyms replace users, and dots the names that a comment mentions."""

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

from foxhound.errors import FoxhoundError
from foxhound.files import atomic_path

KEY_BYTES = 32
DOT = "•"
SHORTEST_NAME = 3
"""Letters. Shorter names are masked after an @ only: many of them are ordinary words too."""


def load_key(path: str | Path) -> bytes:
    """Return the secret key at `path`; make one that only its owner can read where there is none.

    Raises:
        FoxhoundError: the file holds no such key.
    """
    path = Path(path)
    if not path.is_file():
        with atomic_path(path) as temporary:
            temporary.touch(mode=0o600)
            temporary.write_text(secrets.token_hex(KEY_BYTES) + "\n", encoding="ascii")
            try:
                os.link(temporary, path)  # of two runs that start at once, both take the key of the first
            except FileExistsError:
                temporary.write_bytes(path.read_bytes())
            except OSError:
                pass  # the file system has no links: the rename must do
    text = path.read_text(encoding="ascii", errors="replace").strip()
    if not re.fullmatch(rf"[0-9a-f]{{{2 * KEY_BYTES}}}", text):
        raise FoxhoundError(
            f"{path}: damaged; users' pseudonyms cannot be made with this key. Put the old one back, or "
            f"delete it (rm {path}): users then get other pseudonyms, and the rules that read them run again."
        )
    return bytes.fromhex(text)


def pseudonyms(names: Sequence[str | None], key: bytes) -> list[str | None]:
    """Return sixteen hexadecimal digits per name, a keyed BLAKE2 hash of it; None where there is no name."""
    hashes = {name: hashlib.blake2b(name.encode(), digest_size=8, key=key).hexdigest() for name in set(names) if name}
    return [hashes.get(name) if name else None for name in names]


class NameMasker:
    """Mask, letter by letter, what follows an @ and every user's name that is a whole word (or several).

    A text keeps its length, so that offsets into it stay right. Upper and lower case count as the same.
    """

    def __init__(self, users: Iterable[str | None]) -> None:
        names = {user for user in users if user and len(user) >= SHORTEST_NAME}
        self.one_word = {name.casefold() for name in names if re.fullmatch(r"\w+", name)}
        self.others: dict[str, list[tuple[int, str]]] = {}
        """First word -> offset of that word in the name, and the name, of all names that are not one word."""
        for name in sorted(names, key=lambda name: (-len(name), name)):
            first = re.search(r"\w+", name)
            if first and first[0] != name:
                self.others.setdefault(first[0].casefold(), []).append((first.start(), name))

    def mask(self, text: str) -> str:
        """Return `text` with dots instead of names."""
        signs = list(text)
        for word in re.finditer(r"\w+", text):
            start, end = word.span()
            folded = word[0].casefold()
            mentioned = start and text[start - 1] == "@" and not re.match(r"\w", text[max(0, start - 2)])
            if mentioned or folded in self.one_word:
                signs[start:end] = DOT * (end - start)
            if folded in self.others and (span := self._find_longer_name(text, word)):
                start, end = span
                signs[start:end] = DOT * (end - start)
        return "".join(signs)

    def _find_longer_name(self, text: str, word: re.Match[str]) -> tuple[int, int] | None:
        """Return start and end of the longest name in `text` whose first word is `word`, or None."""
        for offset, name in self.others.get(word[0].casefold(), ()):
            start = word.start() - offset
            end = start + len(name)
            ends_within_word = re.match(r"\w\w", text[end - 1 : end + 1])
            if start >= 0 and text[start:end].casefold() == name.casefold() and not ends_within_word:
                return start, end
        return None
