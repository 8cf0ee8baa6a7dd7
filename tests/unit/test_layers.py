"""Packages import downwards only, and no two of them import each other."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "scripts" / "foxhound"
ROOT = {"errors", "files", "markdown", "names", "tables", "version"}
ALLOWED = {
    "corpus": set(),
    "compute": set(),
    "features": {"compute"},
    "models": {"corpus", "features", "compute"},
    "evaluation": set(),
    "replication": {"evaluation"},
    "inference": {"evaluation", "features", "compute", "corpus"},
    "checks": {"models", "inference", "evaluation", "features", "corpus", "compute"},
    "report": {"evaluation", "replication"},
    "experiment": {"corpus"},
    "workflow": {"corpus"},
}  # fmt: skip
"""What each package may import beside itself and the modules of the root; commands may import everything."""
IN_ROOT = {
    "errors": set(),
    "names": set(),
    "markdown": set(),
    "version": set(),
    "files": {"errors"},
    "tables": {"errors", "files"},
}


def imported(path: Path) -> set[str]:
    """Return the parts after `foxhound.` of every import of a module: `corpus.state`, `errors`."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    found = {name.removeprefix("foxhound.") for name in names if name.startswith("foxhound.")}
    return {".".join(name.split(".")[: 1 if name.split(".")[0] in ROOT else 2]) for name in found}


@pytest.mark.parametrize("package", sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()))
def test_a_package_imports_lower_ones_only(package: str) -> None:
    reached = {name.split(".")[0] for path in (PACKAGE / package).rglob("*.py") for name in imported(path)}
    assert package == "commands" or reached <= ALLOWED[package] | ROOT | {package}


def test_the_root_imports_no_package() -> None:
    assert {path.stem: imported(path) for path in PACKAGE.glob("*.py") if path.stem != "__init__"} == IN_ROOT


def test_no_two_modules_import_each_other_in_a_circle() -> None:
    arrows = {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts): imported(path) for path in PACKAGE.rglob("*.py")
    }
    while leaves := {name for name, targets in arrows.items() if not targets & arrows.keys()}:
        arrows = {name: targets for name, targets in arrows.items() if name not in leaves}
    assert not arrows, f"a circle among {', '.join(sorted(arrows))}"


def test_no_package_does_anything_when_it_is_imported() -> None:
    for path in PACKAGE.rglob("__init__.py"):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        assert len(body) == 1 and ast.get_docstring(ast.Module(body, [])), path
