"""What a script's code means, whatever its comments say: a digest per module it imports, directly or through others.

A module's digest is that of its syntax tree without docstrings, so that comments, docstrings and layout do not count.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

from foxhound.errors import FoxhoundError

PACKAGE = "foxhound"


def _is_bare_string(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and type(line.value.value) is str


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            # All bare strings: those below an assignment document it.
            node.body = [line for line in node.body if not _is_bare_string(line)] or [ast.Pass()]
    return tree


def _imported(tree: ast.Module, scripts: Path) -> set[Path]:
    """The modules of the package that a module imports, wherever in it; absolute imports, as the house style asks."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    paths = {scripts.joinpath(*name.split(".")) for name in names if name.split(".")[0] == PACKAGE}
    modules = {path.with_suffix(".py") for path in paths} | {path / "__init__.py" for path in paths}
    return {path for path in modules if path.is_file()}


@cache
def _read(path: Path, scripts: Path) -> tuple[str, frozenset[Path]]:
    """A module's digest, and the modules it imports."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError) as error:
        raise FoxhoundError(f"{path}: not valid Python: {error}") from error
    imported = frozenset(_imported(tree, scripts))
    # unparse, not dump: what dump writes differs between versions of Python.
    code = ast.unparse(_without_docstrings(tree))
    return hashlib.sha256(code.encode()).hexdigest()[:12], imported


def code_digests(script: str | Path) -> dict[str, str]:
    """Module -> digest, for a script and all it imports from the package; paths relative to the script's folder.

    Raises:
        FoxhoundError: a module is not valid Python.
    """
    script = Path(script)
    scripts, seen, waiting = script.parent, {}, {script}
    while waiting:
        path = waiting.pop()
        digest, imported = _read(path, scripts)
        seen[path] = digest
        waiting |= imported - seen.keys()
    return {path.relative_to(scripts).as_posix(): seen[path] for path in sorted(seen)}


def module_digests(*names: str) -> dict[str, str]:
    """Module -> digest, for modules of the package and not for what they import."""
    folder = Path(__file__).parent
    return {name: _read(folder / f"{name}.py", folder.parent)[0] for name in names}
