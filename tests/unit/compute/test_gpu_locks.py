"""Jobs of one machine compute on different cards; they are real processes here, and cards are names."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from foxhound.compute import gpu_locks

SCRIPTS = Path(gpu_locks.__file__).parents[2]
JOB = """
import logging, sys
from foxhound.compute import gpu_locks
gpu_locks.PAUSE = 0.05
logging.basicConfig(stream=sys.stdout, format="%(message)s")
names = tuple(sys.argv[1:])
print(names[gpu_locks.take_card(names)], flush=True)
assert gpu_locks.take_card(names) == gpu_locks.take_card(names)
sys.stdin.read()
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path) -> Iterator[Start]:
    """Starts a job that sees the cards named, prints the one it has, and keeps it."""
    jobs = []

    def begin(*names: str) -> subprocess.Popen[str]:
        both = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        environment = {"PYTHONPATH": str(SCRIPTS), "TMPDIR": str(tmp_path)}
        jobs.append(subprocess.Popen([sys.executable, "-c", JOB, *names], env=environment, **both))
        return jobs[-1]

    yield begin
    for job in jobs:
        job.kill()
        job.communicate()


def said(job: subprocess.Popen[str]) -> str:
    assert job.stdout
    return job.stdout.readline().strip()


def test_jobs_have_different_cards_and_a_killed_one_leaves_its_card_to_who_waits(start):
    first, second = start("a", "b"), start("a", "b")
    assert {said(first), said(second)} == {"a", "b"}
    third = start("a", "b")
    assert said(third) == (
        "all 2 cards are taken by other jobs; waiting for one. To start no more jobs than there are cards: "
        "snakemake --resources gpu=2"
    )
    time.sleep(0.2)
    assert third.poll() is None
    first.kill()
    assert said(third) in ("a", "b")


def test_a_card_is_the_same_whichever_place_it_has_among_those_a_job_sees(start):
    assert said(start("b")) == "b"
    assert said(start("b", "a")) == "a"


def test_a_lock_file_that_another_user_made_is_used(tmp_path, monkeypatch):
    monkeypatch.setattr(gpu_locks.tempfile, "gettempdir", lambda: str(tmp_path))
    (tmp_path / "foxhound-card-x.lock").touch(mode=0o444)
    assert gpu_locks.take_card(("x",)) == 0
