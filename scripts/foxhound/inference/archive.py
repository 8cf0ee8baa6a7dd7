"""Pack the folder of a model into one file, and unpack it again: a rule's output is then whole or not there."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foxhound.errors import FoxhoundError
from foxhound.files import atomic_path, explain_full_disk, make_again, raise_system_error

EPOCH = (1980, 1, 1, 0, 0, 0)  # the same content gives the same bytes, whenever it is packed


def pack(folder: Path, file: str | Path) -> None:
    """Write all files in `folder`, and in the folders in it, into `file`, as they are: weights hardly shrink."""
    with atomic_path(file) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            entry.file_size = path.stat().st_size
            with path.open("rb") as source, archive.open(entry, "w") as target:
                shutil.copyfileobj(source, target, 1 << 20)


def unpack(file: str | Path, folder: Path) -> None:
    """Write the files of an archive into `folder`.

    Raises:
        FoxhoundError: the archive is missing or damaged, or the disk is full.
    """
    try:
        with explain_full_disk(folder), zipfile.ZipFile(file) as archive:
            archive.extractall(folder)  # which leads no name out of the folder, and compares checksums
    except (OSError, EOFError, zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError) as error:
        raise_system_error(error, file)
        raise FoxhoundError(f"{file}: damaged ({error}). {make_again(file)}") from error


@contextmanager
def unpacked(file: str | Path) -> Iterator[Path]:
    """Yield a temporary folder with the files of an archive; raise as `unpack` does."""
    with tempfile.TemporaryDirectory() as temporary:
        unpack(file, Path(temporary))
        yield Path(temporary)
