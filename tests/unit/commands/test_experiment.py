import shutil
from pathlib import Path

import pytest
from foxhound.commands.experiment import read_experiment
from foxhound.errors import FoxhoundError
from foxhound.workflow.job import COST

ROOT = Path(__file__).parents[3]
OVERLAY = "pathvars: {results: results/mine}\ncorpus: {path: demo.json, corrections: null}\nrun: [finetune-folds]\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "config.yaml", tmp_path)
    shutil.copy(ROOT / "resources/demo-comments.json", tmp_path / "demo.json")
    (tmp_path / "mine.yaml").write_text(OVERLAY)
    return tmp_path


def test_an_experiment_is_read_with_its_overlay_and_its_corpus(folder: Path) -> None:
    experiment = read_experiment(["mine.yaml"])
    assert experiment.comments is not None and len(experiment.comments) == 562
    assert experiment.results == Path("results/mine")
    assert {run.family for run in experiment.workload().plan.runs} == {"finetune"}
    assert read_experiment([]).comments is None  # the corpus would have to be fetched


def test_its_own_jobs_tell_what_jobs_cost_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foxhound.commands.experiment.machine_speed", lambda scripts: None)
    experiment = read_experiment(["mine.yaml"])
    job = next(job for job in experiment.workload().jobs() if job.rule == "finetune")
    work = experiment.workload().work(job.rule, job.wildcards)
    before = experiment.costs().seconds(work)
    log = folder / "results/mine/logs" / f"{job.path}.log"
    log.parent.mkdir(parents=True)
    log.write_text(COST % (50 * before) + "\n")
    assert experiment.costs().seconds(work) > 5 * before


def test_a_mistake_names_its_file(folder: Path) -> None:
    (folder / "wrong.yaml").write_text("lstm: {training: {hiden: 3}}\n")
    with pytest.raises(FoxhoundError, match=r"wrong.yaml: lstm.training.hiden: unknown key"):
        read_experiment(["wrong.yaml"])
    (folder / "wrong.yaml").write_text("a: [")
    with pytest.raises(FoxhoundError, match=r"wrong.yaml: cannot be read"):
        read_experiment(["wrong.yaml"])
    with pytest.raises(FoxhoundError, match=r"lost.yaml: cannot be read"):
        read_experiment(["lost.yaml"])
