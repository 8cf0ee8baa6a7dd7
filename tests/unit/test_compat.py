"""`make compat` and `make container-check` say why they do nothing where they cannot run; where they can, it takes long."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOM = "echo; echo /dev/x 99G 1G 98G 1% /"
pytestmark = pytest.mark.parametrize(
    ("script", "check"), [("debian13.sh", "compat"), ("container.sh", "container-check")]
)


def with_stand_ins(script: str, folder: Path, **programs: str) -> subprocess.CompletedProcess[str]:
    """Run it with other programs in front of those of their names, and TMPDIR there."""
    usual = {"id": "echo 0", "debootstrap": "exit 1", "buildah": "exit 1", "unshare": "exit 0", "df": ROOM}
    for name, does in (usual | programs).items():
        (folder / name).write_text(f"#!/bin/bash\n{does}\n")
        (folder / name).chmod(0o755)
    (folder / "made").mkdir()
    environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}", "TMPDIR": str(folder / "made"), "LIMIT": "2s"}
    command = [str(ROOT / "tests" / "compat" / script)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("programs", "why"),
    [
        ({"id": "echo 1000"}, "it takes root to make a Debian in a folder: sudo make"),
        ({"unshare": "exit 1"}, "nobody mount"),
        ({"df": "echo; echo /dev/x 99G 98G 1G 99% /"}, "has 1 GB free, and it takes"),
    ],
)
def test_a_machine_that_cannot_is_told_why(
    programs: dict[str, str], why: str, script: str, check: str, tmp_path: Path
) -> None:
    ran = with_stand_ins(script, tmp_path, **programs)
    assert ran.returncode == 0
    assert ran.stdout.startswith(f"{check}: skipped, ") and why in ran.stdout
    assert not list((tmp_path / "made").iterdir())


@pytest.mark.parametrize(
    ("unshare", "code", "said"),
    [
        ('[ "$2" = true ] || exit 3', 3, ""),
        ('[ "$2" = true ] || sleep 30', 137, "{0}: not done within 2s, and stopped: LIMIT=3h make {0}\n"),
    ],
)
def test_the_folder_is_removed_however_it_ends(
    unshare: str, code: int, said: str, script: str, check: str, tmp_path: Path
) -> None:
    ran = with_stand_ins(script, tmp_path, unshare=unshare)
    assert (ran.returncode, ran.stdout) == (code, said.format(check))
    assert not list((tmp_path / "made").iterdir())
