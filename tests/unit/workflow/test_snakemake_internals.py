"""The contract with the pinned Snakemake: each test runs a small workflow and names the behaviour it stands for."""

import gc
import inspect
import json
import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import snakemake_executor_plugin_slurm as slurm

ROOT = Path(__file__).parents[3]
PINNED = "9.27.1"
SNAKEFILE = """
import sys
sys.path.insert(0, {scripts!r})
from snakemake.dag import ScriptProcessor
import snakemake.common
from foxhound.workflow import snakemake_internals as internals

counts = {{"signatures": 0, "scripts": 0}}

def count(name, function):
    def counted(*arguments):
        counts[name] += 1
        return function(*arguments)
    return counted

snakemake.common.get_function_params = count("signatures", snakemake.common.get_function_params)
ScriptProcessor.process_job = count("scripts", ScriptProcessor.process_job)
{patch}

onstart:
    import json
    internals.resume_gc()
    seen = {{"counts": counts, "limited": workflow.scheduler.job_rate_limiter is not None}}
    internals.lift_job_rate_limit(workflow)
    seen["limited_still"] = workflow.scheduler.job_rate_limiter is not None
    seen["slurm"] = internals.is_on_slurm(workflow)
    # Always the same: the id stays in the record of a job that has ended.
    job = min((job for job in workflow.dag.needrun_jobs() if job.output), key=lambda job: str(job.output[0]))
    internals.record_submission(workflow, job, "42")
    local, type(job).is_local = type(job).is_local, False  # as on a cluster
    seen["submitted"] = [[str(job.output[0]), slurm_id, valid] for job, slurm_id, valid in internals.submitted_jobs(workflow)]
    type(job).is_local = local
    print("SEEN", json.dumps(seen), file=sys.stderr)

rule all:
    input: expand("out-{{number}}.txt", number=range({jobs}))

rule make:
    input: ancient("in.txt")
    output: "out-{{number}}.txt"
    params:
        setting={{"size": {size}}},
        number=lambda wildcards: wildcards.number,
    resources: mem_mb=lambda wildcards, attempt: attempt
    script: "make.py"
"""


def broke(behaviour: str) -> str:
    """Return what to say when a behaviour is gone."""
    version = metadata.version("snakemake")
    return f"Snakemake {version} (pinned: {PINNED}): {behaviour}. Mend foxhound/workflow/snakemake_internals.py."


class Toy:
    """A workflow of one rule, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "in.txt").touch()
        (folder / "make.py").write_text("open(snakemake.output[0], 'w').write('made')\n")

    def write(self, size: int = 1, jobs: int = 20, patch: bool = True) -> None:
        """Write the Snakefile."""
        text = SNAKEFILE.format(
            scripts=str(ROOT / "scripts"), size=size, jobs=jobs, patch="internals.cache_signatures()" if patch else ""
        )
        (self.folder / "Snakefile").write_text(text)

    def call(self, *command: str) -> str:
        """Run a command there, and return what it printed."""
        environment = os.environ | {"PYTHONPATH": str(ROOT / "scripts")}
        ran = subprocess.run(
            [sys.executable, *command], cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout + ran.stderr

    def run(self) -> dict:
        """Run the workflow, and return what its `onstart` saw."""
        printed = self.call("-m", "snakemake", "--cores", "1", "--rerun-triggers", "mtime", "params", "input")
        return json.loads(re.search(r"^SEEN (.*)$", printed, flags=re.M)[1])


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    return Toy(tmp_path)


FULL = """
import sys
sys.path.insert(0, {scripts!r})
from foxhound.errors import FoxhoundError
from foxhound.workflow import snakemake_internals as internals

def check_room(folders):
    if {full}:
        raise FoxhoundError(f"{{folders[0]}}: no room")

internals.check_room = check_room
internals.name_full_disks(["there"])

onstart:
    try:
        raise OSError(28, "No space left on device")
    except OSError:
        raise ValueError("follows from it")
"""


@pytest.mark.parametrize("full", [True, False])
def test_a_run_that_a_full_disk_stops_names_it(full: bool, tmp_path: Path) -> None:
    rule = "rule make:\n    output: 'out.txt'\n    shell: 'touch {output}'\n"
    (tmp_path / "Snakefile").write_text(FULL.format(scripts=str(ROOT / "scripts"), full=full) + rule)
    command = [sys.executable, "-m", "snakemake", "--cores", "1"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 1
    assert ("Error: there: no room" in ran.stderr) == full, broke("format_exception_to_string is called past ours")
    assert ("follows from it" in ran.stderr) != full  # what is no full disk any more is described as ever


def test_the_pinned_version_is_installed() -> None:
    assert metadata.version("snakemake") == PINNED, broke("the contract was written for another version")
    assert f"snakemake=={PINNED}\n" in (ROOT / "requirements.txt").read_text(encoding="utf-8")


def test_a_run_reads_signatures_once_lifts_the_rate_limit_and_records_submissions(toy: Toy) -> None:
    toy.write(patch=False)
    plain = toy.run()["counts"]
    assert plain["scripts"] >= 20, broke("ScriptProcessor.process_job no longer looks for each job's script")
    assert plain["signatures"] >= 20, broke("get_function_params no longer reads signatures per job")
    for path in toy.folder.glob("out-*"):
        path.unlink()
    toy.write(patch=True)
    seen = toy.run()
    assert seen["counts"]["scripts"] == 2, broke("process_job is called past its replacement")
    assert seen["counts"]["signatures"] < 10, broke("get_function_params is called past its cache")
    assert seen["limited"], broke("scheduler.job_rate_limiter no longer limits a run on one machine")
    assert not seen["limited_still"]
    assert seen["slurm"] is False
    [[output, slurm_id, valid]] = seen["submitted"]
    assert (slurm_id, valid) == ("42", True), broke("a record written before a job runs is not read back")
    assert re.fullmatch(r"out-\d+\.txt", output)


def test_a_plan_tells_what_changed(toy: Toy) -> None:
    toy.write(size=1, jobs=2)
    toy.run()
    toy.write(size=2, jobs=3)
    script = (
        "import json, dataclasses; from foxhound.workflow.snakemake_internals import plan_jobs\n"
        "jobs, config = plan_jobs([], [], ['mtime', 'params', 'input'])\n"
        "print('JOBS', json.dumps([dataclasses.asdict(job) for job in jobs]))"
    )
    [line] = [line for line in toy.call("-c", script).splitlines() if line.startswith("JOBS ")]
    jobs = json.loads(line.removeprefix("JOBS "))
    assert [job["rule"] for job in jobs] == ["make"] * 3
    assert sorted(job["missing"] for job in jobs) == [False, False, True], broke("DAG.reason lost missing_output")
    old = next(job for job in jobs if not job["missing"])
    assert old["old"] == ["{'size': 1}"] and old["new"] == ["{'size': 2}"], broke("params_changed lost old or new")
    assert old["names"]["{'size': 2}"] == "setting", broke("_serialize_param writes params otherwise than records do")


def test_the_slurm_executor_has_what_is_hooked() -> None:
    executor = slurm.Executor
    for method in ("run_jobs", "report_job_submission"):
        assert callable(getattr(executor, method, None)), broke(f"the Slurm executor lost {method}")
    source = inspect.getsource(slurm)
    for name in ("self.run_uuid", "self.slurm_logdir", "pending_jobs_for_rule("):
        assert name in source, broke(f"the Slurm executor lost {name}")
    from snakemake_executor_plugin_slurm_jobstep import _decompress_array_task_call

    assert len(inspect.signature(_decompress_array_task_call).parameters) == 2, broke("array commands are packed anew")


def test_garbage_is_collected_again_when_the_plan_is_made() -> None:
    from foxhound.workflow import snakemake_internals as internals

    gc.disable()  # as rules/setup.smk
    try:
        internals.resume_gc()
        assert gc.isenabled() and gc.get_freeze_count() > 1000
    finally:
        gc.unfreeze()
        gc.enable()


def test_no_other_module_imports_snakemake() -> None:
    importing = {
        path.name
        for path in (ROOT / "scripts").rglob("*.py")
        if re.search(r"^\s*(?:from|import) snakemake", path.read_text(encoding="utf-8"), flags=re.M)
    }
    assert importing == {"snakemake_internals.py"}


def test_no_script_has_a_wildcard_in_its_path() -> None:
    rules = [file.read_text(encoding="utf-8") for file in ROOT.glob("rules/*.smk")]
    scripts = [line.strip() for text in rules for line in text.splitlines() if line.strip().startswith('"../scripts/')]
    assert len(scripts) > 20
    assert not [script for script in scripts if "{" in script]
