"""Measure how fast this machine trains and how fast it runs Python: `python -m foxhound.compute.speed` prints both.

Two fixed pieces of work, in seconds of processor time, the best of several: `matrix` (a transformer's feed-forward
block, there and back, in the precision that training uses) and `plain` (counting words in a dict, sorting, adding up).
"""

import json
import time
from collections.abc import Callable

import numpy as np
import torch

from foxhound.compute.device import autocast, keep_freed_memory

TOKENS, WIDTH, HIDDEN = 512, 384, 1536
TURNS = 5


def _best(work: Callable[[], object]) -> float:
    """Return the least processor time of several turns, in seconds."""
    work()  # the first one allocates and compiles
    times = []
    for _ in range(TURNS):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def _matrix() -> Callable[[], object]:
    torch.manual_seed(0)
    block = torch.nn.Sequential(torch.nn.Linear(WIDTH, HIDDEN), torch.nn.GELU(), torch.nn.Linear(HIDDEN, WIDTH))
    tokens = torch.randn(TOKENS, WIDTH)

    def work() -> None:
        for _ in range(20):
            with autocast(torch.device("cpu")):
                loss = block(tokens).sum()
            loss.backward()

    return work


def _plain() -> Callable[[], object]:
    rng = np.random.default_rng(0)
    words = [f"word{number}" for number in rng.integers(0, 5_000, 200_000)]
    numbers = rng.random((1_000, 400))

    def work() -> None:
        counts: dict[str, int] = {}
        for word in words:
            counts[word] = counts.get(word, 0) + 1
        sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        np.sort(numbers, axis=1).cumsum(axis=0).sum()

    return work


def measure() -> dict[str, float]:
    """Return the seconds of processor that each piece of work takes with one thread."""
    torch.set_num_threads(1)
    keep_freed_memory()
    return {"matrix": round(_best(_matrix()), 4), "plain": round(_best(_plain()), 4)}


if __name__ == "__main__":
    print(json.dumps(measure()))
