"""Write the folder of a model: files whole or not at all, and large ones once for all folders."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foxhound.files import explain_full_disk

WEIGHTS = (".safetensors", ".onnx")


@contextmanager
def whole_files(folder: str | Path) -> Iterator[Path]:
    """Yield a temporary folder; move its files into `folder` once the block has ended well.

    Raises:
        FoxhoundError: the disk is full.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    with explain_full_disk(folder), tempfile.TemporaryDirectory(dir=folder, prefix=".") as temporary:
        yield Path(temporary)
        for file in Path(temporary).iterdir():
            os.replace(file, Path(folder) / file.name)


def copy_or_link(source: str, target: str) -> str:
    """Copy a file of a model's folder, or link to it where it holds weights, which are large; return the target.

    The other files may be edited by hand (the card, the threshold), which must not change what they were copied from.
    """
    if Path(source).suffix in WEIGHTS:
        try:
            os.link(source, target)
            return target
        except OSError:  # a file system without links
            pass
    return shutil.copyfile(source, target)
