"""Write files so that they appear whole or not at all."""

import errno
import hashlib
import os
import secrets
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from foxhound.errors import FoxhoundError

HALF = ".half"
DAY = 24 * 3600  # seconds
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)
TOO_MANY_OPEN = (errno.EMFILE, errno.ENFILE)
ROOM = 4 << 20  # bytes


def explain_system_error(path: str | Path, error: OSError) -> FoxhoundError:
    """Return the error of the operating system (full disk, no permission ...) with the path, and what to do."""
    if error.errno in DISK_FULL:
        remedy = "Free some space and run again."
        if Path(path) == temporary_folder():
            remedy += " Or name another folder for temporary files: export TMPDIR=FOLDER"
    elif error.errno in REFUSED:
        remedy = "Get the permission from its owner (ls -ld names them), and run again."
    elif error.errno in TOO_MANY_OPEN:
        remedy = "Allow more open files (ulimit -n 4096), and run again."
    else:
        remedy = "Check the disk or the network that it lies on, and run again."
    return FoxhoundError(f"{path}: {os.strerror(error.errno or errno.EIO)}. {remedy}")


@contextmanager
def explain_full_disk(path: str | Path) -> Iterator[None]:
    """Turn the error of a full disk into one that names `path`, and says what to do.

    Raises:
        FoxhoundError: the disk is full.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise
        raise explain_system_error(path, error) from error


def temporary_folder() -> Path:
    """Return the folder for temporary files. Where it is full, `tempfile.gettempdir` would quietly name another."""
    return Path(next(filter(None, map(os.environ.get, ("TMPDIR", "TEMP", "TMP"))), "/tmp"))


def check_room(folders: Iterable[str | Path]) -> None:
    """Check that some MB can be written to each folder, or to where it will be made.

    They are written and removed again: no question to the system counts in a quota. A folder that cannot be written to
    for another reason is left to those who need it.

    Raises:
        FoxhoundError: a disk is full.
    """
    for folder in folders:
        path = Path(folder).absolute()
        place = next(parent for parent in (path, *path.parents) if parent.is_dir())
        try:
            with explain_full_disk(folder), tempfile.TemporaryFile(dir=place) as file:
                file.write(os.urandom(ROOM))  # random, for file systems that compress
        except OSError:
            continue


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
        with explain_full_disk(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
            os.replace(temporary, path)
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
