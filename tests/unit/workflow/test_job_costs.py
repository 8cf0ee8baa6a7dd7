"""Costs and requests, from benchmark files as Snakemake writes them."""

from pathlib import Path

import pytest
from foxhound.errors import FoxhoundError
from foxhound.workflow.job import COST
from foxhound.workflow.job_costs import model_times, spent_seconds, stage_times
from snakemake.benchmark import BenchmarkRecord, write_benchmark_records


def write(path: Path, seconds: float, memory: float | None, extended: bool = True, **resources: int) -> None:
    record = BenchmarkRecord(running_time=seconds, max_rss=memory, cpu_time=seconds / 2, input=[])
    record.wildcards, record.params, record.resources = {}, {"quoted": 'a "word\tand\nmore'}, resources
    record.data_collected = memory is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    write_benchmark_records([record], str(path), extended)


def test_each_rule_shows_what_its_jobs_used_beside_what_they_asked_for(tmp_path):
    write(tmp_path / "lstm" / "m" / "seed-1.tsv", 40, 500, mem_mb=2000, runtime=60, _cores=1, gpu=1)
    # A second attempt asks for more.
    write(tmp_path / "lstm" / "m" / "seed-2.tsv", 20, 2100, mem_mb=4000, runtime=60, _cores=1, gpu=1)
    write(tmp_path / "report.tsv", 3, None, mem_mb=1000, runtime=15, _cores=1)
    table = stage_times(tmp_path)
    assert table.index.tolist() == ["lstm", "report"]
    assert table.loc["lstm"].to_dict() == {
        **{"jobs": 2, "wall_s": 60, "cpu_s": 30, "longest_s": 40, "peak_mb": 2100, "cores": 0.5},
        **{"asked_s": 3600, "asked_mb": 4000, "asked_cores": 1, "asked_gpu": 1},
    }
    assert table.loc["report", ["peak_mb", "asked_gpu"]].isna().all()
    assert table.loc["report", "asked_mb"] == 1000


def test_runs_that_the_experiment_no_longer_has_cost_nothing(tmp_path):
    for name in (
        "lstm/m/folds/fold-01/seed-1",
        "lstm/gone/folds/fold-01/seed-1",
        "scores",
        "baselines/b/folds/folds-1",
    ):
        write(tmp_path / f"{name}.tsv", 10, 5)
    for fold in ("fold-01", "fold-02"):
        write(tmp_path / f"partitions/folds/{fold}.tsv", 1, 5)
        write(tmp_path / f"word2vec/classic/folds/{fold}/seed-1.tsv", 2, 5)
    planned = ["lstm/m/folds/fold-01/seed-1", "baselines/b/folds/folds-1", "partitions/folds/fold-01"]
    planned.append("word2vec/classic/folds/fold-01/seed-1")
    costs = stage_times(tmp_path, planned)
    assert costs["jobs"].to_dict() == {"lstm": 1, "scores": 1, "baselines": 1, "partitions": 1, "word2vec": 1}
    assert stage_times(tmp_path)["jobs"].sum() == 8
    models = model_times(tmp_path, [*planned, "lstm/m/folds/fold-02/seed-1"])
    assert models.to_dict() == {"runs": {"m": 1, "b": 1}, "cpu_s": {"m": 5, "b": 5}}
    write(tmp_path / "lstm/m/folds/fold-02/seed-1.tsv", 30, 5)
    models = model_times(tmp_path, [*planned, "lstm/m/folds/fold-02/seed-1"])
    assert models.loc["m"].to_dict() == {"runs": 2, "cpu_s": 20} and models.index[0] == "m"


def test_benchmarks_of_a_run_that_kept_no_requests_are_told_without(tmp_path):
    write(tmp_path / "lstm" / "seed-1.tsv", 40, 500, extended=False)
    write(tmp_path / "page.tsv", 3, 10, mem_mb=7)
    table = stage_times(tmp_path)
    assert table.loc["lstm", "peak_mb"] == 500
    assert table.loc["lstm", ["asked_s", "asked_mb", "asked_cores", "asked_gpu"]].isna().all()
    assert table.loc["page", "asked_mb"] == 7


def test_without_benchmarks_it_says_what_to_run(tmp_path):
    with pytest.raises(FoxhoundError, match="foxhound report"):
        stage_times(tmp_path)


def test_what_a_job_has_cost_is_read_from_the_end_of_its_log(tmp_path):
    (tmp_path / "lstm/m/p").mkdir(parents=True)
    (tmp_path / "lstm/m/p/seed-1.log").write_text("much\n" * 1000 + "2026 " + COST % 12.345 + "\n")
    (tmp_path / "scores.log").write_text("2026 " + COST % 1 + "\n")
    (tmp_path / "killed.log").write_text("2026 " + COST % 1 + "\nand started again\n")
    (tmp_path / "empty.log").touch()
    assert spent_seconds(tmp_path) == {"lstm/m/p/seed-1": 12.35, "scores": 1.0}
    assert spent_seconds(tmp_path / "lost") == {}
