import json
from pathlib import Path

import pytest
from foxhound.workflow import machine
from foxhound.workflow.machine import cores_here, kept_in, machine_speed, processor_name

SCRIPTS = Path(__file__).parents[3] / "scripts"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "foxhound" / "machines.json"


def test_a_machine_is_measured_once_and_the_answer_kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept_in() == cache
    speed = machine_speed(SCRIPTS)
    assert 0 < speed["plain"] < speed["matrix"] < 60
    [name] = json.loads(cache.read_text())
    assert processor_name() in name
    monkeypatch.setattr(machine, "MEASURE", ["-c", "raise SystemExit(1)"])
    assert machine_speed(SCRIPTS) == speed


@pytest.mark.parametrize("damaged", ["", "[]", '{"other": {"matrix": 1}}'])
def test_a_damaged_answer_is_measured_anew(damaged: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.parent.mkdir()
    cache.write_text(damaged)
    monkeypatch.setattr(machine, "MEASURE", ["-c", 'print(\'{"matrix": 2.0, "plain": 1.0}\')'])
    assert machine_speed(SCRIPTS) == {"matrix": 2.0, "plain": 1.0}
    assert {"matrix": 2.0, "plain": 1.0} in json.loads(cache.read_text()).values()


@pytest.mark.parametrize("broken", ["raise SystemExit(1)", "print('no number')"])
def test_what_cannot_be_measured_is_no_error(broken: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "MEASURE", ["-c", broken])
    assert machine_speed(SCRIPTS) is None and not cache.exists()


def test_an_answer_that_cannot_be_kept_is_given_all_the_same(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.parent.write_text("no folder")
    monkeypatch.setattr(machine, "MEASURE", ["-c", 'print(\'{"matrix": 2.0, "plain": 1.0}\')'])
    assert machine_speed(SCRIPTS) == {"matrix": 2.0, "plain": 1.0}


def test_there_is_a_core() -> None:
    assert cores_here() >= 1
