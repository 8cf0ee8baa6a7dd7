"""Which build of PyTorch is installed (envs/pytorch.sh), with stand-ins for pip, nvidia-smi and uname."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CPU = "https://download.pytorch.org/whl/cpu"


class Machine:
    """A folder of stand-ins; `indexes` says whether pip reaches PyTorch's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.called = folder / "called"
        self.has("uname", "echo Linux")
        self.has("nvidia-smi", "exit 9")
        self.indexes(reached=True)

    def has(self, program: str, does: str) -> None:
        file = self.folder / program
        file.write_text(f"#!/bin/sh\n{does}\n")
        file.chmod(0o755)

    def indexes(self, reached: bool) -> None:
        fails = 'case "$*" in *--index-url*) echo "ERROR: no such host" >&2; exit 1 ;; esac'
        self.has("pip", f'echo "$@" >> {self.called}\n{"" if reached else fails}')

    def install(self, torch: str = "") -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"TORCH": torch, "PATH": f"{self.folder}:{os.environ['PATH']}"}
        command = [str(ROOT / "envs" / "pytorch.sh"), str(self.folder / "pip")]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)

    def from_where(self) -> list[str]:
        """Return, for every call of pip, the index that it was given, or `pip`, and check that the pin is installed."""
        calls = self.called.read_text().splitlines() if self.called.exists() else []
        pin = next(line for line in (ROOT / "requirements.txt").read_text().splitlines() if line.startswith("torch=="))
        assert all(call.split()[-1] == pin for call in calls)
        return [call.split()[-2] if "--index-url" in call else "pip" for call in calls]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_without_a_gpu_the_build_for_the_cpu_is_taken_and_said(machine: Machine) -> None:
    made = machine.install()
    assert made.returncode == 0
    assert machine.from_where() == [CPU]
    assert "no NVIDIA GPU" in made.stdout and "TORCH=default" in made.stdout


def test_where_there_is_a_gpu_pip_decides_and_it_is_said(machine: Machine) -> None:
    machine.has("nvidia-smi", "echo GPU 0")
    made = machine.install()
    assert machine.from_where() == ["pip"]
    assert "there is an NVIDIA GPU" in made.stdout and "TORCH=cpu" in made.stdout


def test_a_mac_has_one_build(machine: Machine) -> None:
    machine.has("uname", "echo Darwin")
    assert machine.install().returncode == 0
    assert machine.from_where() == ["pip"]


def test_where_the_index_cannot_be_reached_pip_decides_and_the_reason_is_told(machine: Machine) -> None:
    machine.indexes(reached=False)
    made = machine.install()
    assert made.returncode == 0
    assert machine.from_where() == [CPU, "pip"]
    assert "no such host" in made.stdout and "cannot be reached" in made.stdout


@pytest.mark.parametrize(("torch", "index"), [("cpu", CPU), ("default", "pip"), (f"{CPU}/../cu126", f"{CPU}/../cu126")])
@pytest.mark.parametrize("gpu", [True, False])
def test_the_user_has_the_last_word(machine: Machine, torch: str, index: str, gpu: bool) -> None:
    machine.has("nvidia-smi", "echo GPU 0" if gpu else "exit 9")
    assert machine.install(torch).returncode == 0
    assert machine.from_where() == [index]


def test_what_was_asked_for_and_cannot_be_had_is_an_error(machine: Machine) -> None:
    machine.indexes(reached=False)
    made = machine.install("cpu")
    assert made.returncode != 0
    assert machine.from_where() == [CPU]
    assert "no such host" in made.stderr


def test_an_unknown_build_is_refused_with_what_is_allowed(machine: Machine) -> None:
    made = machine.install("gpu")
    assert made.returncode == 2
    assert machine.from_where() == []
    assert made.stderr.startswith("TORCH=gpu: allowed are cpu, default, or the address")
