"""`foxhound`, as a user calls it."""

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from foxhound.commands.main import COMMANDS
from foxhound.version import own_version

ROOT = Path(__file__).parents[3]


def foxhound(*arguments: str, folder: Path = ROOT, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "scripts"), "COLUMNS": "120"}
    command = [sys.executable, *options, "-m", "foxhound.commands.main", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_the_overview_lists_every_command_with_a_line(arguments: tuple[str, ...]) -> None:
    shown = foxhound(*arguments)
    assert shown.returncode == 0
    lines = dict(re.findall(r"^  ([a-z-]+) +(\S.*)$", shown.stdout.partition("commands:")[2], flags=re.MULTILINE))
    assert {name: line for name, line in lines.items() if name != "foxhound"} == COMMANDS


def test_the_version_is_told() -> None:
    told = foxhound("--version")
    assert (told.returncode, told.stdout) == (0, f"foxhound {own_version()}\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_shows_its_options_and_examples_and_loads_nothing_heavy(name: str) -> None:
    shown = foxhound(name, "--help", options=("-X", "importtime"))
    assert shown.returncode == 0
    assert COMMANDS[name] in " ".join(shown.stdout.split())
    examples = shown.stdout.partition("examples:\n")[2].splitlines()
    assert any(line.strip().startswith(f"foxhound {name}") for line in examples)
    heavy = ["torch", "transformers", "pandas", "snakemake.api", "sklearn"]
    assert not [module for module in heavy if f" {module}\n" in shown.stderr]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_module(name: str) -> None:
    module = import_module(f"foxhound.commands.{name.replace('-', '_')}")
    assert callable(module.run) and module.__doc__


def test_a_command_that_is_not_there_is_named_with_the_nearest() -> None:
    refused = foxhound("pedict", "x")
    assert refused.returncode == 2
    assert "there is no command 'pedict'. Did you mean 'predict'? Commands: demo, report" in refused.stderr
    assert foxhound("--no-such-option").returncode == 2


@pytest.mark.parametrize("name", ["demo", "report", "why", "headline", "config-docs"])
def test_elsewhere_a_command_says_where_it_works(name: str, tmp_path: Path) -> None:
    refused = foxhound(name, folder=tmp_path)
    assert refused.returncode == 1
    assert (
        refused.stderr
        == f"Error: This foxhound belongs to {ROOT}, and works there. Run it in that folder:\n  cd {ROOT}\n"
    )
    assert not list(tmp_path.iterdir())


def test_times_says_what_to_do_where_nothing_ran(tmp_path: Path) -> None:
    refused = foxhound("times", str(tmp_path))
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: ") and "Traceback" not in refused.stderr


def test_what_the_reader_does_not_read_is_no_error() -> None:
    script = f"{sys.executable} -m foxhound.commands.main predict --help | true"
    piped = subprocess.run(
        ["bash", "-c", script], env=os.environ | {"PYTHONPATH": str(ROOT / "scripts")}, capture_output=True
    )
    assert (piped.returncode, piped.stderr) == (0, b"")
