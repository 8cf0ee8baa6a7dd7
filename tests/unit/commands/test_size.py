import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the demo corpus in the place of the one that would be downloaded."""
    for part in ("scripts", "schemas", "resources", "experiments"):
        shutil.copytree(
            ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", "fox-news*", "private")
        )
    shutil.copy(ROOT / "config.yaml", tmp_path)
    (tmp_path / "mine.yaml").write_text(
        "pathvars: {results: results/mine}\ncorpus: {path: resources/demo-comments.json, corrections: null}\n"
    )
    return tmp_path


def size(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(checkout / "scripts")}
    command = [sys.executable, "-m", "foxhound.commands.main", "size", *arguments]
    return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, timeout=120)


def test_a_budget_becomes_an_overlay(checkout: Path) -> None:
    said = size(checkout, "--minutes", "20", "--cores", "2", "--configfile", "mine.yaml")
    assert said.returncode == 0, said.stderr
    target = checkout / "experiments/mine-sized.yaml"
    written = yaml.safe_load(target.read_text())
    assert written["run"][0] == "sized-final-model" and written["sweeps"].keys() == set(written["run"])
    assert "; the whole grid: about " in said.stdout.splitlines()[0]
    assert said.stdout.rstrip().endswith("foxhound report --configfile mine.yaml experiments/mine-sized.yaml")
    shorter = size(checkout, "--minutes", "5", "--cores", "2", "--configfile", "mine.yaml")
    assert shorter.returncode == 0, shorter.stderr
    assert len(yaml.safe_load(target.read_text())["run"]) < len(written["run"])


def test_a_corpus_that_has_yet_to_be_fetched_is_sized_too(checkout: Path) -> None:
    said = size(checkout, "--minutes", "60", "--cores", "2", "--output", "other.yaml")
    assert said.returncode == 0, said.stderr
    assert yaml.safe_load((checkout / "other.yaml").read_text())["final"]["protocol"] == "stratified-10"


def test_what_somebody_wrote_is_left_alone_and_too_little_time_is_an_error(checkout: Path) -> None:
    (checkout / "mine-own.yaml").write_text("run: []\n")
    refused = size(checkout, "--minutes", "20", "--configfile", "mine.yaml", "--output", "mine-own.yaml")
    assert refused.returncode == 1 and "was not written by `foxhound size`" in refused.stderr
    assert (checkout / "mine-own.yaml").read_text() == "run: []\n"
    refused = size(checkout, "--minutes", "0.1", "--configfile", "mine.yaml")
    assert refused.returncode == 1 and "Not even the first step fits" in refused.stderr
    assert not (checkout / "experiments/mine-sized.yaml").exists()
