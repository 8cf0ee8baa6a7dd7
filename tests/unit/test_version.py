"""The version stands in pyproject.toml; what cites it or tells its history agrees."""

import re
import tomllib
from datetime import date
from pathlib import Path

import yaml
from foxhound.version import own_version

ROOT = Path(__file__).parents[2]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def releases() -> dict[str, str]:
    """Version -> what the changelog says of it, the latest first."""
    _, *parts = re.split(r"^## ", CHANGELOG, flags=re.MULTILINE)
    return {part.splitlines()[0]: part for part in parts if not part.startswith("Unreleased")}


def test_it_is_the_one_of_pyproject() -> None:
    assert own_version() == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_the_latest_release_of_the_changelog_is_this_one_and_is_cited_with_its_date() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    latest, told = next(iter(releases().items()))
    released = citation["date-released"]
    assert isinstance(released, date)
    assert latest == own_version() == citation["version"]
    assert told.splitlines()[2].startswith(f"{released:%-d %B %Y}.")


def test_a_release_tells_what_to_do_first() -> None:
    for told in releases().values():
        headings = re.findall(r"^### (.+)$", told, flags=re.MULTILINE)
        assert headings == ["After an upgrade", "Added", "Changed", "Fixed"]
