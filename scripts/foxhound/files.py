"""Write files so that they appear whole or not at all."""

import errno
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foxhound.errors import FoxhoundError

HALF = ".half"
DAY = 24 * 3600  # seconds
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary sibling of `path`; rename it to `path` once the block has ended well.

    A reader never sees half a file, not even after a run that was killed. The sibling keeps the suffix, because some
    writers choose their format by it; its name is random, so that no other thread or host writes to it.

    Raises:
        FoxhoundError: the disk is full.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(8)}{HALF}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise
        raise FoxhoundError(f"{path}: {os.strerror(error.errno)}. Free some space and run again.") from error
    finally:
        temporary.unlink(missing_ok=True)


def remove_halves(folder: str | Path) -> None:
    """Remove half-written files of killed jobs that are older than a day; younger ones may belong to a live run."""
    for path in Path(folder).rglob(f".*{HALF}*"):
        try:
            if time.time() - path.stat().st_mtime > DAY:
                path.unlink()
        except FileNotFoundError:
            continue


def write_text(path: str | Path, text: str) -> None:
    """Write `text` as UTF-8, atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def sha256(path: str | Path) -> str:
    """Return the hexadecimal SHA-256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
