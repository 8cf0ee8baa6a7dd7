"""profiles/slurm finds out what a cluster has, and knows which rules want a GPU."""

import re
from pathlib import Path
from typing import Any

import pytest
import yte

ROOT = Path(__file__).parents[3]
PROFILE = ROOT / "profiles" / "slurm" / "config.yaml"
GPU_RULES = {"embeddings", "lstm", "finetune", "attention", "final_training", "shard"}


def read_profile(folder: Path, monkeypatch: pytest.MonkeyPatch, said: dict[str, str], **keys: str) -> dict[str, Any]:
    """The profile as Snakemake reads it where the commands of Slurm say this, with these keys filled in."""
    for command, text in said.items():
        (folder / command).write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n")
        (folder / command).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":" if said else None)
    text = PROFILE.read_text()
    for key, value in keys.items():
        text, found = re.subn(rf"^  {key}: null\b", f"  {key}: {value}", text, flags=re.MULTILINE)
        assert found == 1
    return yte.process_yaml(text, require_use_yte=True)


def test_it_names_the_rules_that_ask_for_a_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = "".join(path.read_text() for path in sorted((ROOT / "rules").glob("*.smk")))
    asking = {
        rule.split(":")[0] for rule in re.split(r"^(?:rule|checkpoint) ", rules, flags=re.MULTILINE) if "gpu=1" in rule
    }
    assert set(read_profile(tmp_path, monkeypatch, {})["set-resources"]) == asking == GPU_RULES


@pytest.mark.parametrize(
    ("sinfo", "partition"),
    [
        ("batch*|(null)\nvolta|gpu:v100:4\nampere|gpu:a100:8", "volta"),
        ("volta|gpu:v100:4(S:0-1)\neverything*|gpu:2", "everything"),
        ("batch*|(null)\nbatch*|gpu:1", "batch"),
    ],
)
def test_gpu_rules_go_where_gpus_are(
    sinfo: str, partition: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = read_profile(tmp_path, monkeypatch, {"sinfo": sinfo, "scontrol": ""})
    assert profile["set-resources"] == {rule: {"slurm_partition": partition} for rule in GPU_RULES}
    assert profile["default-resources"] == {}


def test_without_gpus_every_rule_runs_on_cpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = read_profile(tmp_path, monkeypatch, {"sinfo": "batch*|(null)\nbig|mps:100", "scontrol": ""})
    assert profile["set-resources"] == {rule: {"gpu": 0} for rule in GPU_RULES}


def test_what_is_filled_in_is_not_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {"account": "project-7", "partition": "small", "gpu_partition": "big", "gpu_model": "a100"}
    profile = read_profile(tmp_path, monkeypatch, {"sinfo": "batch*|gpu:1", "scontrol": ""}, **keys)
    assert profile["default-resources"] == {"slurm_account": "project-7", "slurm_partition": "small"}
    assert profile["set-resources"]["lstm"] == {"slurm_partition": "big", "gpu_model": "a100"}


@pytest.mark.parametrize(
    ("storage", "command"),
    [
        ("accounting_storage/none", "squeue"),
        ("(null)", "squeue"),  # since Slurm 23.11
        ("accounting_storage/slurmdbd", None),
    ],
)
def test_sacct_is_not_asked_where_it_knows_nothing(
    storage: str, command: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = f"AccountingStorageHost   = (null)\nAccountingStorageType   = {storage}\nAccountingStorageUser   = (null)"
    said = {"sinfo": "batch*|(null)", "scontrol": config}
    assert read_profile(tmp_path, monkeypatch, said).get("slurm-status-command") == command


def test_a_controller_that_does_not_answer_is_no_cluster_without_gpus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sinfo").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "sinfo").chmod(0o755)
    with pytest.raises(yte.exceptions.YteError, match="sinfo"):
        read_profile(tmp_path, monkeypatch, {"scontrol": ""})
