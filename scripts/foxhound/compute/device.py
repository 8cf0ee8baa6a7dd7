"""Choose the device and the precision of a job, and keep its results equal from run to run."""

import ctypes
import logging
import os
import random
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from foxhound.compute.gpu_locks import claim_gpu

log = logging.getLogger(__name__)


M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h
NEEDS_FLOAT32 = "needs_float32"  # attribute of the modules of a model that does not run in bfloat16


def keep_freed_memory() -> None:
    """Have glibc keep freed memory instead of handing it back and faulting it in again at every training step.

    Large tensors come in pages of 2 MB where the system has any: one fault in place of 512.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none
        if mallopt:
            mallopt(M_TRIM_THRESHOLD, 1 << 30)
            mallopt(M_MMAP_THRESHOLD, 1 << 25)
        os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # PyTorch looks when it first makes a tensor


def choose_device(gpu: bool) -> torch.device:
    """Return a GPU of this job's own where the rule asks for one and the machine has one, else the CPU.

    Wait where other jobs of this machine have all GPUs. Threads are as the rule sets them.
    """
    if gpu and torch.cuda.is_available():
        # Deterministic cuBLAS needs a fixed workspace, set before the first CUDA call.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True, warn_only=True)
        gpus = [torch.cuda.get_device_properties(number) for number in range(torch.cuda.device_count())]
        number = claim_gpu(tuple(str(properties.uuid) for properties in gpus))
        torch.cuda.set_device(number)  # which makes it what "cuda" means from here on
        log.info("GPU %d of %d: %s", number + 1, len(gpus), gpus[number].name)
        device = torch.device("cuda")
    else:
        keep_freed_memory()
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
        device = torch.device("cpu")
    log.info("device %s, %d threads", describe_device(device), torch.get_num_threads())
    return device


def bfloat16_is_fast(cpu: Mapping[str, Any]) -> bool:
    """Say whether a processor multiplies bfloat16 faster than float32, by its `torch.cpu.get_capabilities`.

    Intel's AVX512-BF16 without AMX has half the rate of float32, AMD's has twice (benchmarks/README.md); where there is
    neither, products are emulated. By kind and not by a stopwatch: a job must come out the same whatever else runs.
    """
    intel = "Intel" in cpu.get("cpu_name", "")
    return bool(cpu.get("amx_bf16") or cpu.get("bf16") or (cpu.get("avx512_bf16") and not intel))


def require_float32(model: nn.Module, required: bool) -> None:
    """Have everything that computes with `model`, or with a part of it, use float32; or take that back."""
    for module in model.modules():
        if required:
            vars(module)[NEEDS_FLOAT32] = True
        else:
            vars(module).pop(NEEDS_FLOAT32, None)


def matrix_dtype(device: torch.device, model: nn.Module | None = None) -> torch.dtype:
    """Return the type that matrix products are computed in: bfloat16 where it is faster than float32, else float32.

    Args:
        model: what computes; float32 if any part of it needs that (`require_float32`).
    """
    if model is not None and any(NEEDS_FLOAT32 in vars(module) for module in model.modules()):
        return torch.float32
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        fast = bfloat16_is_fast(torch.cpu.get_capabilities())
    return torch.bfloat16 if fast else torch.float32


def describe_device(device: torch.device, model: nn.Module | None = None) -> str:
    """Describe the device and the precision of matrix products there, as results and logs carry them."""
    return f"{device}, {str(matrix_dtype(device, model)).removeprefix('torch.')}"


def autocast(device: torch.device, model: nn.Module | None = None) -> torch.autocast:
    """Make the context in which matrix products are computed in `matrix_dtype`; everything else stays float32."""
    dtype = matrix_dtype(device, model)
    return torch.autocast(device.type, dtype=dtype, enabled=dtype is not torch.float32)


def send(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Return the tensor on the device; to a GPU from pinned memory, so that nobody waits for the copy."""
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)


def set_seed(seed: int) -> None:
    """Seed Python, NumPy and PyTorch (all devices)."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
