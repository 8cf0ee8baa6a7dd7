"""Digest a local model folder, so that vectors and models made from another version of it are made again."""

from pathlib import Path
from typing import Any

from foxhound.files import sha256

FILES = ("config.json", "model.safetensors", "tokenizer.json")


def with_digests(definition: dict[str, Any]) -> dict[str, Any]:
    """Return an entry of `encoders`; where its model is a local folder, with digests of the files that decide vectors.

    A package is pinned by its sha256, and a hub id is its own name.
    """
    folder = Path(definition.get("model", ""))
    files = [folder / name for name in FILES if "model" in definition and (folder / name).is_file()]
    return definition | ({"files": {path.name: sha256(path)[:16] for path in files}} if files else {})
