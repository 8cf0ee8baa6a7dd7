"""What Snakemake's executor for Slurm leaves out: going on with the jobs of a run that was killed, and sound arrays.

Slurm goes on with the jobs of a run that is killed, but the next run would submit them again, and would not know what
those that have finished meanwhile were made from. So each job's record is written when it is submitted, and a run first
looks for jobs of an earlier one that are still in the queue.

It hooks into two methods of the executor, which offers no other way; the tests in tests/cluster/ run against the pinned
version.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from snakemake.logging import logger
from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo

from foxhound.errors import FoxhoundError

ARRAY = "--slurm-jobstep-array-execs"


def find_member(arguments: list[str]) -> str | None:
    """The command of this member of an array; None in the first member, and outside of arrays.

    All members start with the command of the first, and the commands of the others as an argument.
    """
    task, first = os.environ.get("SLURM_ARRAY_TASK_ID"), os.environ.get("SLURM_ARRAY_TASK_MIN")
    commands = " ".join(arguments).partition(ARRAY)[2].lstrip("= ")
    if not commands or task is None or task == first:
        return None
    from snakemake_executor_plugin_slurm_jobstep import _decompress_array_task_call

    command: str = _decompress_array_task_call(commands, int(task))
    return command


def become_member() -> None:
    """Go on as the member of an array that this process is to be, before it plans the first member's job.

    The executor would run the right command, but from a process that takes the outcome for the first member's: while
    this one runs, the first one's output would count as incomplete, and if this one failed, it would be deleted.
    """
    command = find_member(sys.argv)
    if command:
        os.execv("/bin/sh", ["sh", "-c", command])


def run_name(folder: Path) -> str:
    """What Slurm knows all jobs of a working folder by, whichever run submitted them."""
    return f"foxhound-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]}"


def find_waiting(name: str) -> set[str]:
    """The ids of the jobs of that name that are waiting or running; members of an array as 12_3.

    Raises:
        FoxhoundError: Slurm's controller does not answer.
    """
    command = ["squeue", "--noheader", "--array", "--format=%i", "--name", name]
    said = subprocess.run(command, capture_output=True, text=True)
    if said.returncode:
        raise FoxhoundError(
            f"Slurm does not say which jobs of an earlier run are still in its queue: {said.stderr.strip()}. "
            "Run again once squeue works."
        )
    return set(said.stdout.split())


def record_submission(workflow: Any, job: Any, slurm_id: str) -> None:
    """Write down what the job's outputs are made from, and which job of Slurm makes them, before it has made them.

    The mark that they are incomplete, which Snakemake sets next, stays until the job has ended well.
    """
    persistence = workflow.persistence
    workflow.async_run(persistence.finished(job))
    persistence._clear_cache()  # it may have looked for a record that was not there yet
    for output in job.output:
        key = persistence._get_key(output)
        record = persistence._read_record(key)
        record.external_jobid = slurm_id
        persistence._write_record(key, record)


def find_former(workflow: Any, waiting: set[str]) -> tuple[dict[str, str], set[str]]:
    """First output -> id of the jobs that are in the queue already; and the ids of those that make something else now.

    A job can go on if all it reads is there, and if it was submitted with the params and inputs of today.
    """
    persistence = workflow.persistence
    same, other = {}, set()
    for job in workflow.dag.needrun_jobs():
        record = None if job.is_group() or job.is_local or not job.output else persistence.metadata(job.output[0])
        if record is None or record.external_jobid not in waiting:
            continue
        changed = persistence.params_changed(job) or any(persistence.input_changed(job))
        if job in workflow.dag.ready_jobs and not changed:
            same[job.output[0]] = record.external_jobid
        else:
            other.add(record.external_jobid)
    return same, other


def take_over(workflow: Any) -> None:
    """Prepare a run that is about to start: what an earlier one left in the queue is not submitted again.

    Raises:
        FoxhoundError: Slurm's controller does not answer.
    """
    import snakemake_executor_plugin_slurm as plugin

    # Where Snakemake hands over only some of a rule's jobs (`--jobs`), the executor would wait for the others and never
    # submit these: https://github.com/snakemake/snakemake-executor-plugin-slurm/issues/473
    plugin.pending_jobs_for_rule = lambda dag, rule: 0

    executor = workflow.scheduler._executor
    executor.run_uuid = run_name(Path.cwd())  # by which it asks squeue or sacct for its jobs
    same, other = find_former(workflow, find_waiting(executor.run_uuid))
    if other:
        logger.info(f"Cancelling {len(other)} jobs of an earlier run that would make something else.")
        subprocess.run(["scancel", *sorted(other)], check=True)
    if same:
        logger.info(f"Going on with {len(same)} jobs of an earlier run: {', '.join(sorted(same.values()))}.")
    submit, report = executor.run_jobs, executor.report_job_submission

    def run_jobs(jobs: list[Any]) -> None:
        new = []
        for job in jobs:
            slurm_id = None if job.is_group() or not job.output else same.pop(job.output[0], None)
            if slurm_id is None:
                new.append(job)
            else:
                log = executor.slurm_logdir / f"rule_{job.name}" / f"{slurm_id}.log"
                report(SubmittedJobInfo(job, external_jobid=slurm_id, aux={"slurm_logfile": log}))
        submit(new)

    def report_job_submission(info: SubmittedJobInfo, register_job: bool = True) -> None:
        if not info.job.is_group():
            record_submission(workflow, info.job, info.external_jobid)
        report(info, register_job=register_job)

    executor.run_jobs = run_jobs
    executor.report_job_submission = report_job_submission
