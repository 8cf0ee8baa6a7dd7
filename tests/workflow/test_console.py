"""What a user sees of a run, without VERBOSE=1."""

import re
import subprocess
import sys
import time
from collections import Counter

import pytest
import yaml
from foxhound.commands.experiment import Experiment
from foxhound.experiment.configuration import load_config
from foxhound.workflow.progress import STAGES

from .conftest import TINY, Checkout

pytestmark = pytest.mark.slow
QUIET = {"VERBOSE": ""}


def quietly(checkout: Checkout, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a copy as a user does: both streams, in stdout."""
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "timeout": 300}
    return subprocess.run(command, cwd=checkout.folder, env=checkout.environment | QUIET, **both)


def snakemake(checkout: Checkout, *arguments: str) -> subprocess.CompletedProcess[str]:
    return quietly(checkout, sys.executable, "-m", "snakemake", "--cores", "2", *arguments)


def test_a_run_takes_a_line_per_stage_and_ends_with_its_answer(rerun: Checkout) -> None:
    (rerun.folder / "results/tiny/report.md").unlink()
    (rerun.folder / "results/tiny/scores.parquet").unlink()
    ran = snakemake(rerun, *TINY)
    assert ran.returncode == 0, ran.stdout
    *_, first, second = ran.stdout.splitlines()
    f1 = r"\.\d+ \[\.\d+, \.\d+\]"
    assert re.match(
        rf"Take [\w-]+: F1 {f1} on comments that it has not seen \(calling every comment hateful: {f1}\)", first
    )
    assert second == "The report: results/tiny/report.html"
    assert re.search(r"^\d+ jobs, under a minute on 2 cores$", ran.stdout, flags=re.M)
    stages = [line.split("  ")[0] for line in ran.stdout.splitlines() if line.startswith((*STAGES, "all "))]
    assert [*dict.fromkeys(stages)] == ["scores and tests", "report", "all"]  # on a busy machine several times
    assert "Finished jobid" not in ran.stdout and "Select jobs" not in ran.stdout


def test_nothing_to_be_done_is_said_with_the_answer(finished: tuple[Checkout, Counter[str]]) -> None:
    ran = snakemake(finished[0], *TINY)
    assert ran.returncode == 0
    assert "Nothing to be done" in ran.stdout and ran.stdout.rstrip().endswith("report.html")


def test_a_part_of_the_experiment_has_no_answer(rerun: Checkout) -> None:
    fold = "results/tiny/partitions/stratified-2/fold-01.parquet"
    (rerun.folder / fold).unlink()
    ran = snakemake(rerun, *TINY, "--", fold)
    assert ran.returncode == 0, ran.stdout
    assert "1 job, under a minute" in ran.stdout and "Take " not in ran.stdout and "report.html" not in ran.stdout


def test_a_failed_job_shows_its_last_lines_and_its_log(rerun: Checkout) -> None:
    (rerun.folder / "results/tiny/scores.parquet").unlink()
    damaged = next((rerun.folder / "results/tiny/baselines").rglob("*.parquet"))
    damaged.write_bytes(b"no table")
    ran = snakemake(rerun, *TINY, "--", "results/tiny/scores.parquet")
    assert ran.returncode == 1
    assert "Failed: scores, which makes results/tiny/scores.parquet" in ran.stdout
    assert "damaged or not a Parquet file" in ran.stdout and "(the end of results/tiny/logs/scores.log)" in ran.stdout
    assert "Run it again to go on. What Snakemake said: " in ran.stdout and ".snakemake/log/" in ran.stdout
    assert "Traceback" not in ran.stdout and len(ran.stdout.splitlines()) < 30


def test_warnings_stay_visible_and_lost_epochs_are_told(checkout: Checkout) -> None:
    planned = snakemake(checkout, "-n", *TINY)
    assert planned.returncode == 0, planned.stdout
    assert (
        "ensembles.ensemble falls away: it takes finetune-bert at epoch 2, and the sweeps look at epochs 1 only."
        in (planned.stdout)
    )


def test_a_dry_run_of_the_default_is_short(checkout: Checkout) -> None:
    snakemake(checkout, "-n")  # once, to measure the machine and read the modules
    begun = time.monotonic()
    planned = snakemake(checkout, "-n")
    assert planned.returncode == 0, planned.stdout
    assert len(planned.stdout.splitlines()) < 100
    assert re.search(r"^\d+ jobs, about .* on 2 cores", planned.stdout, flags=re.M)
    assert time.monotonic() - begun < 60


def test_the_jobs_that_are_estimated_are_those_that_are_planned(checkout: Checkout) -> None:
    planned = checkout.planned(*TINY)
    config = load_config(
        [checkout.folder / "config.yaml", checkout.folder / TINY[1]], checkout.folder / "schemas/config.yaml"
    )
    from foxhound.corpus.loading import load_comments

    comments = load_comments(str(checkout.folder / config["corpus"]["path"]), config["corpus"])
    estimated = Counter(job.rule for job in Experiment(config, comments).workload().jobs())
    assert dict(planned - estimated) == {"all": 1}
    assert estimated - planned == Counter()


def test_the_sized_demo_is_planned_without_a_loss(checkout: Checkout) -> None:
    made = quietly(
        checkout, sys.executable, "-m", "foxhound.commands.main", "size", "--minutes", "10",
        "--configfile", "tests/workflow/tiny.yaml",
    )  # fmt: skip
    assert made.returncode == 0, made.stdout
    sized = "experiments/tiny-sized.yaml"
    assert yaml.safe_load((checkout.folder / sized).read_text())["run"]
    planned = snakemake(checkout, "-n", *TINY, sized)
    assert planned.returncode == 0, planned.stdout
    assert "final model (`final`) falls away" not in planned.stdout
