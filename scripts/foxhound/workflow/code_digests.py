"""Digest a script and every module that it imports, directly or through others, so that changed code redoes its jobs.

A module's digest is that of its syntax tree without docstrings: comments, docstrings and layout do not count. Importing
a module runs the `__init__.py` of every package above it, so these are digested too.
"""

import ast
import hashlib
import json
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import foxhound
from foxhound.errors import FoxhoundError

PACKAGE = Path(foxhound.__file__).parent
WITHOUT_EFFECT = ("foxhound/compute/gpu_locks.py", "foxhound/errors.py", "foxhound/workflow/job.py")
"""Modules that cannot change a result: GPU locks, error messages, and a job's log. A line there redoes nothing."""
AT_START = "FOXHOUND_CODE_AT_START"
"""Environment variable through which jobs, on nodes of a cluster too, know the code that their run was planned with."""


def _is_bare_string(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and type(line.value.value) is str


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            # All bare strings: those below an assignment document it.
            node.body = [line for line in node.body if not _is_bare_string(line)] or [ast.Pass()]
    return tree


def _imported(tree: ast.Module, path: Path, scripts: Path) -> set[Path]:
    """Return the files of the package that a module's imports run, wherever in the module they stand.

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
    return {file for file in files if file.is_file()}


@cache
def _read(path: Path, scripts: Path) -> tuple[str, frozenset[Path]]:
    """Return a module's digest, and the files that it imports."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError) as error:
        raise FoxhoundError(f"{path}: not valid Python: {error}") from error
    imported = frozenset(_imported(tree, path, scripts))
    # unparse, not dump: what dump writes differs between versions of Python.
    code = ast.unparse(_without_docstrings(tree))
    return hashlib.sha256(code.encode()).hexdigest()[:12], imported


def code_digests(script: str | Path) -> dict[str, str]:
    """Map a script, and all that it imports from the package, to digests; paths are relative to the script's folder.

    Modules of `WITHOUT_EFFECT`, and what only they import, are left out.

    Raises:
        FoxhoundError: a module is not valid Python, or imports another by a relative name.
    """
    script = Path(script)
    scripts, seen, waiting = script.parent, {}, {script}
    exempt = {scripts / name for name in WITHOUT_EFFECT}
    while waiting:
        path = waiting.pop()
        digest, imported = _read(path, scripts)
        seen[path] = digest
        waiting |= imported - seen.keys() - exempt
    return {path.relative_to(scripts).as_posix(): seen[path] for path in sorted(seen)}


def _bytes_digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def remember_code(scripts: Path) -> None:
    """Put into the environment what all code is now, unless a run that started this process has done so already."""
    if AT_START not in os.environ:
        paths = sorted(path for path in scripts.rglob("*.py") if "__pycache__" not in path.parts)
        code = {path.relative_to(scripts).as_posix(): (_bytes_digest(path), _read(path, scripts)[0]) for path in paths}
        os.environ[AT_START] = json.dumps(code, separators=(",", ":"))


def edited_code(scripts: Path, names: Iterable[str]) -> list[str]:
    """Return those of these files whose code is no longer what the run was planned with.

    Nothing is known, and nothing returned, outside of a run. Comments and docstrings may change at any time.
    """
    planned = json.loads(os.environ.get(AT_START, "{}"))
    edited = []
    for name in names:
        path = scripts / name
        raw, code = planned.get(name, (None, None))
        if raw is not None and not (path.is_file() and raw == _bytes_digest(path)):
            _read.cache_clear()
            if not path.is_file() or _read(path, scripts)[0] != code:
                edited.append(name)
    return edited


def module_digests(*names: str) -> dict[str, str]:
    """Map modules of the package, named `package.module`, to digests; what they import does not count."""
    return {name: _read(PACKAGE.joinpath(*name.split(".")).with_suffix(".py"), PACKAGE.parent)[0] for name in names}
