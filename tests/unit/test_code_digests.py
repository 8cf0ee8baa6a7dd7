from pathlib import Path

import pytest
from foxhound.code_digests import _read, code_digests
from foxhound.errors import FoxhoundError

ROOT = Path(__file__).parents[2]
MODULES = {
    "train.py": "from foxhound.one import act\n\nif __name__ == '__main__':\n    act()\n",
    "other.py": "import math\n",
    "foxhound/__init__.py": "",
    "foxhound/one.py": '"""One."""\n\n\ndef act():\n    """Act."""\n    import foxhound.two\n    return foxhound.two.X\n',
    "foxhound/two.py": "from foxhound import three\nX = 1  # what it is\n",
    "foxhound/three.py": "class Thing:\n    '''A thing.'''\n",
    "foxhound/four.py": "Y = 2\n",
}


@pytest.fixture
def scripts(tmp_path) -> Path:
    for name, text in MODULES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    _read.cache_clear()
    return tmp_path


def test_imports_are_followed_wherever_they_stand(scripts):
    assert list(code_digests(scripts / "train.py")) == [
        f"{'foxhound/'}{name}.py" for name in ("__init__", "one", "three", "two")
    ] + ["train.py"]
    assert list(code_digests(scripts / "other.py")) == ["other.py"]


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
    assert {"lstm.py", "foxhound/attention.py", "foxhound/recurrence.py", "foxhound/batches.py"} <= set(found)
    assert "foxhound/finetuning.py" not in found
