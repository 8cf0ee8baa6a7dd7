"""What a local model folder holds, so that vectors and models made from another version of it are stale."""

from pathlib import Path
from typing import Any

from foxhound.files import sha256

FILES = ("config.json", "model.safetensors", "tokenizer.json")


def with_digests(definition: dict[str, Any]) -> dict[str, Any]:
    """An entry of `encoders` and, where its model is a local folder, the digests of the files that decide its vectors.

    A package is pinned by its sha256, and a hub id is its own name.
    """
    folder = Path(definition.get("model", ""))
    files = [folder / name for name in FILES if "model" in definition and (folder / name).is_file()]
    return definition | ({"files": {path.name: sha256(path)[:16] for path in files}} if files else {})
