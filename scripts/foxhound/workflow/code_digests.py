"""Digest a script and every module that it imports, directly or through others, so that changed code redoes its jobs.

A module's digest is that of its syntax tree without docstrings: comments, docstrings and layout do not count. Importing
a module runs the `__init__.py` of every package above it, so these are digested too.
"""

import ast
import hashlib
import json
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import foxhound
from foxhound.errors import FoxhoundError
from foxhound.files import read_own_yaml, write_text

PACKAGE = Path(foxhound.__file__).parent
WITHOUT_EFFECT = ("foxhound/compute/gpu_locks.py", "foxhound/errors.py", "foxhound/workflow/job.py")
"""Modules that cannot change a result: GPU locks, error messages, and a job's log. A line there redoes nothing."""
TABLES = "schemas/tables.yaml"
PLACES_OF_NAMES = {
    "read_table": 1,
    "read_arrow": 1,
    "open_table": 1,
    "table_writer": 1,
    "write_table": 2,
    "table_schema": 0,
}
"""Functions of foxhound/tables.py -> which of their arguments names a table."""
AT_START = "FOXHOUND_CODE_AT_START"
"""Environment variable through which jobs, on nodes of a cluster too, know the code that their run was planned with."""


MEMORY = Path(".snakemake/foxhound-modules.json")
"""What was read of each module, so that a plan parses again only those that were edited: a third of its time."""


def _is_bare_string(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and type(line.value.value) is str


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            # All bare strings: those below an assignment document it.
            node.body = [line for line in node.body if not _is_bare_string(line)] or [ast.Pass()]
    return tree


def _imported(tree: ast.Module, path: Path, scripts: Path) -> set[Path]:
    """Return the files of the package that a module's imports would run, wherever in the module they stand.

    Raises:
        FoxhoundError: an import is relative.
    """
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise FoxhoundError(
                    f"{path}: line {node.lineno} imports relative to its own folder. Write the whole name, "
                    f"`from {PACKAGE.name}.PACKAGE.MODULE import NAME`: its code is digested only then."
                )
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    files: set[Path] = set()
    for parts in (name.split(".") for name in names):
        if parts[0] == PACKAGE.name:
            places = [scripts.joinpath(*parts[:depth]) for depth in range(1, len(parts) + 1)]
            files |= {place.with_suffix(".py") for place in places} | {place / "__init__.py" for place in places}
    return files


def _strings(nodes: Iterable[ast.AST]) -> set[str]:
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _table_names(tree: ast.Module) -> set[str]:
    """Return the strings that a module hands to functions of foxhound/tables.py; where it hands over variables, all."""
    names: set[str] = set()
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        function = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        if function in PLACES_OF_NAMES:
            arguments = call.args[PLACES_OF_NAMES[function] :][:1]
            literal = _strings(arguments)
            names |= literal or _strings(ast.walk(tree))
    return names


class Module(NamedTuple):
    """A module's digests (of bytes and of code), the files that it imports, and strings that may name tables."""

    raw: str
    digest: str
    imports: frozenset[Path]
    strings: frozenset[str]


@cache
def _read(path: Path, scripts: Path) -> Module:
    """Read a module.

    Raises:
        FoxhoundError: it is not valid Python, or imports another by a relative name.
    """
    name, text = path.relative_to(scripts).as_posix(), path.read_bytes()
    raw = _digest(text)
    known = _memory(scripts).get(name)
    if known is None or known["raw"] != raw:
        known = _memory(scripts)[name] = {"raw": raw} | _parse(text, path, scripts)
    # Which of them are there is no matter of the module's text.
    imports = frozenset(file for file in (scripts / import_ for import_ in known["imports"]) if file.is_file())
    return Module(raw, known["digest"], imports, frozenset(known["strings"]))


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:12]


def _parse(text: bytes, path: Path, scripts: Path) -> dict[str, Any]:
    """Return a module's digest, the files that it would import, and strings that may name tables."""
    try:
        tree = ast.parse(text.decode("utf-8"))
    except (SyntaxError, UnicodeDecodeError) as error:
        raise FoxhoundError(f"{path}: not valid Python: {error}") from error
    imports = sorted(file.relative_to(scripts).as_posix() for file in _imported(tree, path, scripts))
    # unparse, not dump: what dump writes differs between versions of Python.
    code = ast.unparse(_without_docstrings(tree))
    return {"digest": _digest(code.encode()), "imports": imports, "strings": sorted(_table_names(tree))}


def _reader() -> str:
    """Return what reads modules: the version of Python, whose `unparse` may differ, and this file."""
    return f"{sys.version} {hashlib.sha256(Path(__file__).read_bytes()).hexdigest()}"


@cache
def _memory(scripts: Path) -> dict[str, Any]:
    """Read what is remembered of the modules of a checkout, by path; nothing where another reader wrote it."""
    try:
        known = json.loads((scripts.parent / MEMORY).read_text(encoding="utf-8"))
        return dict(known["modules"]) if known["reader"] == _reader() else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _remember_modules(scripts: Path) -> None:
    """Write down what was read, if there is a `.snakemake` and it has changed."""
    text = json.dumps({"reader": _reader(), "modules": _memory(scripts)})
    path = scripts.parent / MEMORY
    with suppress(OSError, FoxhoundError):  # no room, or no right to write there: parsed again next time
        if path.parent.is_dir() and not (path.is_file() and path.read_text(encoding="utf-8") == text):
            write_text(path, text)


@cache
def _tables(schemas: Path) -> dict[str, str]:
    """Map each table of schemas/tables.yaml to a digest of its declaration, whatever its comments say."""
    declared = read_own_yaml(schemas) if schemas.is_file() else {}
    return {name: hashlib.sha256(json.dumps(table).encode()).hexdigest()[:12] for name, table in declared.items()}


def code_digests(script: str | Path) -> dict[str, str]:
    """Map a script, and all that it imports from the package, to digests; paths are relative to the script's folder.

    Tables that this code names (it may read or write them) are among them, as `schemas/tables.yaml: NAME`. Modules of
    `WITHOUT_EFFECT`, and what only they import, are left out.

    Raises:
        FoxhoundError: a module is not valid Python, or imports another by a relative name.
    """
    script = Path(script)
    scripts, seen, waiting = script.parent, {}, {script}
    exempt = {scripts / name for name in WITHOUT_EFFECT}
    strings: set[str] = set()
    while waiting:
        path = waiting.pop()
        module = _read(path, scripts)
        seen[path] = module.digest
        strings |= module.strings
        waiting |= module.imports - seen.keys() - exempt
    tables = _tables(scripts.parent / TABLES)
    code = {path.relative_to(scripts).as_posix(): seen[path] for path in sorted(seen)}
    return code | {f"{TABLES}: {name}": tables[name] for name in sorted(strings & tables.keys())}


def remember_code(scripts: Path) -> None:
    """Put into the environment what all code is now, unless a run that started this process has done so already."""
    if AT_START not in os.environ:
        paths = sorted(path for path in scripts.rglob("*.py") if "__pycache__" not in path.parts)
        code = {path.relative_to(scripts).as_posix(): _read(path, scripts)[:2] for path in paths}
        os.environ[AT_START] = json.dumps(code, separators=(",", ":"))
        _remember_modules(scripts)


def edited_code(scripts: Path, names: Iterable[str]) -> list[str]:
    """Return those of these files whose code is no longer what the run was planned with.

    Nothing is known, and nothing returned, outside of a run. Comments and docstrings may change at any time.
    """
    planned = json.loads(os.environ.get(AT_START, "{}"))
    edited = []
    for name in names:
        path = scripts / name
        raw, code = planned.get(name, (None, None))
        if raw is not None and not (path.is_file() and raw == _digest(path.read_bytes())):
            _read.cache_clear()
            if not path.is_file() or _read(path, scripts).digest != code:
                edited.append(name)
    return edited


def module_digests(*names: str) -> dict[str, str]:
    """Map modules of the package, named `package.module`, to digests; what they import does not count."""
    return {name: _read(PACKAGE.joinpath(*name.split(".")).with_suffix(".py"), PACKAGE.parent).digest for name in names}
