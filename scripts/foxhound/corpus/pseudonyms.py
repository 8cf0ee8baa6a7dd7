"""Keep user names out of the results: pseudonyms replace users, and dots the names that a comment mentions."""

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
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


def name_masker(users: Iterable[str | None]) -> Callable[[str], str]:
    """A function that dots out, letter by letter, what follows an @ and every name in `users` that is a whole word.

    The text keeps its length, so that offsets into it stay right. Upper and lower case count as the same.
    """
    names = {user for user in users if user and len(user) >= SHORTEST_NAME}
    plain = {name.casefold() for name in names if re.fullmatch(r"\w+", name)}
    odd: dict[str, list[tuple[int, str]]] = {}  # first word -> of each name what stands before it, and the name
    for name in sorted(names, key=lambda name: (-len(name), name)):
        first = re.search(r"\w+", name)
        if first and first[0] != name:
            odd.setdefault(first[0].casefold(), []).append((first.start(), name))

    def mask(text: str) -> str:
        signs = list(text)
        for word in re.finditer(r"\w+", text):
            folded, end = word[0].casefold(), 0
            if folded in plain or re.search(r"(?<!\w)@\Z", text[max(0, word.start() - 2) : word.start()]):
                signs[word.start() : word.end()] = DOT * len(word[0])
            for before, name in odd.get(folded, ()):
                start = word.start() - before
                end = start + len(name)
                whole = start >= 0 and text[start:end].casefold() == name.casefold()
                if whole and not re.match(r"\w\w", text[end - 1 : end + 1]):
                    signs[start:end] = DOT * len(name)
                    break
        return "".join(signs)

    return mask
