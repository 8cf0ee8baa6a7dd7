"""Where tensors live, and how results stay equal from run to run."""

import ctypes
import logging
import os
import random
import sys

import numpy as np
import torch

log = logging.getLogger(__name__)


M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h


def keep_freed_memory() -> None:
    """Have glibc keep freed memory instead of handing it back and faulting it in again at every training step."""
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none
        if mallopt:
            mallopt(M_TRIM_THRESHOLD, 1 << 30)
            mallopt(M_MMAP_THRESHOLD, 1 << 25)


def choose_device(gpu: bool) -> torch.device:
    """CUDA where the rule asks for a GPU and one is there, else the CPU; threads as the rule sets them."""
    if gpu and torch.cuda.is_available():
        # Deterministic cuBLAS needs a fixed workspace, set before the first CUDA call.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True, warn_only=True)
        device = torch.device("cuda")
    else:
        keep_freed_memory()
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
        device = torch.device("cpu")
    log.info("device %s, %d threads", device, torch.get_num_threads())
    return device


def autocast(device: torch.device) -> torch.autocast:
    """bfloat16 for matrix products; everything else stays float32."""
    return torch.autocast(device.type, dtype=torch.bfloat16)


def set_seed(seed: int) -> None:
    """Seed Python, NumPy and PyTorch (all devices)."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
