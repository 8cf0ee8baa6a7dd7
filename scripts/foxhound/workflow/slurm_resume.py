"""Go on with the jobs that a killed run left in Slurm's queue, and run each member of an array as itself.

Slurm goes on with the jobs of a run that is killed, but the next run would submit them again, and would not know what
those that have finished meanwhile were made from. So each job is recorded when it is submitted, and a run first looks
for jobs of an earlier one that are still in the queue.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from foxhound.errors import FoxhoundError
from foxhound.workflow.snakemake_internals import (
    array_command,
    hook_slurm_executor,
    is_on_slurm,
    log_info,
    submitted_jobs,
)

ARRAY = "--slurm-jobstep-array-execs"


def find_member(arguments: list[str]) -> str | None:
    """Return the command of this member of an array; None in the first member, and outside of arrays.

    All members start with the command of the first, and the commands of the others as an argument.
    """
    task, first = os.environ.get("SLURM_ARRAY_TASK_ID"), os.environ.get("SLURM_ARRAY_TASK_MIN")
    packed = " ".join(arguments).partition(ARRAY)[2].lstrip("= ")
    return None if not packed or task is None or task == first else array_command(packed, int(task))


def become_member() -> None:
    """Replace this process by the member of an array that it is to be, before it plans the first member's job.

    The executor would run the right command, but from a process that takes the outcome for the first member's: while
    this one runs, the first one's output would count as incomplete, and if this one failed, it would be deleted.
    """
    command = find_member(sys.argv)
    if command:
        os.execv("/bin/sh", ["sh", "-c", command])


def run_name(folder: Path) -> str:
    """Return what Slurm knows all jobs of a working folder by, whichever run submitted them."""
    return f"foxhound-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]}"


def find_waiting(name: str) -> set[str]:
    """Return the ids of the jobs of that name that are waiting or running; members of an array as 12_3.

    Raises:
        FoxhoundError: Slurm's controller does not answer.
    """
    command = ["squeue", "--noheader", "--array", "--format=%i", "--name", name]
    squeue = subprocess.run(command, capture_output=True, text=True)
    if squeue.returncode:
        raise FoxhoundError(
            f"Slurm does not say which jobs of an earlier run are still in its queue: {squeue.stderr.strip()}. "
            "Run again once squeue works."
        )
    return set(squeue.stdout.split())


def take_over(workflow: Any) -> None:
    """Prepare a run that is about to start: on Slurm, what an earlier run left in the queue is not submitted again.

    Raises:
        FoxhoundError: Slurm's controller does not answer.
    """
    if not is_on_slurm(workflow):
        return
    name = run_name(Path.cwd())
    waiting = find_waiting(name)
    left = [(job, slurm_id, valid) for job, slurm_id, valid in submitted_jobs(workflow) if slurm_id in waiting]
    stale = sorted({slurm_id for _, slurm_id, valid in left if not valid})
    going_on = {job.output[0]: slurm_id for job, slurm_id, valid in left if valid}
    if stale:
        log_info(f"Cancelling {len(stale)} jobs of an earlier run that would make something else.")
        subprocess.run(["scancel", *stale], check=True)
    if going_on:
        log_info(f"Going on with {len(going_on)} jobs of an earlier run: {', '.join(sorted(going_on.values()))}.")
    hook_slurm_executor(workflow, name, going_on)
