"""Jobs of one machine compute on different GPUs; they are real processes here, and GPUs are names."""

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
print(names[gpu_locks.claim_gpu(names)], flush=True)
assert gpu_locks.claim_gpu(names) == gpu_locks.claim_gpu(names)
sys.stdin.read()
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path) -> Iterator[Start]:
    """Start a job that sees the GPUs named, prints the one it has, and keeps it."""
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


def printed(job: subprocess.Popen[str]) -> str:
    assert job.stdout
    return job.stdout.readline().strip()


def test_jobs_have_different_gpus_and_a_killed_one_leaves_its_gpu_to_who_waits(start):
    first, second = start("a", "b"), start("a", "b")
    assert {printed(first), printed(second)} == {"a", "b"}
    third = start("a", "b")
    assert printed(third) == (
        "all 2 GPUs are taken by other jobs; waiting for one. To start no more jobs than there are GPUs: "
        "snakemake --resources gpu=2"
    )
    time.sleep(0.2)
    assert third.poll() is None
    first.kill()
    assert printed(third) in ("a", "b")


def test_a_gpu_is_the_same_whichever_place_it_has_among_those_a_job_sees(start):
    assert printed(start("b")) == "b"
    assert printed(start("b", "a")) == "a"


def test_a_lock_file_that_another_user_made_is_used(tmp_path, monkeypatch):
    monkeypatch.setattr(gpu_locks.tempfile, "gettempdir", lambda: str(tmp_path))
    (tmp_path / "foxhound-gpu-x.lock").touch(mode=0o444)
    assert gpu_locks.claim_gpu(("x",)) == 0
