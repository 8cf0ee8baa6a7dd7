"""Write files so that they appear whole or not at all."""

import errno
import hashlib
import json
import os
import re
import secrets
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from foxhound.errors import FoxhoundError

HALF = ".half"
DAY = 24 * 3600  # seconds
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)
TOO_MANY_OPEN = (errno.EMFILE, errno.ENFILE)
WRONG_PATH = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP)
ROOM = 4 << 20  # bytes


def system_number(error: BaseException | None) -> int | None:
    """Return the number of what the operating system refused; None where it is not at fault, nor where a path is wrong.

    OSErrors that libraries make of their own have no number. Those written in Rust (safetensors, tokenizers) put it
    into the text of errors of any class, and so does shutil where it copies several files.
    """
    number = error.errno if isinstance(error, OSError) else None
    if number is None and (told := re.search(r"(?:\(os error |\[Errno )(\d+)", str(error))):
        number = int(told[1])
    return None if number in WRONG_PATH else number


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error, and what led to it."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def is_full_disk(error: BaseException) -> bool:
    """Say whether a full disk led to `error`."""
    return any(system_number(cause) in DISK_FULL for cause in causes(error))


def explain_system_error(path: str | Path, error: Exception) -> FoxhoundError:
    """Return the error of the operating system (full disk, no permission ...) with the path, and what to do."""
    number = system_number(error)
    if number in DISK_FULL:
        remedy = "Free some space and run again."
        if Path(path) == temporary_folder():
            remedy += " Or name another folder for temporary files: export TMPDIR=FOLDER"
    elif number in REFUSED:
        remedy = "Get the permission from its owner (ls -ld names them), and run again."
    elif number in TOO_MANY_OPEN:
        remedy = "Allow more open files (ulimit -n 4096), and run again."
    else:
        remedy = "Check the disk or the network that it lies on, and run again."
    return FoxhoundError(f"{path}: {os.strerror(number or errno.EIO)}. {remedy}")


def raise_system_error(error: Exception, path: str | Path) -> None:
    """Raise in words what the system refused, where that is why reading `path` ended in `error`; else return.

    Libraries hide the system's error behind one of their own, or take it for another one (safetensors says that a file
    is not there where there are too many open files): the file, or each file of the folder, is then read once more.

    Raises:
        FoxhoundError: the system refuses to read a file (no permission, too many open files, a broken disk), or memory
            ran out.
    """
    for cause in causes(error):
        if isinstance(cause, MemoryError):
            raise FoxhoundError(
                f"{path}: not enough memory to read it ({cause}). Run fewer jobs at a time. If that does not help, "
                "it is damaged."
            ) from error
        # What names no file may be about something else, such as the network, and have been overcome.
        if isinstance(cause, OSError) and cause.filename and system_number(cause):
            raise explain_system_error(cause.filename, cause) from error
    named = read = Path(path)
    try:
        for read in sorted(named.iterdir()) if named.is_dir() else [named]:
            if read.is_file():  # a pipe cannot be read twice
                sha256(read)
    except OSError as again:
        if system_number(again):
            raise explain_system_error(read, again) from error
    if system_number(error) and os.path.exists(path):  # a model's name on the hub is no file
        raise explain_system_error(path, error) from error


def make_again(path: str | Path) -> str:
    """Say how to have a result made again."""
    return f"Delete it (rm {path}); to have it made again, end your snakemake command with\n  -- {path}"


def read_text(path: str | Path, remedy: str | None = None) -> str:
    """Return a file's text.

    Args:
        remedy: what to do where it is damaged; by default, to have it made again.

    Raises:
        FoxhoundError: it is not UTF-8.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        reason = f"damaged, or not UTF-8 (byte {error.start})"
        raise FoxhoundError(f"{path}: {reason}. {remedy or make_again(path)}") from error


def read_json(path: str | Path, keys: Iterable[str] = ()) -> dict[str, Any]:
    """Return the object in a JSON file that Foxhound has written.

    Raises:
        FoxhoundError: it is damaged, or lacks one of `keys`.
    """
    try:
        content = json.loads(read_text(path))
    except ValueError as error:
        raise FoxhoundError(f"{path}: damaged ({error}). {make_again(path)}") from error
    if not isinstance(content, dict) or not content.keys() >= {*keys}:
        raise FoxhoundError(f"{path}: damaged (it lacks {', '.join(keys)}). {make_again(path)}")
    return content


def read_own_yaml(path: str | Path) -> Any:
    """Return what a YAML file of the project holds, by libyaml where PyYAML has it: every plan reads some.

    What users write goes through PyYAML's own parser, ten times slower, whose errors show the line.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(Path(path).read_text(encoding="utf-8"))
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


@contextmanager
def system_errors_in_words() -> Iterator[None]:
    """Turn what the system refuses in the block, and nobody has explained yet, into words.

    Raises:
        FoxhoundError: it refuses a file, or memory ran out.
    """
    try:
        yield
    except MemoryError as error:
        raise FoxhoundError(f"Not enough memory ({error}). Run fewer jobs at a time (--cores).") from error
    except OSError as error:
        number = system_number(error)
        # Of a copy, the second name is where it goes: it is the one without room.
        path = (error.filename2 if number in DISK_FULL else None) or error.filename
        if number in DISK_FULL + TOO_MANY_OPEN:
            path = path or "A file"
        if number is None or path is None:
            raise
        raise explain_system_error(path, error) from error


@contextmanager
def explain_full_disk(path: str | Path) -> Iterator[None]:
    """Turn the error of a full disk, of whatever class, into one that names `path`, and says what to do.

    Raises:
        FoxhoundError: the disk is full.
    """
    try:
        yield
    except Exception as error:
        if system_number(error) not in DISK_FULL:
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
        except OSError as error:
            if error.errno not in REFUSED:  # another user's is left to them
                raise


def write_text(path: str | Path, text: str) -> None:
    """Write `text` as UTF-8, atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def sha256(path: str | Path) -> str:
    """Return the hexadecimal SHA-256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
