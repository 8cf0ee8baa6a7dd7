"""Open files plain, gzip or Zstandard, within bounds: a small file may unpack to more than a disk holds."""

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from foxhound.errors import FoxhoundError

PACKED = (".gz", ".zst")
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
MOST_BYTES = 1 << 29  # once unpacked: ten times what 100,000 comments with their titles take
LOOK = 4096  # bytes that tell a format


def too_large(path: str | Path) -> FoxhoundError:
    """Return the error of a file that unpacks to more than `MOST_BYTES`."""
    return FoxhoundError(f"{path}: more than {MOST_BYTES:,} bytes once unpacked. Split it into smaller files.")


class _Bounded(io.RawIOBase):
    """Pass on the bytes of a stream, up to `most`."""

    def __init__(self, stream: Any, path: Path, most: int | None) -> None:
        self.stream, self.path, self.left = stream, path, most

    def readable(self) -> bool:
        """Return True, which io.BufferedReader asks for."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` with the next bytes; return how many.

        Raises:
            FoxhoundError: there are more than allowed in all.
        """
        piece = self.stream.read(len(buffer))
        if self.left is not None:
            self.left -= len(piece)
            if self.left < 0:
                raise too_large(self.path)
        buffer[: len(piece)] = piece
        return len(piece)


@contextmanager
def open_bytes(path: Path, bounded: bool = True) -> Iterator[io.BufferedReader]:
    """Open a file, unpacked where it is gzip or Zstandard.

    Args:
        bounded: whether more than `MOST_BYTES` is an error; those who keep a piece at a time need no bound.
    """
    with open(path, "rb") as file:
        start = file.read(4)
        file.seek(0)
        stream: Any = file
        if start.startswith(GZIP):
            stream = gzip.GzipFile(fileobj=file)
        elif start.startswith(ZSTD):
            import pyarrow as pa

            stream = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")
        yield io.BufferedReader(_Bounded(stream, path, MOST_BYTES if bounded else None), 1 << 16)


def is_packed(path: Path) -> bool:
    """Say whether a file is gzip or Zstandard."""
    with open(path, "rb") as file:
        return file.read(4).startswith((GZIP, ZSTD))


def first_bytes(path: Path) -> bytes:
    """Return the first bytes of a file, unpacked."""
    with open_bytes(path) as stream:
        return stream.read(LOOK)
