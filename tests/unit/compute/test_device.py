import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from foxhound.compute import device, gpu_locks
from foxhound.compute.device import (
    autocast,
    bfloat16_is_fast,
    choose_device,
    describe_device,
    matrix_dtype,
    require_float32,
    send,
)

CPU = torch.device("cpu")
HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")
# How a system fills large pages hangs on how full its memory is; that they are asked for does not: "hg" in smaps.
FLAGS = """
import re, torch
from foxhound.compute.device import choose_device
choose_device(gpu=False)
tensor = torch.ones(50_000_000)
middle = tensor.data_ptr() + 100_000_000
for mapping in re.split("(?m)^(?=[0-9a-f]+-[0-9a-f]+ )", open("/proc/self/smaps").read())[1:]:
    start, end = (int(address, 16) for address in mapping.split(" ", 1)[0].split("-"))
    if start <= middle < end:
        print(re.search("(?m)^VmFlags:(.*)", mapping)[1])
"""


@pytest.mark.parametrize(
    ("cpu", "fast"),
    [
        ({"cpu_name": "AMD EPYC 9R14", "avx512_bf16": True}, True),
        ({"cpu_name": "Intel Xeon", "avx512_bf16": True, "amx_bf16": True}, True),
        ({"cpu_name": "Intel Xeon", "avx512_bf16": True, "amx_bf16": False}, False),  # half the rate of float32
        ({"cpu_name": "Intel Core i7-8550U", "avx2": True}, False),
        ({"architecture": "aarch64", "bf16": True}, True),
        ({"architecture": "aarch64", "neon": True}, False),
        ({}, False),
    ],
)
def test_bfloat16_is_used_where_it_is_faster_than_float32(cpu, fast):
    assert bfloat16_is_fast(cpu) == fast


@pytest.mark.parametrize(("fast", "dtype"), [(True, torch.bfloat16), (False, torch.float32)])
def test_products_are_computed_in_what_is_fast_and_the_result_says_so(fast, dtype, monkeypatch):
    monkeypatch.setattr(device, "bfloat16_is_fast", lambda cpu: fast)
    layer = torch.nn.Linear(4, 2)
    with autocast(CPU):
        assert layer(torch.ones(1, 4)).dtype == dtype
    assert describe_device(CPU) == f"cpu, {str(dtype).removeprefix('torch.')}"


@pytest.mark.parametrize("precision", ["bfloat16"], indirect=True)
def test_what_needs_float32_has_it_by_itself_in_a_larger_model_and_in_part_until_it_is_taken_back(precision):
    layer, other = torch.nn.Sequential(torch.nn.Linear(4, 2)), torch.nn.Linear(4, 2)
    whole = torch.nn.Sequential(layer, other)
    require_float32(layer, True)
    for model, dtype in (
        (layer, torch.float32),
        (layer[0], torch.float32),
        (whole, torch.float32),
        (other, torch.bfloat16),
    ):
        assert matrix_dtype(CPU, model) == dtype
        with autocast(CPU, model):
            assert other(torch.ones(1, 4)).dtype == dtype
    assert describe_device(CPU, whole) == "cpu, float32"
    require_float32(layer, False)
    assert describe_device(CPU, whole) == describe_device(CPU) == "cpu, bfloat16"


def test_a_job_computes_on_a_gpu_that_no_other_job_has(tmp_path, monkeypatch):
    properties = [SimpleNamespace(uuid=f"gpu-{number}", name="H100") for number in range(2)]
    chosen = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: len(properties))
    monkeypatch.setattr(torch.cuda, "get_device_properties", properties.__getitem__)
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **options: True)
    monkeypatch.setattr(torch, "use_deterministic_algorithms", lambda *how, **options: None)
    monkeypatch.setattr(gpu_locks.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", "")
    other = gpu_locks._open("gpu-0")
    gpu_locks.fcntl.flock(other, gpu_locks.fcntl.LOCK_EX)
    assert choose_device(gpu=True) == torch.device("cuda")
    assert chosen == [1]
    os.close(other)
    assert choose_device(gpu=True) == torch.device("cuda")
    assert chosen == [1, 1]  # it keeps what it has
    gpu_locks.claim_gpu.cache_clear()


def test_a_gpu_is_given_tensors_from_pinned_memory_and_nobody_waits(monkeypatch):
    transfers = []
    pinned = SimpleNamespace(to=lambda device, non_blocking: transfers.append((device.type, non_blocking)))
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda self: pinned)
    send(torch.zeros(2), torch.device("cuda"))
    assert transfers == [("cuda", True)]
    assert send(torch.ones(2), CPU).tolist() == [1, 1]
    assert len(transfers) == 1


@pytest.mark.skipif(not HUGE_PAGES.is_file(), reason="needs a system with pages of 2 MB")
def test_a_large_tensor_is_asked_for_in_large_pages():
    ended = subprocess.run([sys.executable, "-c", FLAGS], capture_output=True, text=True, check=True)
    assert "hg" in ended.stdout.split(), ended
