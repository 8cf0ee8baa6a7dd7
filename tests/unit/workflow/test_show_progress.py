"""What a run says with and without VERBOSE=1, in the pinned Snakemake."""

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SNAKEFILE = """
import sys
sys.path.insert(0, {scripts!r})
from foxhound.workflow import snakemake_internals as internals

def plan(dag):
    jobs = internals.jobs_to_run(dag)
    return {{number: (rule, 1.0) for number, (rule, _) in jobs.items()}}, 60.0, f"{{len(jobs)}} jobs, about a minute"

internals.logger.warning("something to know")
internals.show_progress(workflow, plan, lambda: "THE ANSWER")

onsuccess:
    internals.end_progress("THE END")

onerror:
    internals.end_progress("RUN IT AGAIN")

rule all:
    input: "report.txt"

rule lstm:
    output: "lstm-{{seed}}.txt"
    log: "lstm-{{seed}}.log"
    script: "make.py"

rule report:
    input: expand("lstm-{{seed}}.txt", seed=[1, 2, 3])
    output: "report.txt"
    log: "report.log"
    script: "make.py"
"""
MAKE = """
from foxhound.errors import FoxhoundError
from foxhound.workflow.job import start_job
if __name__ == "__main__":
    with start_job(snakemake) as job:
        if {fails}:
            raise FoxhoundError("the label is missing")
        open(job.output[0], "w").close()
"""


class Toy:
    """A workflow of two stages, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "scripts").mkdir()
        # A copy: a job refuses a foxhound that does not lie beside its script.
        shutil.copytree(ROOT / "scripts/foxhound", folder / "scripts/foxhound", ignore=shutil.ignore_patterns("__pyc*"))
        text = SNAKEFILE.format(scripts=str(folder / "scripts")).replace('"make.py"', '"scripts/make.py"')
        (folder / "Snakefile").write_text(text)
        self.write()

    def write(self, fails: str = "False") -> None:
        """Write the script of both rules."""
        (self.folder / "scripts/make.py").write_text(MAKE.format(fails=fails))

    def environment(self) -> dict[str, str]:
        return os.environ | {"PYTHONPATH": str(self.folder / "scripts"), "VERBOSE": ""}

    def command(self, *options: str) -> list[str]:
        return [sys.executable, "-m", "snakemake", "--cores", "1", *options]

    def run(self, *options: str, code: int = 0, **variables: str) -> list[str]:
        """Run the workflow; return the lines that it prints."""
        environment = self.environment() | variables
        ran = subprocess.run(
            self.command(*options), cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120
        )
        assert ran.returncode == code, ran.stderr
        return (ran.stdout + ran.stderr).splitlines()  # a dry run is on the first


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    return Toy(tmp_path)


def after_the_warning(lines: list[str]) -> list[str]:
    return lines[lines.index("something to know") + 1 :]


def test_a_run_says_what_it_costs_a_line_per_stage_and_the_end(toy: Toy) -> None:
    said = after_the_warning(toy.run())
    assert [line.split("  ")[0] for line in said] == ["4 jobs, about a minute", "LSTMs", "report", "all", "THE END"]
    assert "4/4" in said[-2]
    [log] = (toy.folder / ".snakemake/log").iterdir()
    whole = log.read_text()
    assert "Finished jobid" in whole and "Job stats" in whole and "rule lstm:" in whole
    assert after_the_warning(toy.run())[-2:] == [
        "Nothing to be done (all requested files are present and up to date).",
        "THE ANSWER",
    ]


@pytest.mark.parametrize(("options", "variables"), [((), {"VERBOSE": "1"}), (("--printshellcmds",), {})])
def test_who_wants_to_see_everything_does(options: tuple[str, ...], variables: dict[str, str], toy: Toy) -> None:
    said = "\n".join(toy.run(*options, **variables))
    assert "rule lstm:" in said and "4 of 5 steps" in said and "s of processor" in said and "THE END" in said


def test_a_dry_run_counts_jobs_and_says_what_they_cost(toy: Toy) -> None:
    said = after_the_warning(toy.run("-n"))
    assert len(said) < 15
    assert ["lstm", "3"] in [line.split() for line in said]
    assert "4 jobs, about a minute" in said and "VERBOSE=1" in said[-1]
    assert not (toy.folder / "lstm-1.txt").exists()


def test_a_failure_shows_the_end_of_its_log_and_all_else_goes_on(toy: Toy) -> None:
    toy.write(fails="snakemake.output[0] == 'lstm-2.txt'")
    said = toy.run("--keep-going", code=1)
    text = "\n".join(said)
    assert "Failed: lstm, which makes lstm-2.txt" in text
    assert "Error: the label is missing" in text and "(the end of lstm-2.log)" in text
    assert text.count("the label is missing") == 1 and "CalledProcessError" not in text and "Traceback" not in text
    [stage] = [line for line in said if line.startswith("LSTMs")]
    assert "2/3" in stage and "1 failed" in stage
    assert "THE END" not in text and said[-2:] == ["WorkflowError:", "At least one job did not complete successfully."]
    assert said[-3] == "RUN IT AGAIN" and (toy.folder / "lstm-3.txt").exists()
    assert len(after_the_warning(said)) < 20


CHECKPOINT = """
checkpoint source:
    output: "list.txt"
    log: "source.log"
    script: "scripts/make.py"

def listed(wildcards):
    checkpoints.source.get()
    return [f"lstm-{seed}.txt" for seed in (1, 2, 3)]
"""


def test_jobs_that_a_checkpoint_adds_are_followed(toy: Toy) -> None:
    text = (toy.folder / "Snakefile").read_text()
    listed = text.replace('expand("lstm-{seed}.txt", seed=[1, 2, 3])', "listed")
    assert listed != text
    (toy.folder / "Snakefile").write_text(
        listed.replace("rule all:", CHECKPOINT + "\nrule all:").replace("rule source", "")
    )
    said = [line.split("  ")[0] for line in after_the_warning(toy.run("report.txt"))]
    assert [line for line in said if "jobs" in line] == ["2 jobs, about a minute", "4 jobs, about a minute"]
    assert said[-4:] == ["LSTMs", "report", "all", "THE END"]


def test_quiet_is_quieter_still(toy: Toy) -> None:
    assert toy.run("--quiet", "all") == []


def test_a_terminal_is_drawn_upon(toy: Toy) -> None:
    ours, theirs = pty.openpty()
    environment = toy.environment() | {"TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(toy.command(), cwd=toy.folder, env=environment, stderr=theirs, stdout=theirs) as run:
        os.close(theirs)
        said = b""
        while True:
            try:
                read = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            if not read:
                break
            said += read
    os.close(ours)
    assert run.returncode == 0
    assert b"\x1b[3F\x1b[J" in said and said.rstrip().endswith(b"THE END")
