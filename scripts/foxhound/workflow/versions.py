"""Find results that were made with other versions of the libraries that can change a number."""

from collections import Counter
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from foxhound.errors import FoxhoundError
from foxhound.tables import read_metadata
from foxhound.workflow.provenance import PACKAGES


def other_versions(paths: Iterable[Path]) -> dict[str, list[Path]]:
    """Map `torch 2.12.0 (installed: 2.13.0)` to the results that were made with it.

    Args:
        paths: of tables; what is no table, or carries no versions, is passed over.
    """
    installed = {name: metadata.version(name) for name in PACKAGES}
    others: dict[str, list[Path]] = {}
    for path in sorted(paths):
        try:
            versions = read_metadata(path).get("versions", {})
        except FoxhoundError:  # the job that reads it says so
            continue
        for name, version in sorted(versions.items()):
            if installed.get(name, version) != version:
                others.setdefault(f"{name} {version} (installed: {installed[name]})", []).append(path)
    return others


def count_other_versions(footers: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Count results, by their metadata, that were made with other versions than are installed: torch 2.12.0 -> 3."""
    counts: Counter[str] = Counter()
    for footer in footers:
        for name, version in sorted(footer.get("versions", {}).items()):
            if name in PACKAGES and metadata.version(name) != version:
                counts[f"{name} {version}"] += 1
    return dict(counts)


def tables_of(results: Path) -> list[Path]:
    """Return the tables among the results; not the store of vectors, whose rows are keyed by what made them."""
    return [path for path in results.rglob("[!.]*.parquet") if "store" not in path.relative_to(results).parts]
