"""Every shipped configuration can be planned, and mistakes in one are found before anything runs."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from .conftest import ROOT, Checkout

OVERLAYS = sorted(path.name for path in (ROOT / "experiments").glob("*.yaml"))
LESSONS = sorted(path.name for path in (ROOT / "experiments/lessons").glob("*.yaml"))


def test_the_default_experiment_is_planned(checkout: Checkout) -> None:
    planned = checkout.run("-n", "results/report.md")
    assert planned.returncode == 0, planned.stdout
    for rule in (
        "source",
        "cleaning",
        "word2vec",
        "embeddings",
        "partition",
        "lstm",
        "finetune",
        "baselines",
    ):
        assert re.search(rf"(rule|checkpoint) {rule}:", planned.stdout)


def test_foxhound_report_hands_its_options_to_snakemake(checkout: Checkout) -> None:
    options = ("--configfile", "tests/workflow/tiny.yaml", "--cores", "2", "--dry-run")
    planned = checkout.foxhound(
        "report", *options, "--", "--quiet", "rules", "--", "results/tiny/partitions/stratified-2/fold-01.parquet"
    )
    assert planned.returncode == 0, planned.stdout
    assert "partition" in planned.stdout and "lstm" not in planned.stdout
    refused = checkout.foxhound("report", "--configfile", "lost.yaml", "--dry-run")
    assert refused.returncode != 0 and "lost.yaml" in refused.stdout


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_overlay_is_planned(overlay: str, checkout: Checkout) -> None:
    if overlay == "own-corpus.yaml":  # it names a file that the reader has yet to bring
        rows = "".join(f"comment {row},{row % 2}\n" for row in range(60))
        (checkout.folder / "resources/my-comments.csv").write_text("comment,is_hateful\n" + rows)
    planned = checkout.run("-n", "--configfile", f"experiments/{overlay}")
    assert planned.returncode == 0, planned.stdout
    assert "rule report:" in planned.stdout


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_lesson_is_planned(lesson: str, checkout: Checkout) -> None:
    planned = checkout.run("-n", "--configfile", "experiments/demo.yaml", f"experiments/lessons/{lesson}")
    assert planned.returncode == 0, planned.stdout
    assert f"results/demo/lessons/{lesson.removesuffix('.yaml')}/report.html" in planned.stdout
    assert "falls away" not in planned.stdout and "left out" not in planned.stdout


def test_the_slurm_profile_is_planned(
    checkout: Checkout, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path_factory.mktemp("tools")
    for tool, says in {"sinfo": "batch*|(null)\\nbig|gpu:4\\n", "scontrol": ""}.items():
        (tools / tool).write_text(f"#!/bin/sh\nprintf '{says}'\n")
        (tools / tool).chmod(0o755)
    monkeypatch.setenv("PATH", str(tools), prepend=":")
    planned = checkout.run("-n", "--profile", "profiles/slurm", "results/report.md")
    assert planned.returncode == 0, planned.stdout
    rules = dict(re.findall(r"^(?:local)?rule (\w+):\n(?:.+\n)*? +resources: (.*)", planned.stdout, flags=re.MULTILINE))
    assert {
        rule for rule, resources in rules.items() if "slurm_partition=big" in resources and "gpu=1" in resources
    } == {
        "embeddings",
        "lstm",
        "finetune",
    }
    assert not any("slurm_partition" in rules[rule] for rule in ("cleaning", "word2vec", "scores", "report"))


PODS = """
import json, sys
from pathlib import Path
from snakemake.api import SnakemakeApi
from snakemake.settings.types import ConfigSettings, DAGSettings, OutputSettings, RemoteExecutionSettings, ResourceSettings
with SnakemakeApi(OutputSettings(dryrun=True)) as api:
    workflow = api.workflow(
        resource_settings=ResourceSettings(cores=1),
        config_settings=ConfigSettings(configfiles=[Path("tests/workflow/tiny.yaml")]),
        snakefile=Path("Snakefile"),
    )
    workflow.dag(DAGSettings(targets={"results/tiny/cleaning/classic.parquet"})).execute_workflow(executor="dryrun")
    workflow._workflow.remote_execution_settings = RemoteExecutionSettings()
    print(json.dumps(workflow._workflow.spawned_job_args_factory.envvars()))
"""


def test_jobs_on_machines_of_their_own_are_told_the_code_that_the_run_was_planned_with(checkout: Checkout) -> None:
    said = checkout.call(sys.executable, "-c", PODS).stdout
    handed_over = json.loads(said.splitlines()[-1])
    planned = json.loads(handed_over["FOXHOUND_CODE_AT_START"])
    scripts = checkout.folder / "scripts"
    assert planned.keys() == {path.relative_to(scripts).as_posix() for path in scripts.rglob("*.py")}


@pytest.mark.parametrize(
    ("overlay", "expected"),
    [
        ("lstm: {training: {hiden: 3}}", ["overlay.yaml: lstm.training.hiden: unknown key", "Did you mean 'hidden'?"]),
        ("run: [lstm-brt]", ["overlay.yaml: run.0: undefined sweep 'lstm-brt'", "Did you mean 'lstm-bert'?"]),
        ("lstm: {training: {learning_rate: 0}}", ["overlay.yaml: lstm.training.learning_rate: "]),
        ("corpus: {txt: comment}", ["overlay.yaml: corpus.txt: unknown key. Did you mean 'text'?"]),
        (
            "corpus: {path: resources/demo-coments.json}",
            ["there is no such file", "Did you mean 'demo-comments.json'?"],
        ),
        ("corpus: {path: resources/demo-comments.json, user: author}", ["no column 'author'", "`corpus.user`"]),
    ],
)
def test_a_mistake_is_named_before_anything_runs(overlay: str, expected: list[str], checkout: Checkout) -> None:
    Path(checkout.folder / "overlay.yaml").write_text(overlay)
    refused = checkout.run("-n", "--configfile", "overlay.yaml")
    assert refused.returncode != 0
    for part in expected:
        assert part in refused.stdout
    assert "Traceback" not in refused.stdout
    assert not (checkout.folder / "results").exists()


SEEDS = int(os.environ.get("FOXHOUND_HASH_SEEDS", "2"))  # `make hash-seeds` takes 20
PARAMS = """
import json
from pathlib import Path
from foxhound.workflow.snakemake_internals import plan_jobs
jobs, _ = plan_jobs([], [Path("overlay.yaml")], ["mtime", "params", "input"])
print("PARAMS", json.dumps(sorted([job.rule, sorted(job.names.items())] for job in jobs)))
"""
LACKING = [("title",), ("group",), ("user",), ("title", "group", "user")]


def params(checkout: Checkout, seed: int) -> str:
    """Return the params of every job of a plan, under one order of Python's sets."""
    environment = checkout.environment | {"PYTHONHASHSEED": str(seed)}
    command = [sys.executable, "-c", PARAMS]
    planned = subprocess.run(command, cwd=checkout.folder, env=environment, capture_output=True, text=True, timeout=300)
    assert planned.returncode == 0, planned.stderr
    return next(line for line in planned.stdout.splitlines() if line.startswith("PARAMS "))


@pytest.mark.parametrize("lacking", LACKING, ids="-".join)
def test_a_plan_does_not_depend_on_the_order_of_sets(lacking: tuple[str, ...], checkout: Checkout) -> None:
    config = yaml.safe_load((checkout.folder / "tests/workflow/tiny.yaml").read_text())
    config["corpus"] |= dict.fromkeys(lacking)
    # What needs the columns is asked for: it is left out, and the report says so.
    config["baselines"] = {
        "models": ["always-hateful", "tfidf-logistic", "article-only", "user-only"],
        "protocols": ["users"],
    }
    config["protocols"]["users"] = {"folds": 2, "group": "user", "seed": 0}
    (checkout.folder / "overlay.yaml").write_text(yaml.safe_dump(config))
    assert len({params(checkout, seed) for seed in range(SEEDS)}) == 1


def test_no_rule_has_two_numbers_among_its_params(checkout: Checkout) -> None:
    # Snakemake compares params as a set: two numbers that change places would not be seen.
    shutil.copy(checkout.folder / "experiments/demo.yaml", checkout.folder / "overlay.yaml")
    jobs = json.loads(params(checkout, 0).removeprefix("PARAMS "))
    assert len({rule for rule, _ in jobs}) > 10
    for rule, named in jobs:
        numbers = {name for value, name in named if re.fullmatch(r"-?[\d.e-]+", value)}
        assert len(numbers) < 2, f"{rule}: {sorted(numbers)}. Put them into one mapping, `numbers`."


@pytest.mark.parametrize(
    "overlay", [name for name in OVERLAYS if name != "own-corpus.yaml"] if SEEDS > 2 else ["demo.yaml"]
)
def test_no_shipped_plan_depends_on_the_order_of_sets(overlay: str, checkout: Checkout) -> None:
    text = (checkout.folder / "experiments" / overlay).read_text() + "\ncorpus: {path: resources/demo-comments.json}\n"
    merged = yaml.safe_load(text)
    (checkout.folder / "overlay.yaml").write_text(yaml.safe_dump(merged))
    assert len({params(checkout, seed) for seed in range(SEEDS)}) == 1


def test_a_folder_without_configuration_is_named(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    for options in ([], ["--configfile", "experiments/demo.yaml"]):
        said = checkout.run("-n", "--directory", str(tmp_path / "elsewhere"), *options)
        assert said.returncode == 1
        assert f"{tmp_path}/elsewhere: there is no config.yaml here" in said.stdout


def test_a_target_that_configfile_swallowed_is_named(checkout: Checkout) -> None:
    source = checkout.folder / "results" / "demo" / "corpus" / "source.json"
    source.parent.mkdir(parents=True)
    source.write_text("{}")
    said = checkout.run("-n", "--configfile", "experiments/demo.yaml", "results/demo/corpus/source.json")
    assert said.returncode == 1 and "no configuration file. --configfile takes every name" in said.stdout
    for command in ("report", "why"):
        said = checkout.foxhound(command, "--configfile", "experiments/demo.yaml", "results/demo/model")
        assert said.returncode == 1 and "--configfile experiments/demo.yaml -- results/demo/model" in said.stdout


@pytest.mark.parametrize("target", ["results/demo/report.html", "results/demo/search.json", "all"])
def test_a_target_that_configfile_swallowed_is_named_before_it_is_made(checkout: Checkout, target: str) -> None:
    said = checkout.run("-n", "--configfile", "experiments/demo.yaml", target)
    assert said.returncode == 1 and "Traceback" not in said.stdout
    assert f"--configfile experiments/demo.yaml -- {target}" in said.stdout


def test_a_configuration_that_is_not_there_is_named(checkout: Checkout) -> None:
    said = checkout.run("-n", "--configfile", "experiments/dmo.yaml")
    assert said.returncode == 1 and "Error: experiments/dmo.yaml: there is no such configuration file." in said.stdout
    assert "Traceback" not in said.stdout


def test_any_of_several_label_columns_is_planned(checkout: Checkout) -> None:
    rows = "".join(f"text {row},{int(row % 3 == 0)},{int(row % 5 == 0)}\n" for row in range(90))
    (checkout.folder / "my.csv").write_text("text,toxic,threat\n" + rows)
    said = checkout.foxhound("new-corpus", "my.csv", "--label", "toxic", "--label", "threat")
    assert said.returncode == 0 and "90 comments, 42 of them hateful." in said.stdout
    assert checkout.planned("--configfile", "experiments/my.yaml")["corpus"] == 1
