"""A cluster per session, and checkouts to run the workflow on it."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ..workflow.conftest import Checkout, copy_checkout
from .slurm import Cluster, why_not


class Job(NamedTuple):
    """What Slurm knows of a job."""

    id: str
    rule: str
    state: str
    partition: str
    gpus: str
    memory: str
    restarts: int


class OnCluster(Checkout):
    """A checkout whose runs go through a cluster, as docs/cluster.md says."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        super().__init__(folder)
        self.cluster = cluster
        self.runs: list[subprocess.Popen[bytes]] = []

    @property
    def environment(self) -> dict[str, str]:
        # One thread per process: two cores may serve three jobs.
        return super().environment | self.cluster.environment | {"OMP_NUM_THREADS": "1"}

    def command(self, *arguments: str) -> list[str]:
        # The profile asks less often than a test that waits for it.
        often = ("--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "10")
        return [sys.executable, "-m", "snakemake", "--profile", "profiles/slurm", *often, *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.call(*self.command(*arguments))

    def start(self, log: Path, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a run in a session of its own, and leave it to itself."""
        with open(log, "ab") as out:
            where = {"cwd": self.folder, "env": self.environment, "stdout": out, "stderr": subprocess.STDOUT}
            self.runs.append(subprocess.Popen(self.command(*arguments), start_new_session=True, **where))
        return self.runs[-1]

    def jobs(self) -> list[Job]:
        """All jobs that were submitted from here, members of arrays each; waiting members of an array are one."""
        jobs = []
        for line in self.cluster.ask("scontrol", "show", "jobs", "--oneliner").splitlines():
            said = dict(re.findall(r"(\w+)=(\S*)", line))
            if said.get("WorkDir") == str(self.folder):
                array, task = said.get("ArrayJobId"), said.get("ArrayTaskId")  # 1-3 in those that wait
                jobs.append(
                    Job(
                        id=f"{array}_{task}" if array else said["JobId"],
                        rule=said["Comment"].removeprefix("rule_").partition("_wildcards_")[0],
                        state=said["JobState"],
                        partition=said["Partition"],
                        gpus=said.get("TresPerJob", "").replace("gres/", "gres:"),  # as newer Slurms have it
                        memory=said["MinMemoryNode"],
                        restarts=int(said["Restarts"]),
                    )
                )
        return jobs

    def in_state(self, rule: str, state: str) -> list[Job]:
        return [job for job in self.jobs() if (job.rule, job.state) == (rule, state)]

    def one(self, slurm_id: str) -> Job:
        return next(job for job in self.jobs() if job.id == slurm_id)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A Slurm of one's own, where there is one."""
    if reason := why_not():
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))
    cluster = Cluster(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def on_cluster(cluster: Cluster, tmp_path: Path) -> Iterator[OnCluster]:
    """A fresh checkout on the cluster."""
    checkout = OnCluster(copy_checkout(tmp_path).folder, cluster)
    yield checkout
    for run in checkout.runs:
        run.kill()


def run_locally(folder: Path, *arguments: str) -> Checkout:
    """An experiment, or some of its files, made without a cluster."""
    folder.mkdir()
    checkout = copy_checkout(folder)
    ran = checkout.run(*arguments)
    assert ran.returncode == 0, ran.stdout
    return checkout


def predictions(checkout: Checkout, experiment: str = "tiny") -> dict[str, bytes]:
    """What all models said, to the bit; and not where: a table's metadata names the device."""
    results = checkout.folder / "results" / experiment
    families = ("lstm", "finetune", "baselines", "ensembles", "word2vec")
    paths = sorted(path for family in families for path in (results / family).rglob("*.parquet"))
    return {str(path.relative_to(results)): path.read_bytes() for path in paths}
