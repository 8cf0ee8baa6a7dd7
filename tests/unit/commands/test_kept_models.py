"""What `foxhound predict` says where there is no model to ask: the commands that it names exist."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from foxhound.commands.kept_models import missing_model, models_there

SCRIPTS = Path(__file__).parents[3] / "scripts"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with the shipped overlay of the demo, one of the user's own, and one that shares the default's results."""
    (tmp_path / "experiments").mkdir()
    overlays = {
        "config.yaml": "pathvars: {results: results, report: <results>}",
        "experiments/demo.yaml": "pathvars: {results: results/demo}",
        "experiments/my.yaml": "pathvars: {results: results/my}",
        "experiments/whole-grid.yaml": "pathvars: {report: <results>/whole-grid}",
        "experiments/broken.yaml": "pathvars: [",
    }
    for name, text in overlays.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(path: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text("{}")


def test_before_anything_was_run_the_demo_is_named_and_not_the_whole_experiment(checkout: Path) -> None:
    said = str(missing_model(None))
    assert said.startswith("Which model? There is none in results/model.\n")
    assert "  foxhound demo\n" in said and "foxhound new-corpus my.csv" in said
    assert "foxhound report" not in said


def test_the_models_that_are_there_are_named(checkout: Path) -> None:
    for path in ("results/demo/model", "results/my/model", "results/my/final/model", "results-old/x/model"):
        make(f"{path}/config.json")
    assert [str(path) for path in models_there()] == ["results/demo/model", "results/my/model", "results-old/x/model"]
    said = str(missing_model(None))
    assert (
        "  --model results/demo/model\n  --model results/my/model\n  --model results-old/x/model\n" in said
        and "foxhound report" not in said
    )


def test_an_experiment_that_was_run_is_named_with_the_command_that_makes_its_model(checkout: Path) -> None:
    make("results/my/scores.parquet")
    said = str(missing_model(None))
    assert "  foxhound report --configfile experiments/my.yaml -- results/my/model\n" in said
    assert "-- results/model" not in said  # of the published experiment, which nobody has run here
    make("results/scores.parquet")
    assert "  foxhound report -- results/model\n" in str(missing_model(None))
    make("results/my/model/config.json")
    assert "experiments/my.yaml" not in str(missing_model(None))


@pytest.mark.parametrize(
    ("folder", "command"),
    [
        ("results/demo/model", "foxhound demo"),
        ("results/my/model", "foxhound report --configfile experiments/my.yaml -- results/my/model"),
        (
            "results/whole-grid/model",
            "foxhound report --configfile experiments/whole-grid.yaml -- results/whole-grid/model",
        ),
        ("results/model", "foxhound report -- results/model"),
    ],
)
def test_a_folder_that_an_experiment_makes_is_named_with_its_command(folder: str, command: str, checkout: Path) -> None:
    said = str(missing_model(Path(folder)))
    assert said.startswith(f"{folder}: there is no such folder.\nIt is made with\n  {command}")


def test_a_folder_that_nothing_makes_is_no_reason_to_run_anything(checkout: Path) -> None:
    make("results/demo/model/config.json")
    said = str(missing_model(Path("results/dmeo/model")))
    assert said.startswith(
        "results/dmeo/model: there is no such folder.\nModels that are there:\n  --model results/demo/model"
    )


def test_the_command_says_so(checkout: Path) -> None:
    command = [sys.executable, "-m", "foxhound.commands.main", "predict", "a sentence"]
    environment = os.environ | {"PYTHONPATH": str(SCRIPTS)}
    asked = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert asked.returncode == 1 and asked.stderr.startswith("Error: Which model?") and "Traceback" not in asked.stderr
