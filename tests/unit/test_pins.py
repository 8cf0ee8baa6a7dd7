"""Every file that pins a package says the same, and the Pythons that Foxhound runs on are named alike everywhere."""

import re
import subprocess
import sys
import tomllib
from itertools import combinations
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
RUNNING, EXPORT, CHECKS = "requirements.txt", "envs/export.txt", "envs/checks.txt"


def module(name: str) -> ModuleType:
    """Import a script of envs/, which is no package."""
    sys.path.insert(0, str(ROOT / "envs"))
    try:
        return __import__(name)
    finally:
        sys.path.pop(0)


SUPPORTED = [f"{major}.{minor}" for major, minor in module("supported_python").SUPPORTED]
HIGHEST = SUPPORTED[-1]


def pins(file: str) -> dict[str, str]:
    """Package -> version, of the lines of a file that name neither a file nor an option."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    named = [line for line in lines if line and not line.startswith(("#", "--"))]
    assert all("==" in line for line in named), f"{file}: every package has a version"
    return {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in named)}


# What runs, exports and checks.


def test_what_runs_takes_in_what_exports_and_not_what_checks() -> None:
    assert "--requirement envs/export.txt\n" in (ROOT / RUNNING).read_text(encoding="utf-8")
    assert {"onnx", "onnxscript", "skl2onnx"} == pins(EXPORT).keys()
    assert {"pytest", "ruff", "mypy", "hypothesis", "selenium", "snakefmt"} <= pins(CHECKS).keys()
    for one, other in combinations((RUNNING, EXPORT, CHECKS), 2):
        assert not pins(one).keys() & pins(other).keys(), f"{one} and {other}"


def test_the_conda_environment_has_the_same_pins() -> None:
    environment = yaml.safe_load((ROOT / "envs" / "foxhound.yaml").read_text())
    listed = dict(line.split("==") for line in environment["dependencies"][-1]["pip"])
    assert {canonicalize_name(name): version for name, version in listed.items()} == pins(RUNNING) | pins(EXPORT)


def test_the_container_copies_every_file_that_its_requirements_name() -> None:
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    copied = dict(re.findall(r"^COPY (\S+) /opt/foxhound/(\S+)$", text, flags=re.MULTILINE))
    assert copied == {file: file for file in (RUNNING, EXPORT)} | {
        "profiles/kubernetes/requirements.txt": "kubernetes.txt"
    }


def test_every_file_of_pins_and_the_lock_are_audited() -> None:
    planned = subprocess.run(
        ["make", "--dry-run", f"PYTHON={sys.executable}", "audit"], cwd=ROOT, capture_output=True, text=True, timeout=60
    ).stdout
    audited = re.findall(
        r"--requirement (\S+)", "\n".join(line for line in planned.splitlines() if "pip-audit " in line)
    )
    assert audited == [RUNNING, EXPORT, CHECKS, "envs/locks/python{}.{}.txt".format(*sys.version_info)]


# Locks.


def locked(python: str) -> list[tuple[Requirement, list[str]]]:
    """Return each package of a lock with its hashes."""
    text = (ROOT / "envs" / "locks" / f"python{python}.txt").read_text(encoding="utf-8")
    found = []
    for entry in re.split(r"^(?=\S)", text, flags=re.MULTILINE):
        if entry and not entry.startswith("#"):
            requirement, *hashes = entry.replace("\\\n", "\n").splitlines()
            found.append((Requirement(requirement.strip()), [line.strip() for line in hashes if line.strip()]))
    return found


def test_each_supported_python_has_a_lock() -> None:
    assert sorted(path.name for path in (ROOT / "envs" / "locks").iterdir()) == [
        f"python{one}.txt" for one in SUPPORTED
    ]


@pytest.mark.parametrize("python", SUPPORTED)
def test_a_lock_agrees_with_the_pins(python: str) -> None:
    here = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux"}
    taken = {one.name: str(one.specifier) for one, _ in locked(python) if not one.marker or one.marker.evaluate(here)}
    expected = pins(RUNNING) | pins(EXPORT)
    del expected["torch"]
    for name, version in expected.items():
        assert taken.get(name) == f"=={version}", "run `make locks`"


@pytest.mark.parametrize("python", SUPPORTED)
def test_every_entry_of_a_lock_has_a_version_and_hashes(python: str) -> None:
    entries = locked(python)
    assert len(entries) > len(pins(RUNNING))
    for requirement, hashes in entries:
        assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), requirement
        assert hashes and all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", one) for one in hashes), requirement


@pytest.mark.parametrize("python", SUPPORTED)
def test_a_lock_names_no_index_and_nothing_that_comes_with_a_build_of_pytorch(python: str) -> None:
    text = (ROOT / "envs" / "locks" / f"python{python}.txt").read_text(encoding="utf-8")
    assert "://" not in text and "index" not in text
    assert not [one.name for one, _ in locked(python) if re.match(r"(torch|triton|nvidia|cuda)\b", one.name)]


def test_what_comes_with_a_build_of_pytorch_is_left_out_of_a_lock() -> None:
    hashed = " \\\n    --hash=sha256:0 \\\n    --hash=sha256:1\n"
    entries = [
        "torch==2",
        "nvidia-nccl-cu13==2 ; sys_platform == 'linux'",
        "torchness==1",
        "tqdm==4",
        "cuda-bindings==13",
    ]
    kept = module("write_locks").without_pytorch("".join(entry + hashed for entry in entries))
    assert kept == f"torchness==1{hashed}tqdm==4{hashed}"


# Pythons.


def test_the_supported_pythons_are_named_alike_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    allowed = SpecifierSet(project["project"]["requires-python"])
    assert [f"3.{minor}" for minor in range(30) if f"3.{minor}" in allowed] == SUPPORTED
    assert project["tool"]["mypy"]["python_version"] == SUPPORTED[0]
    assert project["tool"]["ruff"]["target-version"] == f"py{SUPPORTED[0].replace('.', '')}"
    words = f"Python {', '.join(SUPPORTED[:-1])} or {HIGHEST}"
    for page in ("README.md", "docs/getting-started.md"):
        assert words in (ROOT / page).read_text(encoding="utf-8"), page
    assert words in module("supported_python").refusal((3, 10))


@pytest.mark.parametrize(
    ("version", "why"),
    [((3, 10), "this is 3.10."), ((3, 14), "gensim 4.4 has no wheel yet"), ((3, 15), "not tried"), ((2, 7), "2.7.")],
)
def test_another_python_is_refused_with_the_reason_and_what_to_type(version: tuple[int, int], why: str) -> None:
    refused = module("supported_python").refusal(version)
    assert why in refused
    assert f"make demo PYTHON=python{HIGHEST}" in refused


def test_the_reason_against_a_newer_python_names_the_pinned_gensim() -> None:
    assert pins(RUNNING)["gensim"].startswith("4.4."), "does the new one have a wheel for Python 3.14?"


def test_make_stops_at_a_python_that_is_refused(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\n[ "$1" = envs/supported_python.py ] && {sys.executable} -c "import sys; sys.exit(\'no\')"\n'
    )
    python.chmod(0o755)
    command = ["make", "--always-make", f"PYTHON={python}", ".venv/installed"]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert made.returncode == 2
    assert made.stderr.startswith("no\n")
    assert "Setting up" not in made.stdout


def test_this_python_is_supported() -> None:
    assert module("supported_python").refusal(sys.version_info[:2]) is None
