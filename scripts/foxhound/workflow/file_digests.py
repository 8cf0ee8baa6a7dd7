"""Digest the content of files that users edit, so that a file counts by what it holds and never by its time."""

import atexit
import json
from contextlib import suppress
from functools import cache
from pathlib import Path

from foxhound.errors import FoxhoundError
from foxhound.files import sha256, write_text

MEMORY = Path(".snakemake/foxhound-digests.json")
SMALL = 1 << 20  # bytes: digesting less takes no time, and is not worth remembering


@cache
def _known() -> dict[str, list[int | str]]:
    """Read what is remembered: path -> size, times, file number and digest. Damaged or missing, it is made anew."""
    try:
        known = json.loads(MEMORY.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    known = known if isinstance(known, dict) else {}
    atexit.register(_remember, json.dumps(known))
    return known


def _remember(before: str) -> None:
    """Write down what has been digested since `before` was read."""
    if json.dumps(_known()) != before:
        with suppress(OSError, FoxhoundError):  # no room, or no right to write there: digested again next time
            write_text(MEMORY, json.dumps(_known()))


@cache
def content_digest(path: str) -> str:
    """Return sixteen hexadecimal digits that change with a file's content; none where there is no such file.

    Of a large file they are remembered for as long as the file system says that it is the same: by size, number, and
    the times of its content and of its record, of which the second cannot be set back.
    """
    try:
        stat = Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    if stat.st_size < SMALL:
        return sha256(path)[:16]
    same = [stat.st_size, stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns]
    known = _known().get(path, [])
    if known[:-1] != same:
        known = _known()[path] = [*same, sha256(path)[:16]]
    return str(known[-1])
