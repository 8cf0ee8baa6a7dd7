"""What is known of Slurm's queue; tests/cluster/ tests what is done with it."""

import base64
import json
import zlib
from pathlib import Path

import pytest
from foxhound.errors import FoxhoundError
from foxhound.workflow.slurm_resume import ARRAY, find_member, find_waiting, run_name


def fake_squeue(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    (folder / "squeue").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "squeue").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_a_folder_has_one_name_however_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run_name(Path(".")) == run_name(tmp_path) == run_name(tmp_path / "link")
    assert run_name(tmp_path) != run_name(tmp_path.parent)


def test_members_of_an_array_are_asked_for_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_squeue(tmp_path, monkeypatch, 'echo "$@" > ' + f"{tmp_path}/asked; printf '7\\n12_1\\n12_2\\n'")
    assert find_waiting("foxhound-1") == {"7", "12_1", "12_2"}
    asked = (tmp_path / "asked").read_text().split()
    assert "--array" in asked and asked[-2:] == ["--name", "foxhound-1"]
    assert not any(option.startswith("--states") for option in asked)  # by default, those that are not over


def test_a_controller_that_does_not_answer_is_no_empty_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_squeue(tmp_path, monkeypatch, "echo 'Unable to contact slurm controller' >&2; exit 1")
    with pytest.raises(FoxhoundError, match=r"Unable to contact slurm controller\. Run again once squeue works\."):
        find_waiting("foxhound-1")


@pytest.mark.parametrize("form", ["{}={}", "{} {}"])
@pytest.mark.parametrize(("task", "command"), [("1", None), ("2", "echo two"), ("3", "echo 'th ree'")])
def test_a_member_of_an_array_finds_its_command(
    form: str, task: str, command: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = {"2": "echo two", "3": "echo 'th ree'"}
    packed = {number: zlib.compress(other.encode()).hex() for number, other in others.items()}
    arguments = form.format(ARRAY, base64.b64encode(json.dumps(packed).encode()).decode()).split()
    monkeypatch.setenv("SLURM_ARRAY_TASK_MIN", "1")
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", task)
    assert find_member(["snakemake", "--mode", "remote", *arguments]) == command
    assert find_member(["snakemake", "--mode", "remote"]) is None
    monkeypatch.delenv("SLURM_ARRAY_TASK_ID")
    assert find_member(["snakemake", "--mode", "remote", *arguments]) is None
