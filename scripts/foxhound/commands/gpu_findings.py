"""Find out, step by step, whether a GPU can be used."""

import logging
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from foxhound.features.embedding_store import TokenVectors
from foxhound.features.encoder import find_encoder, load_tokenizer
from foxhound.models.finetuning import FinetuneSettings, finetune
from foxhound.models.lstm_training import LSTMSettings, train_lstm

TOLERANCE = 0.03  # between probabilities of the CPU and of a GPU, whose products round otherwise
NEEDED = 4 << 30  # bytes of memory: the small encoder trains in half of it
COMMENTS = 16


@dataclass(frozen=True)
class Finding:
    """What was looked at and what was seen; where that is a problem, what to do (`remedy`)."""

    what: str
    seen: str
    remedy: str = ""


def build() -> Finding:
    """Say whether this PyTorch can use a GPU at all."""
    version = torch.__version__
    if torch.version.cuda:
        return Finding("PyTorch", f"{version}, built for CUDA {torch.version.cuda}")
    plain = version.partition("+")[0]
    return Finding(
        "PyTorch",
        f"{version} is a build for the CPU only",
        f"Install the one for CUDA: .venv/bin/pip install --force-reinstall torch=={plain} (PyPI's build for Linux on "
        "x86-64 uses CUDA; https://pytorch.org/get-started/locally lists the others). A new installation takes it with "
        "TORCH=default: make clean; make gpu-check TORCH=default.",
    )


def driver() -> Finding:
    """Say which driver there is, by the tool that comes with it."""
    command = ["nvidia-smi", "--query-gpu=driver_version,name", "--format=csv,noheader"]
    if shutil.which(command[0]) is None:
        return Finding(
            "Driver",
            "no nvidia-smi: this machine has no NVIDIA GPU, or no driver for it",
            "Run this where there is a GPU. In a container, hand it in (podman run --device nvidia.com/gpu=all, "
            "docker run --gpus all); on Slurm, ask for one (srun --gres=gpu:1 foxhound gpu-check); on a machine of "
            "your own, install NVIDIA's driver.",
        )
    nvidia_smi = subprocess.run(command, capture_output=True, text=True)
    if nvidia_smi.returncode:
        text = (nvidia_smi.stdout + nvidia_smi.stderr).strip().splitlines()
        return Finding(
            "Driver",
            f"nvidia-smi fails: {text[0] if text else f'exit code {nvidia_smi.returncode}'}",
            "The driver is not loaded or does not fit the kernel: reboot after an update, or install it again.",
        )
    return Finding("Driver", "; ".join(nvidia_smi.stdout.split("\n")).strip("; "))


def visible() -> Finding:
    """Say how many GPUs PyTorch sees."""
    count = torch.cuda.device_count() if torch.version.cuda else 0
    if count:
        return Finding("GPUs", f"{count} seen by PyTorch")
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    if given is not None:
        return Finding(
            "GPUs",
            f"PyTorch sees none; CUDA_VISIBLE_DEVICES is {given!r}",
            "Unset it (unset CUDA_VISIBLE_DEVICES), unless a scheduler set it: then ask that for a GPU.",
        )
    return Finding(
        "GPUs",
        "PyTorch sees none",
        "Mend what is wrong above. If nothing is, the driver is too old for this PyTorch's CUDA: update the driver, or "
        "install the PyTorch build for the CUDA version that nvidia-smi prints.",
    )


def describe_gpu(number: int) -> Iterator[Finding]:
    """Yield kind, memory and precision of one GPU."""
    properties = torch.cuda.get_device_properties(number)
    name = f"GPU {number}"
    yield Finding(name, f"{properties.name}, compute capability {properties.major}.{properties.minor}")
    free, total = torch.cuda.mem_get_info(number)
    memory = f"{free / 2**30:.1f} of {total / 2**30:.1f} GiB free"
    full = "Others compute there (nvidia-smi names them): wait, or use another GPU. A batch that does not fit "
    yield Finding(f"{name}, memory", memory, "" if free >= NEEDED else full + "is halved, down to one comment.")
    with torch.cuda.device(number):
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    yield Finding(f"{name}, bfloat16", "yes" if fast else "no: products are made in float32, which takes longer")


def small_training(device: torch.device, encoder: dict[str, Any]) -> dict[str, np.ndarray]:
    """Map each family to probabilities after one epoch of the experiment's own training, on made-up comments."""
    generator, labels = np.random.default_rng(0), np.arange(COMMENTS, dtype=np.int8) % 2
    train, scored = np.arange(COMMENTS // 2), np.arange(COMMENTS // 2, COMMENTS)
    words = ["they", "came", "back", "to", "our", "town", "vermin", "neighbours", "again"]
    texts = [" ".join(generator.choice(words, size)) for size in generator.integers(3, 30, COMMENTS)]
    location = find_encoder(encoder)
    tuning = FinetuneSettings("BertForSequenceClassification", batch_size=4, dropout=False)
    tokenizer = load_tokenizer(location, 32)
    tuned = finetune(location, tokenizer, texts, labels, train, scored, 1, 1e-5, tuning, 1, device)
    values = generator.normal(size=(COMMENTS * 8, 32)).astype(np.float32)
    vectors = TokenVectors(values, np.arange(COMMENTS + 1) * 8)
    lstm = LSTMSettings(hidden=16, attention=8, head=8, max_steps=8, batch_size=4)
    trained = train_lstm(vectors, labels, train, scored, 1, "bidirectional-attention", lstm, 1, device)
    return {"fine-tuning": tuned.predictions[1], "LSTM": trained.predictions[1]}


def training(device: torch.device, encoder: dict[str, Any]) -> Iterator[Finding]:
    """Yield whether a GPU trains as the CPU does, and twice the same."""
    on_cpu, first, second = (small_training(where, encoder) for where in (torch.device("cpu"), device, device))
    for family, probabilities in first.items():
        apart = float(np.abs(probabilities - on_cpu[family]).max())
        seen = f"probabilities differ from the CPU's by {apart:.4f} at most (allowed: {TOLERANCE})"
        wrong = "Do not use this GPU: it computes something else. Update the driver; have the GPU tested (dcgmi)."
        yield Finding(f"Training, {family}", seen, "" if apart <= TOLERANCE else wrong)  # NaN is wrong, too
        spread = float(np.abs(probabilities - second[family]).max())
        equal = "yes, bit for bit" if spread == 0 else f"no: two runs differ by {spread:.1e} at most, as GPUs may"
        yield Finding(f"Repeatable, {family}", equal)


def check(choose: Callable[[], torch.device], encoder: dict[str, Any]) -> Iterator[Finding]:
    """Yield everything that can be looked at; training is tried only where there is a GPU.

    Args:
        choose: returns the device that a job which asks for a GPU computes on.
        encoder: an entry of `encoders` in config.yaml.
    """
    yield build()
    yield driver()
    gpus = visible()
    yield gpus
    if gpus.remedy:
        return
    for number in range(torch.cuda.device_count()):
        yield from describe_gpu(number)
    try:
        yield from training(choose(), encoder)
    except RuntimeError as error:
        logging.debug("", exc_info=True)
        yield Finding(
            "Training",
            f"stops: {str(error).splitlines()[0]}",
            "`no kernel image` means that this PyTorch was not built for so old, or so new, a GPU: install the build "
            "that https://pytorch.org/get-started/locally names for it. Else update the driver.",
        )
