"""Narrow Snakemake's plan to what is stale: a result that is made again unchanged redoes nothing.

Snakemake redoes everything behind a job that runs, whatever it runs for. But a job may run only because its result was
deleted, and something new reads it: made again from the same inputs, params and code, it is what it was, and what was
made from it stays. And Snakemake does not look at what stands behind a job that runs, though behind an `ancient` edge a
job runs for changes of its own only.

A result that was made again is compared with what was read before. Where its bytes differ all the same (another
machine, another version of a library), what was made from it joins the run. So it is with the rules in SETTLING,
whatever they run for.
"""

from collections import deque
from typing import Any

SETTLING = ("final_choice", "held_out")
"""Rules of whose result nobody knows beforehand whether it differs where what they read does: the final model is chosen
by the scores of all, and mostly stays. What follows joins the run once it does differ."""


class Narrowed:
    """The jobs of a plan that have to run, as far as they were found.

    run: all of them. changed: those of them whose result will differ, as far as anyone can know; the others make again
    what a job of `run` reads and does not find.
    """

    def __init__(self, dag: Any) -> None:
        self.dag = dag
        self.candidates = {job for job in dag.jobs if not dag.finished(job)}
        self.run: set[Any] = set()
        self.changed: set[Any] = set()
        self._waiting: deque[Any] = deque()

    def enter(self, job: Any, changed: bool) -> None:
        """Have a job run."""
        changed = changed and not _settles(job)
        if job not in self.run or (changed and job not in self.changed):
            self._waiting.append(job)
        self.run.add(job)
        if changed:
            self.changed.add(job)

    async def follow(self) -> None:
        """Enter what the jobs entered so far lack, and what follows from their changes."""
        while self._waiting:
            job = self._waiting.popleft()
            for dependency, files in self.dag.dependencies[job].items():
                if dependency in self.candidates and dependency not in self.run:
                    missing = [file async for file in dependency.missing_output(files)]
                    if missing:
                        self.dag.reason(dependency).missing_output.update(missing)
                        self.enter(dependency, await is_changed(self.dag, dependency))
            if job in self.changed:
                for follower, files in self.dag.depending[job].items():
                    if follower in self.candidates and not all(file.is_ancient for file in files):
                        self.enter(follower, changed=True)
                        self.dag.reason(follower).updated_input_run.update(files)


def _settles(job: Any) -> bool:
    """Say whether only its result tells whether what follows is stale: what reads nothing goes by its settings."""
    return job.rule.name in SETTLING and bool(job.input)


async def narrow_plan(dag: Any) -> set[Any]:
    """Leave in the plan what is stale, and what makes again a missing file that this reads.

    Relies on `DAG.update_needrun` having set `_needrun`, `_n_until_ready`, `_checkpoint_jobs`, `_len` and `reason`, and
    on `_running`.

    Returns:
        The jobs that only make again what was there.
    """
    planned = set(dag._needrun)
    causes = {job: _has_own_cause(dag.reason(job)) for job in planned}
    for job in planned:
        dag.reason(job).updated_input_run.clear()
    narrowed = Narrowed(dag)
    for job in dag._running & planned:  # where a run is planned anew while it goes on
        narrowed.enter(job, changed=await is_changed(dag, job))
    for job, own in causes.items():
        if own:
            narrowed.enter(job, changed=True)
        elif job in dag.targetjobs:
            narrowed.enter(job, changed=await is_changed(dag, job))
    await narrowed.follow()
    # Snakemake did not look at what stands behind a job that runs, and never does at what reads a file that is gone.
    behind = set(dag.bfs(dag.depending, *planned))
    for job in narrowed.candidates:
        if job in narrowed.run or not job.output:
            continue
        never_made = _never_made(dag, job)
        if never_made or (job in behind and await is_changed(dag, job)) or await _reads_what_was_remade(dag, job):
            dag.reason(job).missing_output.update(never_made)
            dag.reason(job).params_changed = dag.workflow.persistence.params_changed(job)
            narrowed.enter(job, changed=True)
            await narrowed.follow()
    _set_plan(dag, planned, narrowed.run)
    return narrowed.run - narrowed.changed


def _never_made(dag: Any, job: Any) -> list[Any]:
    """Return outputs that a job had not when it made its others, which are of another version of its rule then.

    Of a job with such outputs Snakemake compares neither params nor code.
    """
    new = [file for file in job.output if dag.workflow.persistence.metadata(file) is None]
    return new if len(new) < len(job.output) else []


def _has_own_cause(reason: Any) -> bool:
    """Say whether Snakemake found a cause in the job itself, and not only that its result is missing."""
    own = (
        *("forced", "noio", "nooutput", "unfinished_queue_input", "pipe", "service", "incomplete_output"),
        *("updated_input", "input_changed", "code_changed", "params_changed", "software_stack_changed"),
    )
    return any(getattr(reason, name) for name in own)


async def is_changed(dag: Any, job: Any) -> bool:
    """Say whether what a job makes now differs, as far as anyone can know, from what it made last."""
    records = dag.workflow.persistence
    if not job.output or not records.has_metadata(job):
        return True
    if records.params_changed(job) or any(records.input_changed(job)):
        return True
    made = await job.output_mintime
    for file in job.input:
        known = not file.is_ancient and await file.exists()
        if known and (made is None or await file.is_newer(made)) and not await reads_the_same(dag, job, file):
            return True
    return False


async def _reads_what_was_remade(dag: Any, job: Any) -> bool:
    """Say whether a file that the job's result was made from was made once more since, and then went missing.

    So it does where a run was stopped between the two, or a job failed on a cluster, where records are written first.
    """
    for dependency, files in dag.dependencies[job].items():
        missing = [file async for file in dependency.missing_output(files) if not file.is_ancient]
        if missing and _end(dag, dependency) > _end(dag, job):
            return True
    return False


def _end(dag: Any, job: Any) -> float:
    """Return when the job ended last, in seconds since 1970, and never where that is not known."""
    record = dag.workflow.persistence.metadata(job.output[0]) if job.output else None
    return (record and record.endtime) or 0.0


async def reads_the_same(dag: Any, job: Any, file: Any) -> bool:
    """Say whether a file holds what the job's result was made from; where nobody knows, it does not."""
    if not await file.is_checksum_eligible(dag.max_checksum_file_size):
        return False
    sums = dag.workflow.persistence.input_checksums(job, file)
    return len(sums) == 1 and await file.is_same_checksum(sums.pop(), dag.max_checksum_file_size)


async def differs_from_before(dag: Any, job: Any) -> bool:
    """Say whether a job that has made its result again made other bytes than those that others were made from."""
    for follower, files in dag.depending[job].items():
        if follower.output and not dag.needrun(follower) and not dag.finished(follower):
            for file in files:
                if not file.is_ancient and not await reads_the_same(dag, follower, file):
                    return True
    return False


def ends(dag: Any, job: Any) -> dict[Any, float]:
    """Map each file that the job made to when it made it, in seconds since 1970."""
    records = {file: dag.workflow.persistence.metadata(file) for file in job.output}
    return {file: record.endtime for file, record in records.items() if record is not None and record.endtime}


def keep_ends(dag: Any, before: dict[Any, float]) -> None:
    """Record of files that were made again, and are the same, that they are as old as they were."""
    records = dag.workflow.persistence
    records._clear_cache()
    for file, end in before.items():
        record = records.metadata(file)
        if record is not None:
            record.endtime = end
            records._write_record(records._get_key(file), record)


def _set_plan(dag: Any, planned: set[Any], run: set[Any]) -> None:
    for job in planned - run:
        dag.reason(job).clear()
    dag._needrun.clear()
    dag._needrun.update(run)
    dag._checkpoint_jobs.clear()
    dag._checkpoint_jobs.update(job for job in run if job.is_checkpoint)
    dag._n_until_ready.clear()
    dag._n_until_ready.update({job: sum(needed in run for needed in dag.dependencies[job]) for job in run})
    dag._len = len(dag._finished | dag._needrun)
