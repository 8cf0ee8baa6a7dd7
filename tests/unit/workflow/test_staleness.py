"""What is planned, and what runs, where results are deleted, made again, or stand behind a job that runs."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.forks import run_forked

ROOT = Path(__file__).parents[3]
SNAKEFILE = """
import sys
sys.path.insert(0, {scripts!r})
from foxhound.workflow import snakemake_internals as internals
from foxhound.workflow.records import Records

internals.keep_records(Records("results", "private"))
internals.rerun_only_what_is_stale()
LAST = config["last"]
outside = open("outside").read()

rule all:
    input: "results/end"

rule first:
    output: "results/first"
    params: config["first"]
    shell: "echo {{params}} > {{output}}"

rule vectors:  # not only from what it declares, as on another machine
    input: "results/first"
    output: "results/vectors"
    params: config["vectors"]
    shell: "cat results/first outside > {{output}}"

rule train:
    input: "results/vectors"
    output: "results/train-{{number}}"
    params: config["train"]
    shell: "cat {{input}} > {{output}}; test -z '{{params}}' || test '{{params}}' != broken"

rule beside:
    input: ancient("results/first")
    output: "results/beside"
    params: config["beside"]
    shell: "echo {{params}} > {{output}}"

rule end:
    input: "results/beside", expand("results/train-{{number}}", number=range(LAST))
    output: "results/end"
    shell: "cat {{input}} > {{output}}"
"""
CONFIG = {"last": 2, "first": "a", "vectors": "a", "train": "a", "beside": "a"}


class Toy:
    """A workflow of a few shell commands, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "outside").write_text("here\n")
        (folder / "Snakefile").write_text(SNAKEFILE.format(scripts=str(ROOT / "scripts")))

    def run(self, fails: bool = False, target: str = "all", **changes: object) -> list[str]:
        """Run it with these changes of the configuration; the rules that ran, sorted."""
        config = " ".join(f"{name}={value}" for name, value in (CONFIG | changes).items()).split()
        options = ["--cores", "1", "--rerun-triggers", "mtime", "params", "input", "--config", *config, "--", target]
        paths = os.pathsep.join([str(ROOT / "scripts"), str(ROOT)])
        ran = run_forked("snakemake", (*options,), self.folder, os.environ | {"PYTHONPATH": paths, "VERBOSE": "1"})
        assert bool(ran.returncode) == fails, ran.stdout
        self.said = ran.stdout
        return sorted(re.findall(r"^Finished jobid: \d+ \(Rule: (\w+)\)", ran.stdout, flags=re.MULTILINE))

    def delete(self, *names: str) -> None:
        for name in names:
            (self.folder / "results" / name).unlink()

    @property
    def results(self) -> Mapping[str, str]:
        return {path.name: path.read_text() for path in (self.folder / "results").glob("[!r]*")}


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    toy = Toy(tmp_path)
    assert toy.run() == ["all", "beside", "end", "first", "train", "train", "vectors"]
    assert toy.run() == []
    return toy


def test_what_is_made_again_unchanged_redoes_nothing(toy: Toy) -> None:
    toy.delete("vectors")
    assert toy.run() == []  # nobody needs it
    assert toy.run(last=3) == ["all", "end", "train", "vectors"]
    toy.delete("vectors", "first")
    assert toy.run(last=4) == ["all", "end", "first", "train", "vectors"]
    assert toy.run(last=4) == []


def test_what_is_made_again_with_other_bytes_redoes_what_was_made_from_it(toy: Toy) -> None:
    toy.delete("vectors")
    (toy.folder / "outside").write_text("elsewhere\n")
    assert toy.run(last=3) == ["all", "end", "train", "train", "train", "vectors"]
    assert len({toy.results[f"train-{number}"] for number in range(3)}) == 1
    assert toy.run(last=3) == []


def test_a_rule_that_has_one_more_output_than_when_it_ran_is_stale(toy: Toy) -> None:
    snakefile = toy.folder / "Snakefile"
    old, new = 'output: "results/beside"', 'output: "results/beside", "results/more"'
    text = snakefile.read_text()
    assert old in text
    snakefile.write_text(text.replace(old, new).replace("echo {params} > {output}", "echo {params} | tee {output}"))
    assert toy.run() == ["all", "beside", "end"]
    assert "Missing output files: results/more\n" in toy.said  # which `why` calls not made yet
    assert toy.run() == []
    (toy.folder / "results/more").unlink()
    assert toy.run() == []  # nobody needs it


def test_a_deleted_file_that_would_be_another_now_is_stale(toy: Toy) -> None:
    toy.delete("vectors")
    assert toy.run(vectors="b") == ["all", "end", "train", "train", "vectors"]


def test_a_change_behind_a_job_that_runs_is_seen_though_the_edge_is_ancient(toy: Toy) -> None:
    assert toy.run(first="b") == ["all", "end", "first", "train", "train", "vectors"]
    assert toy.run(first="c", beside="b") == ["all", "beside", "end", "first", "train", "train", "vectors"]
    assert toy.run(first="c", beside="b") == []


def test_a_file_that_was_remade_and_lost_before_anyone_read_it_is_not_forgotten(toy: Toy) -> None:
    assert toy.run(target="results/vectors", first="b") == ["first", "vectors"]
    toy.delete("vectors")
    assert toy.run(first="b") == ["all", "end", "train", "train", "vectors"]


def test_a_job_that_failed_with_other_params_and_is_mended(toy: Toy) -> None:
    toy.run(train="broken", fails=True)
    assert toy.run(train="b") == ["all", "end", "train", "train"]


def test_without_snakemakes_memory_a_deleted_file_is_made_again_alone(toy: Toy) -> None:
    (toy.folder / ".snakemake").rename(toy.folder / "lost")
    toy.delete("vectors")
    assert toy.run(last=3) == ["all", "end", "train", "vectors"]


@pytest.mark.parametrize("damage", [b"\xff", b'{"starttime": "a"}', b"[]", b'{"rule": ', b""])
def test_a_damaged_record_is_passed_over(damage: bytes, toy: Toy) -> None:
    for path in (toy.folder / ".snakemake" / "metadata").rglob("*"):
        if path.is_file():
            path.write_bytes(damage)
    assert toy.run() == []  # what is among the results says the same
    (toy.folder / "results" / "records.jsonl").unlink()
    assert toy.run() == ["all", "beside", "end", "first", "train", "train", "vectors"]


SETTLING = """
import sys
sys.path.insert(0, {scripts!r})
from foxhound.workflow import snakemake_internals as internals

internals.rerun_only_what_is_stale()

rule all:
    input: "results/card", "results/trained"

rule scores:
    output: "results/scores"
    params: config["scores"]
    shell: "echo {{params}} > {{output}}"

rule final_choice:  # which of two is the better one
    input: "results/scores"
    output: "results/choice"
    params: config["choice"]
    shell: "sleep .3; cut -c 1 {{input}} > {{output}}"

rule training:
    input: "results/choice"
    output: "results/trained"
    shell: "sleep .3; cp {{input}} {{output}}"

rule card:
    input: "results/choice", "results/scores", "results/trained"
    output: "results/card"
    shell: "cat {{input}} > {{output}}"
"""


@pytest.fixture
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toy:
    """A model is chosen by scores, and trained."""
    monkeypatch.setitem(globals(), "SNAKEFILE", SETTLING)
    monkeypatch.setitem(globals(), "CONFIG", {"scores": "a1", "choice": "x"})
    toy = Toy(tmp_path)
    assert toy.run() == ["all", "card", "final_choice", "scores", "training"]
    assert toy.run() == []
    return toy


def test_a_choice_that_stays_the_same_trains_nothing(chosen: Toy) -> None:
    assert chosen.run(scores="a2") == ["all", "card", "final_choice", "scores"]
    assert chosen.results["card"] == "a\na2\na\n"
    assert chosen.run(scores="a2") == []
    assert chosen.run(scores="a2", choice="y") == ["all", "final_choice"]
    assert chosen.run(scores="a2", choice="y") == []


def test_another_choice_trains_in_the_same_run_before_anything_reads_both(chosen: Toy) -> None:
    assert chosen.run(scores="b1") == ["all", "card", "final_choice", "scores", "training"]
    assert chosen.results["card"] == "b\nb1\nb\n"
    assert chosen.run(scores="b1") == []
