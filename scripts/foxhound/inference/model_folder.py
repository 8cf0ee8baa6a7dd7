"""Write and read the folder of a model: files whole or not at all, and large ones once for all folders.

Its config.json says of what kind it is, unless it is fine-tuned (then it is a Hugging Face folder), and holds checksums
of what decides the model's answers: altered weights would answer like others. An ensemble has a folder per member.
"""

import json
import math
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from foxhound.errors import FoxhoundError
from foxhound.evaluation.conformal import Limits, kept_limits
from foxhound.files import explain_full_disk, raise_system_error, sha256, write_text
from foxhound.names import FINETUNE

WEIGHTS = (".safetensors", ".onnx")
SEALED = ("model.safetensors", "tokenizer.json", "onnx/model.onnx", "model.onnx", "encoder.onnx", "terms.json")
KIND, MEMBERS, ENSEMBLE, LIMITS = "foxhound_kind", "members", "ensemble", "limits"
FEWEST_TOKENS = 3  # one between the two that stand at the ends
SHOWN = 40  # letters of a value, in an error
FOLDER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def read_config(folder: Path) -> dict[str, Any]:
    """Return the content of a folder's config.json.

    Raises:
        FoxhoundError: the folder or the file is missing or damaged.
    """
    if not folder.is_dir():
        raise FoxhoundError(
            f"{folder}: there is no such folder. `foxhound predict` without --model names the models that are there."
        )
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise_system_error(error, folder)
        raise not_a_model(folder, error) from error
    if not isinstance(config, dict):
        raise not_a_model(folder, "its config.json holds no object")
    wrong = [name for name, fits in READ.items() if name in config and not fits(config[name])]
    if wrong:
        raise not_a_model(folder, f"in its config.json, {wrong[0]} is {str(config[wrong[0]])[:SHOWN]!r}")
    return config


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_limit(rate: str, ends: object) -> bool:
    """Say whether these are the limits between which a person is asked, as evaluation/conformal.py writes them."""
    pair = isinstance(ends, list) and len(ends) == 2 and all(one is None or _is_number(one) for one in ends)
    return bool(re.fullmatch(r"0\.\d\d", rate)) and pair


READ: dict[str, Callable[[Any], bool]] = {
    "slope": _is_number,
    "intercept": _is_number,
    "threshold": lambda value: _is_number(value) and 0 <= value <= 1,
    "max_tokens": lambda value: _is_whole(value, FEWEST_TOKENS),
    "max_position_embeddings": lambda value: _is_whole(value, FEWEST_TOKENS),
    "pad_token_id": lambda value: value is None or _is_whole(value, 0),
    "id2label": lambda value: isinstance(value, dict) and all(key.isdecimal() for key in value),
    "sha256": lambda value: isinstance(value, dict),
    LIMITS: lambda value: isinstance(value, dict) and all(map(_is_limit, value, value.values())),
}
"""Key of config.json -> whether its value is one that can be worked with; none of them has to be there."""


def limits_of(folder: Path, rate: float) -> Limits:
    """Return the probabilities between which a person is asked, so that errors keep to a rate.

    Raises:
        FoxhoundError: the model was kept without any.
    """
    limits = kept_limits(read_config(folder).get(LIMITS, {}), rate)
    if limits is None:
        raise FoxhoundError(
            f"{folder}: was kept without the limits that an error rate of {rate:g} needs. {make_folder_again(folder)}"
        )
    return limits


def not_a_model(folder: str | Path, reason: object) -> FoxhoundError:
    """Return the error that a folder holds no model, and why."""
    return FoxhoundError(
        f"{folder}: not a model ({reason}). It needs config.json, tokenizer.json and model.safetensors, or what "
        f"another kind of model is kept in. {make_folder_again(folder)}"
    )


def kind_of(config: Mapping[str, Any]) -> str:
    """Return the kind of a model, from the content of config.json: what says nothing is fine-tuned."""
    return str(config.get(KIND, FINETUNE))


def member_folders(folder: Path, config: Mapping[str, Any]) -> list[Path]:
    """Return the folders of an ensemble's members; none where the model is no ensemble.

    Raises:
        FoxhoundError: the folder's config.json does not name them.
    """
    if kind_of(config) != ENSEMBLE:
        return []
    names = config.get(MEMBERS)
    if not isinstance(names, list) or not names or not all(FOLDER_NAME.fullmatch(str(name)) for name in names):
        raise not_a_model(folder, "its config.json names no members")
    return [folder / str(name) for name in names]


def new_member_folders(folder: Path, model: str, members: list[str]) -> list[Path]:
    """Return a folder for each member of a model: `folder` itself, or folders that are made in it for an ensemble.

    Args:
        model: its name. A single member of this name is the model itself.
        members: their names; one that stands there twice gets a number.
    """
    if members == [model]:
        return [folder]
    names = [
        f"{name}-{place}" if (place := members[: number + 1].count(name)) > 1 else name
        for number, name in enumerate(members)
    ]
    write_text(folder / "config.json", json.dumps({KIND: ENSEMBLE, MEMBERS: names}, indent=2) + "\n")
    for name in names:
        (folder / name).mkdir()
    return [folder / name for name in names]


def fine_tuned_folders(folder: Path) -> list[Path]:
    """Return the folders of all that is fine-tuned in a model's folder: itself, members of it, or none."""
    config = read_config(folder)
    inside = [one for member in member_folders(folder, config) for one in fine_tuned_folders(member)]
    return inside or ([folder] if kind_of(config) == FINETUNE else [])


def load_folder_tokenizer(folder: Path) -> Tokenizer:
    """Load the tokenizer of a model's folder; it neither truncates nor pads.

    Raises:
        FoxhoundError: it is missing or damaged.
    """
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the tokenizers library raises plain Exception
        raise_system_error(error, folder)
        raise not_a_model(folder, error) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def write_checksums(folder: str | Path) -> None:
    """Put the checksums of the folder's files of `SEALED` into its config.json."""
    config = Path(folder) / "config.json"
    present = [name for name in SEALED if (Path(folder) / name).is_file()]
    checksums = {name: sha256(Path(folder) / name) for name in present}
    write_text(
        config, json.dumps(json.loads(config.read_text(encoding="utf-8")) | {"sha256": checksums}, indent=2) + "\n"
    )


def check_files(folder: str | Path, config: Mapping[str, Any], names: Iterable[str]) -> None:
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
        f"If Foxhound has made this folder, delete it (rm -r {folder}) and run the command again that made it (then "
        f"`foxhound predict --model {folder}` names it)."
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
