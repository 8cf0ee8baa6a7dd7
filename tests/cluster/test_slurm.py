"""The workflow on a real Slurm: where its jobs land, and what becomes of it when things are killed."""

import os
import re
import signal
import time
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from ..workflow.conftest import TINY
from .conftest import Job, OnCluster, predictions, run_locally
from .slurm import wait_until

GPU_RULES = {"embeddings", "lstm", "finetune", "attention", "final_training", "shard"}
LOCAL_RULES = {
    "source", "corpus", "column", "partition", "ensembles", "report", "search", "page", "model_card", "model", "predictions", "final_choice", "held_out",
}  # fmt: skip
FOLDS = [f"results/tiny/lstm/lstm-word2vec-classic-base/stratified-2/fold-0{n}/seed-1.parquet" for n in (1, 2)]


def check_where_jobs_ran(jobs: list[Job]) -> None:
    """GPU rules with a GPU in its partition, the others in the cluster's default one, light rules nowhere."""
    for job in jobs:
        expected = ("accelerated", "gres:gpu:1") if job.rule in GPU_RULES else ("cpus", "")
        assert (job.partition, job.gpus) == expected, job
        assert job.rule not in LOCAL_RULES, job


def finished(text: str) -> Counter[str]:
    """Jobs that a run's output says have finished, by rule."""
    return Counter(re.findall(r"^Finished jobid: \d+ \(Rule: (\w+)\)", text, flags=re.MULTILINE))


def test_a_killed_run_goes_on_where_it_was(on_cluster: OnCluster, tmp_path: Path) -> None:
    # One of the node's two processors is busy, so that one member of the array runs and the other waits.
    busy = on_cluster.cluster.ask(
        "sbatch", "--parsable", "--mem=1", "--output=/dev/null", "--wrap", "sleep 3600"
    ).strip()
    log = tmp_path / "killed.log"
    run = on_cluster.start(log, *TINY, "--", *FOLDS)
    wait_until("a member of the array runs", lambda: on_cluster.in_state("word2vec", "RUNNING"), 300)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    waits = on_cluster.in_state("word2vec", "PENDING")[0].id
    on_cluster.cluster.ask("scontrol", "hold", waits)
    assert finished(log.read_text()) == {"column": 2, "partition": 2, "cleaning": 1}
    wait_until("that one has finished", lambda: on_cluster.in_state("word2vec", "COMPLETED"))
    assert on_cluster.run("--unlock", *TINY).returncode == 0
    log = tmp_path / "again.log"
    run = on_cluster.start(log, *TINY, "--", *FOLDS)
    wait_until("the run has found the other", lambda: "Going on with 1 jobs of an earlier run" in log.read_text())
    on_cluster.cluster.ask("scontrol", "release", waits)
    on_cluster.cluster.ask("scancel", busy)
    assert run.wait(300) == 0, log.read_text()

    jobs = on_cluster.jobs()
    assert Counter(job.rule for job in jobs) == {"cleaning": 1, "word2vec": 2, "lstm": 2}  # nothing twice
    assert {job.state for job in jobs} == {"COMPLETED"}
    assert len({job.id.partition("_")[0] for job in jobs if job.rule == "word2vec"}) == 1  # an array
    check_where_jobs_ran(jobs)
    assert predictions(on_cluster) == predictions(run_locally(tmp_path / "local", *TINY, "--", *FOLDS))
    assert "Nothing to be done" in on_cluster.run("-n", *TINY, "--", *FOLDS).stdout
    # What finished while nobody watched has a record of what it was made with, too.
    (on_cluster.folder / "longer.yaml").write_text("word2vec: {epochs: 3}")
    assert on_cluster.planned(*TINY, "longer.yaml", "--", *FOLDS) == {"word2vec": 2, "lstm": 2}


@pytest.mark.cluster
def test_what_fails_is_tried_again(on_cluster: OnCluster, tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    run = on_cluster.start(log, *TINY)

    wait_until("an embedding job runs", lambda: on_cluster.in_state("embeddings", "RUNNING"), 300)
    on_cluster.cluster.stop_controller()
    time.sleep(5)
    on_cluster.cluster.start_controller()

    wait_until("a baseline runs", lambda: on_cluster.in_state("baselines", "RUNNING"), 600)
    time.sleep(3)
    cancelled = on_cluster.in_state("baselines", "RUNNING")[0]
    on_cluster.cluster.ask("scancel", cancelled.id)

    wait_until("an LSTM runs", lambda: on_cluster.in_state("lstm", "RUNNING"), 600)
    lost = on_cluster.in_state("lstm", "RUNNING")[0]
    on_cluster.cluster.kill_node("gpu-node")
    wait_until("Slurm has noticed", lambda: on_cluster.one(lost.id).restarts == 1)
    on_cluster.cluster.start_node("gpu-node")
    # Slurm waits two minutes before it starts a job again; we need not.
    on_cluster.cluster.ask("scontrol", "update", f"JobId={lost.id}", "StartTime=now")
    assert run.wait(900) == 0, log.read_text()

    jobs = on_cluster.jobs()
    check_where_jobs_ran(jobs)
    assert [job for job in jobs if job.state != "COMPLETED"] == [on_cluster.one(cancelled.id)]
    assert on_cluster.one(cancelled.id).state == "CANCELLED"
    assert Counter(job.rule for job in jobs) == {
        "cleaning": 1, "embeddings": 2, "word2vec": 2, "lstm": 4, "finetune": 1, "baselines": 8 + 1,
        "scores": 1, "comparisons": 1, "claims": 1, "leaks": 1, "curves": 1,
    }  # fmt: skip
    arrays = Counter(job.rule for job in jobs if job.id.endswith("_2"))
    assert arrays["baselines"] and arrays["lstm"] and arrays["word2vec"]
    # In an array, 1 MB more for what is in the command itself.
    assert sorted({job.memory for job in jobs if job.rule == "baselines"}) == ["2001M", "4000M"]
    assert predictions(on_cluster) == predictions(run_locally(tmp_path / "local", *TINY))

    # And answers in bulk.
    shards = on_cluster.folder / "comments"
    shards.mkdir()
    for number in range(3):
        texts = [f"Sentence {row} of file {number}." for row in range(50)]
        pd.DataFrame({"text": texts}).to_parquet(shards / f"{number}.parquet")
    asked = ("--config", "predict={input: comments, column: text}", "--", "results/tiny/predictions")
    assert on_cluster.done(*TINY, *asked) == {
        "held_out": 1, "final_training": 1, "final_calibration": 1, "shard": 3, "predictions": 1,
    }  # fmt: skip
    answers = [pd.read_parquet(path) for path in (on_cluster.folder / "results/tiny/predictions").glob("*.parquet")]
    assert [len(answer) for answer in answers] == [50, 50, 50]
    assert all(answer["p_hateful"].notna().all() for answer in answers)
    check_where_jobs_ran(on_cluster.jobs())


@pytest.mark.cluster
def test_the_demo_experiment_finishes(on_cluster: OnCluster, tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    demo = ("--configfile", "experiments/demo.yaml")
    assert on_cluster.start(log, *demo).wait(1800) == 0, log.read_text()
    check_where_jobs_ran(on_cluster.jobs())
    assert "Nothing to be done" in on_cluster.run("-n", *demo).stdout
    said = predictions(on_cluster, "demo")
    assert any("finetune-bert" in path for path in said)
    assert said == predictions(run_locally(tmp_path / "local", *demo), "demo")
