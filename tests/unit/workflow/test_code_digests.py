from pathlib import Path

import pytest
from foxhound.errors import FoxhoundError
from foxhound.workflow import code_digests as modules
from foxhound.workflow.code_digests import (
    AT_START,
    MEMORY,
    WITHOUT_EFFECT,
    _memory,
    _read,
    _tables,
    code_digests,
    edited_code,
    module_digests,
    remember_code,
)

ROOT = Path(__file__).parents[3]
MODULES = {
    "train.py": "from foxhound.one import act\n\nif __name__ == '__main__':\n    act()\n",
    "other.py": "import math\n",
    "foxhound/__init__.py": "",
    "foxhound/one.py": '"""One."""\n\n\ndef act():\n    """Act."""\n    import foxhound.two\n    return foxhound.two.X\n',
    "foxhound/two.py": "from foxhound import three\nX = 1  # what it is\n",
    "foxhound/three.py": "class Thing:\n    '''A thing.'''\n",
    "foxhound/four.py": "Y = 2\n",
    "foxhound/part/__init__.py": "Z = 1\n",
    "foxhound/part/deep/__init__.py": "",
    "foxhound/part/deep/five.py": "W = 1\n",
    "nested.py": "from foxhound.part.deep.five import W\n",
    "whole.py": "from foxhound.part import deep\nimport foxhound.part.deep.five as five\n",
    "silent.py": "import foxhound.errors\nfrom foxhound.four import Y\n",
    "foxhound/errors.py": "import foxhound.five\n",
    "foxhound/five.py": "V = 1\n",
}


@pytest.fixture
def scripts(tmp_path) -> Path:
    folder = tmp_path / "scripts"
    for name, text in MODULES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    _read.cache_clear()
    _tables.cache_clear()
    return folder


def test_imports_are_followed_wherever_they_stand(scripts):
    assert list(code_digests(scripts / "train.py")) == [
        f"{'foxhound/'}{name}.py" for name in ("__init__", "one", "three", "two")
    ] + ["train.py"]
    assert list(code_digests(scripts / "other.py")) == ["other.py"]


@pytest.mark.parametrize("script", ["nested.py", "whole.py"])
def test_the_packages_above_a_module_are_digested(script, scripts):
    packages = ["foxhound/__init__.py", "foxhound/part/__init__.py", "foxhound/part/deep/__init__.py"]
    before = code_digests(scripts / script)
    assert list(before) == [*packages, "foxhound/part/deep/five.py", script]
    (scripts / "foxhound/part/__init__.py").write_text("Z = 2\n")
    _read.cache_clear()
    after = code_digests(scripts / script)
    assert [name for name in before if before[name] != after[name]] == ["foxhound/part/__init__.py"]


@pytest.mark.parametrize("line", ["from . import three", "from .three import Thing", "from ..part import deep"])
def test_a_relative_import_is_refused(line, scripts):
    (scripts / "foxhound/two.py").write_text(f"X = 1\n{line}\n")
    with pytest.raises(
        FoxhoundError, match=r"two\.py: line 2 imports relative to its own folder\. Write the whole name"
    ):
        code_digests(scripts / "train.py")


def test_modules_without_effect_are_left_out_with_what_only_they_import(scripts):
    assert list(code_digests(scripts / "silent.py")) == ["foxhound/__init__.py", "foxhound/four.py", "silent.py"]


@pytest.mark.parametrize("name", WITHOUT_EFFECT)
def test_modules_without_effect_are_there(name):
    assert (ROOT / "scripts" / name).is_file()


def test_digests_of_modules_by_dotted_name():
    whole = code_digests(ROOT / "scripts/embeddings.py")
    assert module_digests("features.encoder")["features.encoder"] == whole["foxhound/features/encoder.py"]


@pytest.mark.parametrize(
    ("name", "old", "new", "counts"),
    [
        ("foxhound/two.py", "X = 1", "X = 3", True),
        ("foxhound/three.py", "class Thing:\n", "class Thing:\n    size = 1\n", True),
        ("train.py", "act()", "act(1)", True),
        ("foxhound/two.py", "# what it is", "# another comment", False),
        ("foxhound/one.py", '"""One."""', '"""Another\n\ndocstring."""', False),
        ("foxhound/one.py", '"""Act."""', '"""Do."""', False),
        ("foxhound/three.py", "'''A thing.'''", "'''It.'''", False),
        ("foxhound/two.py", "X = 1  # what it is\n", 'X = 1\n"""What it is."""\n', False),
        ("train.py", "\n\nif", "\n\n\n\nif", False),
        ("foxhound/four.py", "Y = 2", "Y = 3", False),
    ],
)
def test_what_counts_as_a_change(name, old, new, counts, scripts):
    before = code_digests(scripts / "train.py")
    assert old in MODULES[name]
    (scripts / name).write_text(MODULES[name].replace(old, new))
    _read.cache_clear()
    after = code_digests(scripts / "train.py")
    assert {key for key in before if before[key] != after[key]} == ({name} if counts else set())


def test_a_table_counts_where_its_name_stands_in_the_code(scripts):
    schemas = scripts.parent / "schemas" / "tables.yaml"
    schemas.parent.mkdir(exist_ok=True)
    (scripts / "foxhound/two.py").write_text("from foxhound import three\nX = read_table(path, 'scores') + 'claims'\n")
    declared = "scores: {f1: float64}\nclaims: {p: float64}\n"
    schemas.write_text(declared)
    before = code_digests(scripts / "train.py")
    assert [name for name in before if name.startswith("schemas/")] == ["schemas/tables.yaml: scores"]
    for text, counts in (
        ("# a comment\n" + declared, False),
        (declared.replace("p:", "q:"), False),
        (declared.replace("f1: float64", "f1: float32"), True),
    ):
        schemas.write_text(text)
        _tables.cache_clear()
        assert (code_digests(scripts / "train.py") != before) == counts


def test_code_that_was_edited_after_the_plan_is_named(scripts, monkeypatch):
    monkeypatch.setenv(AT_START, "")  # so that what the test leaves there is gone after it
    monkeypatch.delenv(AT_START)
    names = ["train.py", "foxhound/one.py", "foxhound/two.py"]
    assert edited_code(scripts, names) == []  # nothing is known outside of a run
    remember_code(scripts)
    assert edited_code(scripts, names) == []
    (scripts / "foxhound/one.py").write_text(MODULES["foxhound/one.py"].replace("Act.", "Do."))
    assert edited_code(scripts, names) == []
    (scripts / "foxhound/two.py").write_text(MODULES["foxhound/two.py"].replace("X = 1", "X = 2"))
    remember_code(scripts)  # a job that plans anew keeps what the run knew
    assert edited_code(scripts, names) == ["foxhound/two.py"]
    (scripts / "foxhound/one.py").unlink()
    assert edited_code(scripts, names) == ["foxhound/one.py", "foxhound/two.py"]
    assert edited_code(scripts, ["train.py"]) == []


def test_a_string_that_is_no_docstring_counts(scripts):
    (scripts / "foxhound/two.py").write_text("from foxhound import three\nX = 'a'\n")
    before = code_digests(scripts / "train.py")
    (scripts / "foxhound/two.py").write_text("from foxhound import three\nX = 'b'\n")
    _read.cache_clear()
    assert code_digests(scripts / "train.py") != before


def test_broken_code_is_named(scripts):
    (scripts / "foxhound/two.py").write_text("def")
    with pytest.raises(FoxhoundError, match=r"two\.py: not valid Python"):
        code_digests(scripts / "train.py")


def test_every_script_of_the_workflow_names_what_it_imports():
    found = code_digests(ROOT / "scripts/lstm.py")
    assert {
        "lstm.py",
        "foxhound/models/attention.py",
        "foxhound/models/lstm_layer.py",
        "foxhound/compute/batches.py",
    } <= set(found)
    assert "foxhound/models/finetuning.py" not in found


def forget() -> None:
    """Start anew, as another process does."""
    _read.cache_clear()
    _memory.cache_clear()


def plan(scripts: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Plan a run in a process of its own: what its code is."""
    forget()
    monkeypatch.delenv(AT_START, raising=False)
    remember_code(scripts)
    return code_digests(scripts / "train.py")


def test_modules_that_were_read_before_are_not_parsed_again(scripts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (scripts.parent / ".snakemake").mkdir()
    parsed: list[str] = []
    parse = modules._parse
    monkeypatch.setattr(modules, "_parse", lambda raw, path, *rest: parsed.append(path.name) or parse(raw, path, *rest))
    first = plan(scripts, monkeypatch)
    assert len(parsed) == len(MODULES)
    parsed.clear()
    assert plan(scripts, monkeypatch) == first and parsed == []
    (scripts / "foxhound/two.py").write_text("from foxhound import four\nX = 1\n")
    changed = plan(scripts, monkeypatch)
    assert parsed == ["two.py"]
    assert "foxhound/four.py" in changed and "foxhound/three.py" not in changed
    assert changed["foxhound/two.py"] != first["foxhound/two.py"]


def test_a_module_that_appears_is_imported_by_what_was_read_before(
    scripts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (scripts.parent / ".snakemake").mkdir()
    (scripts / "foxhound/three.py").rename(scripts / "three.py")
    assert "foxhound/three.py" not in plan(scripts, monkeypatch)
    (scripts / "three.py").rename(scripts / "foxhound/three.py")
    assert "foxhound/three.py" in plan(scripts, monkeypatch)


@pytest.mark.parametrize("damaged", ["", "[]", "{}", '{"reader": "another", "modules": {"train.py": {}}}'])
def test_a_memory_of_modules_that_another_wrote_or_that_is_damaged_counts_for_nothing(
    damaged: str, scripts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = plan(scripts, monkeypatch)
    (scripts.parent / MEMORY).parent.mkdir()
    (scripts.parent / MEMORY).write_text(damaged)
    assert plan(scripts, monkeypatch) == first
