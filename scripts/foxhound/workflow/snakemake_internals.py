"""Everything that Foxhound does inside Snakemake, where it has no public way: one fence around all of it.

No other module imports Snakemake. Each function says what it relies on, and test_snakemake_internals.py runs it against
the pinned version: raise the pin, and the test that fails names the behaviour that is gone.
"""

import gc
import logging
import os
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import snakemake.api  # before snakemake.dag, which cannot be imported by itself
import snakemake.common
import snakemake.exceptions
import snakemake.jobs
import snakemake.rules
from snakemake.dag import DAG, ScriptProcessor
from snakemake.exceptions import WorkflowError
from snakemake.jobs import Job
from snakemake.logging import DefaultFormatter, logger
from snakemake.persistence import RECORD_FORMAT_VERSION, MetadataRecord
from snakemake.persistence.file import FilePersistence
from snakemake.script import PythonScript
from snakemake.settings.enums import Quietness, RerunTrigger
from snakemake.settings.types import ConfigSettings, DAGSettings, OutputSettings, ResourceSettings
from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
from snakemake_interface_logger_plugins.common import LogEvent

from foxhound.corpus.columns import COLUMNS
from foxhound.errors import FoxhoundError
from foxhound.files import check_room, is_full_disk
from foxhound.workflow.console import Console, describe_failure, is_verbose
from foxhound.workflow.job import TO_LOG_ONLY
from foxhound.workflow.progress import Progress
from foxhound.workflow.records import KEPT, UNKNOWN, Records
from foxhound.workflow.rerun_reasons import JobPlan
from foxhound.workflow.staleness import differs_from_before, ends, keep_ends, narrow_plan
from foxhound.workflow.warm_jobs import Usage, end_of, fork_is_safe, server, start_script

FEW_JOBS = 3  # so many share imports; fewer are as fast without
TRAINING = ("embeddings", "lstm", "finetune", "final_training")  # rules whose scripts import what trains models

log_info: Callable[[str], None] = logger.info
SAID_BY_THE_WAY = (
    *("Building DAG", "Using shell", "Conda environments", "Singularity containers", "Group jobs: inactive"),
    *("Select jobs to execute", "Job rate limit", "DAG of jobs will be updated", "Updating checkpoint dependencies"),
    *("Complete log", "Removing output files of failed job", "This was a dry-run", "The run involves checkpoint"),
    *("Reasons:", "Some jobs were triggered by provenance", "Rules with provenance"),
    *("Elapsed time", "Touching output", "Assuming unrestricted shared filesystem"),
)
"""Beginnings of messages without an event that only Snakemake's log shows. Messages not known here are shown."""
DRY_RUN = "Nothing was run. `foxhound why` says because of what each rule would; VERBOSE=1 lists the jobs."
Plan = Callable[[Any], tuple[Mapping[int, tuple[str, float]], float, str]]
FAILED = "Exiting because a job execution failed"
NOTHING = "Nothing to be done"
SUBMITTED = "has been submitted with SLURM jobid"


def cache_signatures() -> None:
    """Have Snakemake read each function's signature once, and look for each rule's script once.

    Per job, both took a quarter of the time of a plan of ten thousands of jobs (benchmarks/README.md). Relies on
    `get_function_params`, which three modules import by name, and on `ScriptProcessor.process_job`.
    """
    signature = cache(snakemake.common.get_function_params)
    for module in (snakemake.common, snakemake.rules, snakemake.jobs):
        module.get_function_params = signature
    process, processed = ScriptProcessor.process_job, set()

    def process_once(self: ScriptProcessor, job: Job) -> None:
        # The path of a script here holds no wildcard: what holds for one job of a rule holds for all.
        if job.rule not in processed:
            process(self, job)
            processed.add(job.rule)

    ScriptProcessor.process_job = process_once


def resume_gc() -> None:
    """Collect garbage, as rules/setup.smk stops doing, and never look through the plan's objects, which stay."""
    gc.freeze()
    gc.enable()


def lift_job_rate_limit(workflow: Any) -> None:
    """Start jobs on this machine as soon as there is a core for them; on clusters the limit stays.

    The limit protects a cluster's controller. On one machine it only makes Snakemake look at all waiting jobs once a
    second for every job that has ended: in a long run, a core's worth (benchmarks/README.md). Relies on
    `scheduler.job_rate_limiter`, which may be None.
    """
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


def share_imports(workflow: Any) -> None:
    """Have jobs on this machine share the imports of libraries (foxhound/workflow/warm_jobs.py), where some are to run.

    A job in an environment or a container of its own, or with more than one thread, starts as it always does. Relies on
    `PythonScript.execute_script`, its `bench_record` and `resources`, and the fields of a `BenchmarkRecord`.
    """
    jobs = [job for job in workflow.dag.needrun_jobs() if job.is_script]
    if not workflow.local_exec or not fork_is_safe() or len(jobs) < FEW_JOBS:
        return
    execute = PythonScript.execute_script
    context = server(heavy=sum(job.rule.name in TRAINING for job in jobs) >= FEW_JOBS)

    def execute_script(self: PythonScript, fname: str, edit: bool = False) -> None:
        if self.container_img or self.conda_env or self.env_modules or self.shadow_dir or self.threads != 1:
            execute(self, fname, edit)
            return
        folder = self.resources.get("tmpdir")
        temporary = dict.fromkeys(("TMPDIR", "TMP", "TEMPDIR", "TEMP"), str(folder)) if folder else {}
        start = time.monotonic()
        started = start_script(context, fname, temporary)
        status = end_of(started)
        if self.bench_record:
            _note_usage(self.bench_record, time.monotonic() - start, started.usage())
        if status:
            raise subprocess.CalledProcessError(status, f"python {fname}")

    PythonScript.execute_script = execute_script


def _note_usage(record: Any, seconds: float, usage: Usage | None) -> None:
    """Note in a `BenchmarkRecord` what a job used.

    The job tells it as it ends: to sample it from outside, as Snakemake does, took a twentieth of a core for walks
    through the pages of large processes, and misses what is used between two samples.
    """
    record.running_time = seconds
    record.process_gone = usage is None
    if usage is not None:
        record.data_collected, record.max_rss, record.cpu_time = True, usage.megabytes, usage.seconds
        record.cpu_usage = 100 * usage.seconds


def name_full_disks(folders: Iterable[str | Path]) -> None:
    """Have Snakemake say which of these folders has no room, where that stops it, instead of printing a traceback.

    Its log is on such a disk too: what cannot be written there is on the console all the same. Relies on
    `exceptions.format_exception_to_string`, by which every error is put into words.
    """
    logging.raiseExceptions = False
    describe = snakemake.exceptions.format_exception_to_string

    def format_exception_to_string(ex: Exception, linemaps: Any = None) -> str:
        if is_full_disk(ex):
            try:
                check_room(folders)
            except FoxhoundError as full:
                return f"Error: {full}"
        return str(describe(ex, linemaps))

    snakemake.exceptions.format_exception_to_string = format_exception_to_string


class _ConsoleHandler(logging.Handler):
    """Show, of all that Snakemake logs, what a user of Foxhound wants to see.

    Relies on the events of Snakemake's logger plugins (`LogEvent`) and what comes with them: `jobs` of JOB_STARTED,
    `job_id` of JOB_FINISHED, `jobid`, `rule_name`, `output` and `log` of JOB_ERROR.
    """

    def __init__(self, console: Console, dag: Callable[[], Any], plan: Plan, answer: Callable[[], str]) -> None:
        super().__init__()
        self.console, self.dag, self.plan, self.answer = console, dag, plan, answer
        self.setFormatter(DefaultFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record, or leave it to Snakemake's log."""
        event = getattr(record, "event", None)
        if event == LogEvent.RUN_INFO:
            self._tell_plan(record)
        elif event == LogEvent.JOB_STARTED:
            self._add_jobs(record.jobs)  # type: ignore[attr-defined]
            self.console.change(lambda progress: progress.start(*record.jobs))  # type: ignore[attr-defined]
        elif event == LogEvent.JOB_FINISHED:
            self.console.change(lambda progress: progress.finish(record.job_id))  # type: ignore[attr-defined]
        elif event == LogEvent.JOB_ERROR:
            self.console.change(lambda progress: progress.fail(record.jobid))  # type: ignore[attr-defined]
            self.console.write(describe_failure(record.rule_name, record.output, record.log))  # type: ignore[attr-defined]
        elif self._is_shown(record, event):
            message = self.format(record)
            answer = self.answer() if message.startswith(NOTHING) else ""
            self.console.write("\n".join(filter(None, [message, answer])))

    def _is_shown(self, record: logging.LogRecord, event: Any) -> bool:
        message = record.getMessage()
        # A job that failed is described by its log: that its script returned 1, and with what command, tells no more.
        if message.startswith(FAILED) or "CalledProcessError" in message:
            return False
        if record.levelno > logging.INFO:
            return True
        return event is None and not message.startswith(SAID_BY_THE_WAY) and SUBMITTED not in message

    def _tell_plan(self, record: logging.LogRecord) -> None:
        """Say what a run will cost, and follow it. Of a dry run, count its jobs by rule."""
        jobs, expected, words = self.plan(self.dag())
        if self.dag().workflow.dryrun:
            self.console.write(f"{record.getMessage()}\n{words}\n{DRY_RUN}")
            # Snakemake then leaves out going through all jobs, of which nobody would see anything.
            self.dag().workflow.output_settings.quiet = {Quietness.RULES, Quietness.PROGRESS}
        else:
            self.console.write(words)
            self.console.begin(Progress(jobs, expected))

    def _add_jobs(self, started: Iterable[int]) -> None:
        """Follow jobs that have joined the run, as they do once the corpus was fetched, and say what it costs now."""
        progress = self.console.progress
        if progress is None or set(started) <= progress.seconds.keys():
            return
        jobs, expected, words = self.plan(self.dag())
        if jobs.keys() - progress.seconds.keys():  # and not only the target rule, which makes nothing
            self.console.change(lambda progress: progress.add(jobs, expected))
            self.console.write(words)

    def close(self) -> None:
        """Leave the last state on the screen."""
        self.console.end()
        super().close()


def show_progress(workflow: Any, plan: Plan, answer: Callable[[], str]) -> None:
    """Show a run in a line per stage, and have jobs speak to their logs alone, unless the user wants to see everything.

    Snakemake's log has everything in any case. VERBOSE=1 does without, and so do options that ask Snakemake for more
    (--verbose, --printshellcmds, --debug-dag) and another logger plugin. Relies on the name of the console's handler,
    DefaultStreamHandler, which carries the filter that --quiet sets.

    Args:
        plan: takes the DAG; returns of every job to run, by its number, the rule and the seconds of processor that it
            is expected to take; the seconds that all will take; and that in words.
        answer: returns what to say where there is nothing to be done.
    """
    settings = workflow.output_settings
    streams = [handler for handler in logger.handlers if handler.name == "DefaultStreamHandler"]
    if is_verbose() or settings.verbose or settings.printshellcmds or settings.debug_dag or not streams:
        return
    handler = _ConsoleHandler(Console(streams[0].stream), lambda: workflow.dag, plan, answer)
    handler.filters = streams[0].filters
    logger.removeHandler(streams[0])
    logger.addHandler(handler)
    if not settings.dryrun:
        os.environ[TO_LOG_ONLY] = "1"


def end_progress(message: str) -> None:
    """Leave the state of the run on the screen, and say something below it."""
    for handler in logger.handlers:
        if isinstance(handler, _ConsoleHandler):
            handler.console.end()
    if message:
        log_info(message)


def jobs_to_run(dag: Any) -> dict[int, tuple[str, dict[str, str]]]:
    """Return, by its number, the rule and the wildcards of each job that will run and makes something."""
    return {
        dag.jobid(job): (job.rule.name, dict(job.wildcards_dict or {}))
        for job in dag.needrun_jobs()
        if not job.is_group() and job.output
    }


def keep_records(records: Records) -> None:
    """Have Snakemake write what results are made with among the results too, and read it there where it has forgotten.

    A result without any record counts as made with something else, and a damaged record is none. Relies on
    `_read_record` and `_write_record` of the persistence in files, and on `MetadataRecord`.
    """
    read, write = FilePersistence._read_record, FilePersistence._write_record
    told: list[str] = []

    def read_record(self: FilePersistence, key: str) -> MetadataRecord | None:
        try:
            record = read(self, key)
        except ValueError:  # what is no JSON, Snakemake passes over by itself
            logger.warning(f"{self._record_path(self._metadata_path, key)}: damaged, and passed over.")
            record = None
        if record is not None or not records.holds(key):
            return record
        kept, there = records.find(key), os.path.lexists(key)
        if kept is None and not there:
            return None
        if kept and there and not told:
            told.append(key)
            logger.warning(
                f"{records.results}: Snakemake's memory (.snakemake) does not know these results. "
                f"{records.path} says what they were made with."
            )
        made_with = kept or {"params": [UNKNOWN]}
        return MetadataRecord.model_validate(made_with | {"record_format_version": RECORD_FORMAT_VERSION})

    def write_record(self: FilePersistence, key: str, record: MetadataRecord) -> None:
        write(self, key, record)
        if records.holds(key):
            records.add(key, {name: getattr(record, name) for name in KEPT})

    FilePersistence._read_record, FilePersistence._write_record = read_record, write_record


def rerun_only_what_is_stale() -> None:
    """Have Snakemake plan as `staleness` says, and plan again where a result that was made again has other bytes.

    Relies on `DAG.update_needrun`, `DAG.finish`, `DAG.postprocess_after_update`, `_ready_jobs` and `_n_until_ready`,
    and on what `staleness` says.
    """
    update, finish = DAG.update_needrun, DAG.finish
    made_again: dict[Any, dict[Any, float]] = {}

    async def update_needrun(self: DAG, create_inventory: bool = False) -> None:
        await update(self, create_inventory)
        for job in await narrow_plan(self):
            made_again.setdefault(job, ends(self, job))

    async def finish_and_compare(self: DAG, job: Any, update_checkpoint_dependencies: bool = True) -> Any:
        ready = await finish(self, job, update_checkpoint_dependencies)
        for one in set(job if job.is_group() else [job]) & made_again.keys():
            if await differs_from_before(self, one):
                logger.warning(f"{one.output[0]}: made again, with other bytes. What was made from it is redone.")
                await self.postprocess_after_update()
                # What it made ready itself may have to wait now for what has joined.
                self._ready_jobs -= {waiting for waiting in self._ready_jobs if self._n_until_ready.get(waiting)}
                ready = True
            else:
                keep_ends(self, made_again[one])
        return ready

    DAG.update_needrun, DAG.finish = update_needrun, finish_and_compare


def plan_jobs(
    targets: Iterable[str], config_files: Iterable[Path], rerun_triggers: Iterable[str]
) -> tuple[list[JobPlan], dict[str, Any]]:
    """Plan the workflow of this folder without running it.

    Relies on `Workflow.dag`, `DAG.reason` and the records of the last run (`persistence`).

    Returns:
        The jobs that would run, in the workflow's order, and the configuration.

    Raises:
        FoxhoundError: the workflow cannot be planned, for instance because the configuration has a mistake.
    """
    logging.disable(logging.WARNING)  # Snakemake introduces itself
    try:
        with snakemake.api.SnakemakeApi(OutputSettings(dryrun=True)) as api:
            workflow = api.workflow(
                resource_settings=ResourceSettings(cores=1),
                config_settings=ConfigSettings(configfiles=[*config_files]),
                snakefile=Path("Snakefile"),
            )
            triggers = frozenset(map(RerunTrigger.parse_choice, rerun_triggers))
            settings = DAGSettings(targets={*targets}, rerun_triggers=triggers, force_incomplete=True)
            workflow.dag(dag_settings=settings).execute_workflow(executor="dryrun")
            dag = workflow._workflow.dag
            # A target rule makes nothing itself.
            jobs = [job for level in dag.toposorted() for job in level if dag.needrun(job) and job.output]
            return [_describe_job(dag, job) for job in jobs], workflow._workflow.globals["config"]
    except WorkflowError as error:
        raise FoxhoundError(str(error)) from error


def _describe_job(dag: Any, job: Any) -> JobPlan:
    """Return what Snakemake knows of why it would run `job`."""
    reason, records = dag.reason(job), dag.workflow.persistence
    changed = records.params_changed(job)  # `reason` lacks it behind a job that has to run
    recorded = records.input(job.output[0])
    new_inputs = set(map(str, job.input)) - set(recorded) if recorded is not None else set()
    touched = {Path(file).parent.name for file in [*reason.updated_input_run, *reason.missing_output, *new_inputs]}
    return JobPlan(
        rule=job.rule.name,
        missing=bool(reason.missing_output),
        forced=reason.forced,
        unfinished=bool(reason.incomplete_output),
        inputs_changed=bool(reason.input_changed),
        newer=[str(file) for file in reason.updated_input],
        after=[dependency.rule.name for dependency in dag.dependencies[job] if dag.needrun(dependency)],
        columns=[column for column in COLUMNS if column in touched],
        old=sorted(changed.only_old) if changed else [],
        new=sorted(changed.only_new) if changed else [],
        names={str(records._serialize_param(value)): name for name, value in job.params.items()},
    )


def array_command(packed: str, task: int) -> str:
    """Return the command of one member of a Slurm array, of the packed commands that the array's jobs are given."""
    from snakemake_executor_plugin_slurm_jobstep import _decompress_array_task_call

    command: str = _decompress_array_task_call(packed, task)
    return command


def record_submission(workflow: Any, job: Any, slurm_id: str) -> None:
    """Record what the job's outputs are made from, and which job of Slurm makes them, before it has made them.

    The mark that they are incomplete, which Snakemake sets next, stays until the job has ended well. Relies on
    `persistence.finished` and on its records by output.
    """
    records = workflow.persistence
    workflow.async_run(records.finished(job))
    records._clear_cache()  # it may have looked for a record that was not there yet
    for output in job.output:
        key = records._get_key(output)
        record = records._read_record(key)
        record.external_jobid = slurm_id
        records._write_record(key, record)


def submitted_jobs(workflow: Any) -> Iterator[tuple[Any, str, bool]]:
    """Yield each job to run that an earlier run submitted to Slurm: the job, its id there, and whether it can go on.

    It can if all it reads is there, and if it was submitted with the params and inputs of today.
    """
    records = workflow.persistence
    for job in workflow.dag.needrun_jobs():
        if job.is_group() or job.is_local or not job.output:
            continue
        record = records.metadata(job.output[0])
        if record is not None and record.external_jobid is not None:
            changed = records.params_changed(job) or any(records.input_changed(job))
            yield job, record.external_jobid, job in workflow.dag.ready_jobs and not changed


def is_on_slurm(workflow: Any) -> bool:
    """Say whether jobs of this run go to Slurm."""
    return bool(workflow.executor_plugin.name == "slurm")


def hook_slurm_executor(workflow: Any, run_name: str, waiting: Mapping[str, str]) -> None:
    """Have the executor go on with jobs that are in Slurm's queue, and record every job when it submits it.

    Relies on the executor's `run_uuid` (by which it asks squeue and sacct for its jobs), `run_jobs`,
    `report_job_submission` and `slurm_logdir`, and on the plugin's `pending_jobs_for_rule`.

    Args:
        run_name: what Slurm knows the jobs of this folder by.
        waiting: first output of a job -> its id in the queue.
    """
    import snakemake_executor_plugin_slurm as plugin

    # Where Snakemake hands over only some of a rule's jobs (`--jobs`), the executor would wait for the others and never
    # submit these: https://github.com/snakemake/snakemake-executor-plugin-slurm/issues/473
    plugin.pending_jobs_for_rule = lambda dag, rule: 0
    executor, in_queue = workflow.scheduler._executor, dict(waiting)
    executor.run_uuid = run_name
    submit, report = executor.run_jobs, executor.report_job_submission

    def run_jobs(jobs: list[Any]) -> None:
        new = []
        for job in jobs:
            slurm_id = None if job.is_group() or not job.output else in_queue.pop(job.output[0], None)
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

    executor.run_jobs, executor.report_job_submission = run_jobs, report_job_submission
