import gc
from pathlib import Path
from types import SimpleNamespace

import pytest
import snakemake.common
import snakemake.jobs
import snakemake.rules
from foxhound.workflow.snakemake_patches import plan_faster, plan_made
from snakemake.dag import ScriptProcessor

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _restored(monkeypatch):
    for module in (snakemake.common, snakemake.jobs, snakemake.rules):
        monkeypatch.setattr(module, "get_function_params", module.get_function_params)
    monkeypatch.setattr(ScriptProcessor, "process_job", ScriptProcessor.process_job)
    enabled, threshold = gc.isenabled(), gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    (gc.enable if enabled else gc.disable)()


def test_a_script_is_looked_for_once_per_rule_until_it_is_found(monkeypatch):
    looked = []

    def look(self, job):
        looked.append(job.rule)
        if job.broken:
            raise FileNotFoundError

    monkeypatch.setattr(ScriptProcessor, "process_job", look)
    plan_faster()
    jobs = [SimpleNamespace(rule=rule, broken=rule == "c") for rule in "aabbab"]
    for job in jobs:
        ScriptProcessor.process_job(None, job)
    assert looked == ["a", "b"]
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            ScriptProcessor.process_job(None, SimpleNamespace(rule="c", broken=True))


def test_signatures_are_read_once_and_are_what_they_were(monkeypatch):
    before = snakemake.common.get_function_params
    read = []
    monkeypatch.setattr(snakemake.common, "get_function_params", lambda function: read.append(1) or before(function))
    plan_faster()
    for module in (snakemake.common, snakemake.jobs, snakemake.rules):
        assert list(module.get_function_params(look_here)) == ["wildcards", "attempt"]
    assert len(read) == 1


def look_here(wildcards, attempt):
    """Any function of a rule."""


def test_garbage_waits_until_the_plan_is_made():
    gc.enable()
    plan_faster()
    assert not gc.isenabled()
    plan_made()
    assert gc.isenabled()


def test_no_script_has_a_wildcard_in_its_path():
    rules = [file.read_text(encoding="utf-8") for file in ROOT.glob("rules/*.smk")]
    scripts = [line.strip() for text in rules for line in text.splitlines() if line.strip().startswith('"../scripts/')]
    assert len(scripts) > 20
    assert not [script for script in scripts if "{" in script]
