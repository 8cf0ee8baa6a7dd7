"""The conda environment of the rules holds the same pins as requirements.txt, less what only the checks need."""

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def test_the_conda_environment_has_the_same_pins() -> None:
    running, _ = (ROOT / "requirements.txt").read_text().split("# Checks.")
    pins = [line for line in running.splitlines() if line and not line.startswith("#")]
    environment = yaml.safe_load((ROOT / "envs" / "foxhound.yaml").read_text())
    assert environment["dependencies"][-1]["pip"] == pins
