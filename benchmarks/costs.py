"""What a million comments cost, from the rate measured here and the prices given: printed, and in results/costs.md.

Usage: python benchmarks/costs.py --core-hour PRICE [--gpu-hour PRICE]

On the CPU the processor time of one thread counts, whatever else runs on the machine; on a GPU, which a job has for
itself, the wall time. Both without the seconds that a job takes to start: on a million comments they do not show.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import material
import numpy as np
import torch
from foxhound.compute.device import choose_device, describe_device
from foxhound.features.encoder import load_encoder, place
from foxhound.features.encoding import encode
from foxhound.inference.batch_scoring import probabilities
from foxhound.markdown import table
from transformers import BertForSequenceClassification

MILLION = 1_000_000


def embedding(device: torch.device, texts: list[str]) -> Callable[[], int]:
    """Encodes every comment; how many there were."""
    model = place(load_encoder(material.encoder()), device, frozen=True)
    return lambda: sum(1 for _ in encode(model, material.tokenizer(), texts, None, -1, device))


def scoring(device: torch.device, texts: list[str]) -> Callable[[], int]:
    """Scores every comment; how many there were."""
    model = place(BertForSequenceClassification.from_pretrained(material.encoder()).eval(), device, frozen=True)
    return lambda: len(np.concatenate([*probabilities(model, material.tokenizer(), texts, device)]))


def rate(device: torch.device, work: Callable[[], int]) -> float:
    """Comments per second of a core, or of a GPU after a first run that loads its kernels."""
    if device.type == "cpu":
        start = time.process_time()
        return work() / (time.process_time() - start)
    work()
    torch.cuda.synchronize()
    start = time.perf_counter()
    done = work()
    torch.cuda.synchronize()
    return done / (time.perf_counter() - start)


def rows(device: torch.device, unit: str, price: float, times: int) -> list[list[str]]:
    """A row per kind of work: rate, hours and price of a million comments."""
    texts = material.texts() * times
    found = []
    for name, make in (("embedding", embedding), ("scoring", scoring)):
        speed = rate(device, make(device, texts))
        hours = MILLION / speed / 3600
        found.append(
            [name, describe_device(device), f"{speed:.0f}", f"{hours:.2f} {unit} hours", f"{hours * price:.2f}"]
        )
        print(found[-1], flush=True)
    return found


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--core-hour", type=float, required=True, metavar="PRICE", help="what an hour of a core costs")
    parser.add_argument("--gpu-hour", type=float, metavar="PRICE", help="what an hour of a GPU costs")
    prices = parser.parse_args()
    gpu = torch.cuda.is_available()
    if gpu and prices.gpu_hour is None:
        parser.error("there is a GPU here: what does an hour of it cost (--gpu-hour)?")
    body = rows(choose_device(gpu=False), "core", prices.core_hour, 1)
    if gpu:
        body += rows(choose_device(gpu=True), "GPU", prices.gpu_hour, 20)
    words = f"all-MiniLM-L6-v2; comments as Fox News has them, {material.lengths().mean():.0f} tokens on average"
    given = f"Prices given: {prices.core_hour} per core hour" + (f", {prices.gpu_hour} per GPU hour" if gpu else "")
    head = ("A million comments", "Device", "Comments per second", "Takes", "Costs")
    text = f"# Cost\n\n{words}. {given}.\n\n{table(head, body)}\n"
    target = material.ROOT / "results" / "costs.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
