"""Write the folder of a model: files whole or not at all, and large ones once for all folders.

Its config.json holds checksums of what decides the model's answers: altered weights would answer like others.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from foxhound.errors import FoxhoundError
from foxhound.files import explain_full_disk, sha256, write_text

WEIGHTS = (".safetensors", ".onnx")
SEALED = ("model.safetensors", "tokenizer.json", "onnx/model.onnx")


def write_checksums(folder: str | Path) -> None:
    """Put the checksums of the folder's files of `SEALED` into its config.json."""
    config = Path(folder) / "config.json"
    present = [name for name in SEALED if (Path(folder) / name).is_file()]
    checksums = {name: sha256(Path(folder) / name) for name in present}
    write_text(
        config, json.dumps(json.loads(config.read_text(encoding="utf-8")) | {"sha256": checksums}, indent=2) + "\n"
    )


def check_files(folder: str | Path, config: dict[str, Any], names: Iterable[str]) -> None:
    """Compare files with their checksums, which folders of earlier versions, and of others, do not have.

    Args:
        config: the content of config.json.

    Raises:
        FoxhoundError: they differ.
    """
    checksums = config.get("sha256") or {}
    for name in names:
        file = Path(folder) / name
        if name in checksums and file.is_file() and sha256(file) != checksums[name]:
            raise FoxhoundError(
                f"{file}: damaged (it does not fit its checksum in config.json). {make_folder_again(folder)} If you "
                "have put another one there, take `sha256` out of config.json."
            )


def make_folder_again(folder: str | Path) -> str:
    """Say how to have the folder of a model made again."""
    return (
        f"If Foxhound has made this folder, delete it (rm -r {folder}) and run your snakemake command again (for "
        "foxhound predict: snakemake --cores 2 results/model)."
    )


@contextmanager
def whole_files(folder: str | Path) -> Iterator[Path]:
    """Yield a temporary folder; move its files into `folder`, with their checksums, once the block has ended well.

    Raises:
        FoxhoundError: the disk is full.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    with explain_full_disk(folder), tempfile.TemporaryDirectory(dir=folder, prefix=".") as temporary:
        yield Path(temporary)
        write_checksums(temporary)
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
