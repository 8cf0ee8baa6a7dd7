import json
from pathlib import Path

import pytest
from foxhound.workflow.records import LONG, Records

CODE = "{'lstm.py': '" + "ab" * LONG + "'}"


def record(results: str = "results", **changes: object) -> dict:
    made = {"rule": "lstm", "params": ["5", CODE], "input": [f"{results}/x.parquet", "resources/private/results/raw"]}
    return made | {"input_checksums": {f"{results}/x.parquet": "sha256:1"}, "endtime": 1.5} | changes


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Records:
    monkeypatch.chdir(tmp_path)
    return Records("results", "resources/private/results")


def again(name: str = "results") -> Records:
    return Records(name, f"resources/private/{name}")


def test_a_record_is_read_back_by_another_run(results: Records) -> None:
    assert results.find("results/a.parquet") is None
    results.add("results/a.parquet", record())
    results.add("results/b.parquet", record(params=["7", CODE]))
    results.add("results/a.parquet", record(params=["6"]))
    for known in (results, again()):
        assert known.find("results/a.parquet") == record(params=["6"])
        assert known.find("results/b.parquet") == record(params=["7", CODE])
    assert Path("results/records.jsonl").read_text().count("ab" * LONG) == 1  # long params stand there once


def test_records_go_with_results_that_are_renamed(results: Records) -> None:
    results.add("results/a.parquet", record())
    Path("results").rename("other")
    moved = again("other").find("other/a.parquet")
    assert moved == record("other", input=["other/x.parquet", "resources/private/other/raw"])
    assert again("other").find("results/a.parquet") is None


@pytest.mark.parametrize("tail", [b'{"result": "<results>/b', b"[1]\n", b"\xff\n", b'{"result": 3}\n', b"null\n\n",
                                  b'{"result": "x", "record": {"rule": "r", "params": [{"text": "lost"}], "input": [], "input_checksums": {}}}\n'])  # fmt: skip
def test_a_line_that_is_cut_short_or_damaged_tells_nothing(tail: bytes, results: Records) -> None:
    results.add("results/a.parquet", record())
    with open("results/records.jsonl", "ab") as file:
        file.write(tail)
    assert again().find("results/a.parquet") == record()
    assert again().find("x") is None


def test_what_follows_a_line_that_was_cut_short_is_known(results: Records) -> None:
    results.add("results/a.parquet", record())
    with open("results/records.jsonl", "ab") as file:
        file.write(b'{"result": "<results>/b')
    again().add("results/c.parquet", record(params=[]))
    assert again().find("results/c.parquet") == record(params=[])


def test_only_results_are_held(results: Records) -> None:
    assert results.holds("results/a.parquet")
    assert not results.holds("resultsx/a.parquet") and not results.holds("resources/private/results/raw")


def test_every_line_is_json(results: Records) -> None:
    results.add("results/a.parquet", record(params=None, input=None, input_checksums=None))
    assert [json.loads(line) for line in Path("results/records.jsonl").read_text().splitlines()]
    assert again().find("results/a.parquet") == record(params=[], input=[], input_checksums={})
