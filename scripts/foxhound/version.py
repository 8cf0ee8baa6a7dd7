"""Say which version of Foxhound this is: pyproject.toml has it, and nothing else does."""

import tomllib
from pathlib import Path


def own_version() -> str:
    """Return the version of this checkout.

    Not of the installed package: a pod or a container has the checkout, and nothing installed under this name.
    """
    with open(Path(__file__).resolve().parents[2] / "pyproject.toml", "rb") as file:
        version: str = tomllib.load(file)["project"]["version"]
    return version
