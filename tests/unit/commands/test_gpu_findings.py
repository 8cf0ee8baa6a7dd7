"""What `foxhound gpu-check` says. No GPU is needed: those here are described, and the training runs on the CPU."""

import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from foxhound.commands import gpu_findings
from tiny_models import save_model

ROOT = Path(__file__).parents[3]
CPU = torch.device("cpu")
EQUAL = {"fine-tuning": np.array([0.1, 0.2]), "LSTM": np.array([0.3, 0.4])}


@pytest.fixture
def no_gpu(monkeypatch) -> None:
    monkeypatch.setattr(torch.version, "cuda", None)
    monkeypatch.setattr(torch, "__version__", "2.13.0+cpu")
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.fixture
def one_gpu(monkeypatch) -> None:
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    about = SimpleNamespace(name="H100", major=9, minor=0)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda number: about)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda number: (70 << 30, 80 << 30))
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **options: True)
    monkeypatch.setattr(torch.cuda, "device", nullcontext)


def wrong(findings: list[gpu_findings.Finding]) -> list[str]:
    return [finding.what for finding in findings if finding.remedy]


def test_without_a_gpu_it_says_so_and_what_to_do_and_tries_nothing(no_gpu):
    findings = list(gpu_findings.check(lambda: pytest.fail("no GPU to choose"), {}))
    assert wrong(findings) == ["PyTorch", "Driver", "GPUs"]
    told = {finding.what: f"{finding.seen}. {finding.remedy}" for finding in findings}
    assert "2.13.0+cpu is a build for the CPU only" in told["PyTorch"]
    assert "pip install --force-reinstall torch==2.13.0 " in told["PyTorch"]
    assert "no nvidia-smi" in told["Driver"]


def test_the_command_ends_with_an_error_and_its_words_on_a_machine_without_a_gpu():
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    ran = subprocess.run(
        [sys.executable, "-m", "foxhound.commands.main", "gpu-check"],
        env=os.environ | {"PYTHONPATH": str(ROOT / "scripts")}, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 1
    assert "WRONG GPUs: PyTorch sees none" in ran.stdout
    assert "Traceback" not in ran.stderr


def test_hidden_gpus_are_not_blamed_on_the_driver(monkeypatch):
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert "unset CUDA_VISIBLE_DEVICES" in gpu_findings.visible().remedy


@pytest.mark.parametrize(
    ("script", "seen", "broken"),
    [
        ("echo '580.95, NVIDIA H100'", "580.95, NVIDIA H100", False),
        ("echo 'NVIDIA-SMI has failed' >&2; exit 9", "nvidia-smi fails: NVIDIA-SMI has failed", True),
        ("exit 9", "nvidia-smi fails: exit code 9", True),
    ],
)
def test_the_driver_is_asked(script, seen, broken, tmp_path, monkeypatch):
    (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = gpu_findings.driver()
    assert found.seen == seen
    assert bool(found.remedy) == broken


def test_a_gpu_that_computes_as_the_cpu_does_is_all_right(one_gpu, monkeypatch):
    monkeypatch.setattr(gpu_findings, "small_training", lambda device, encoder: EQUAL)
    findings = {finding.what: finding for finding in gpu_findings.check(lambda: CPU, {})}
    assert wrong([*findings.values()]) == ["Driver"]  # none here
    assert findings["GPU 0, memory"].seen == "70.0 of 80.0 GiB free"
    assert findings["Training, LSTM"].seen.startswith("probabilities differ from the CPU's by 0.0000 at most")
    assert findings["Repeatable, LSTM"].seen == "yes, bit for bit"


@pytest.mark.parametrize("value", [0.4 + 2 * gpu_findings.TOLERANCE, np.nan])
def test_a_gpu_that_computes_something_else_is_named(value, one_gpu, monkeypatch):
    results = iter([EQUAL, EQUAL | {"LSTM": np.array([0.3, value])}, EQUAL])
    monkeypatch.setattr(gpu_findings, "small_training", lambda device, encoder: next(results))
    findings = {finding.what: finding for finding in gpu_findings.training(CPU, {})}
    assert wrong([*findings.values()]) == ["Training, LSTM"]
    assert findings["Repeatable, LSTM"].seen.startswith("no: two runs differ by ")


def test_a_gpu_that_others_fill_is_named(one_gpu, monkeypatch):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda number: (1 << 30, 80 << 30))
    assert wrong(list(gpu_findings.describe_gpu(0))) == ["GPU 0, memory"]


def test_a_gpu_that_this_pytorch_was_not_built_for_is_an_answer(one_gpu, monkeypatch):
    def fail(device, encoder):
        raise RuntimeError("CUDA error: no kernel image is available for execution on the device\nmore")

    monkeypatch.setattr(gpu_findings, "small_training", fail)
    last = list(gpu_findings.check(lambda: CPU, {}))[-1]
    assert last.seen == "stops: CUDA error: no kernel image is available for execution on the device"
    assert "not built for so old" in last.remedy


def test_the_training_that_is_compared_is_the_experiments_own(tmp_path):
    found = gpu_findings.small_training(CPU, {"model": save_model(tmp_path)})
    again = gpu_findings.small_training(CPU, {"model": str(tmp_path)})
    for family in ("fine-tuning", "LSTM"):
        assert found[family].shape == (gpu_findings.COMMENTS // 2,)
        assert found[family].std() > 1e-3
        np.testing.assert_array_equal(found[family], again[family])
