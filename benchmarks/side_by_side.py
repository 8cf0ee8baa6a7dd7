"""Measure Foxhound against what users would otherwise run, one beside the other, and write results/benchmarks.md.

On N cores Foxhound runs as Snakemake runs it, N jobs at once with one thread each, and a job's time counts as an Nth;
the other side has the machine to itself, with N threads in one process. The two take turns, five times.
"""

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import limits
import lstm_share
import material
import numpy as np
import ours
import peers
import published_way
import quality
import torch
from foxhound.compute.device import describe_device
from foxhound.markdown import table
from tqdm import tqdm

TURNS = 5
SIDE_BY_SIDE = ", jobs side by side"
Measure = Callable[[int], dict[str, float]]


@dataclass
class Pair:
    """Two ways to do the same work. `operations`: what it needs at the least, of one job."""

    work: str
    against: str
    ours: Measure
    theirs: Measure
    at_least: float
    operations: float | None = None
    warm: bool = True
    measured: dict[str, list[dict[str, float]]] = field(default_factory=lambda: {"ours": [], "theirs": []})

    def median(self, side: str, what: str = "seconds") -> float:
        return statistics.median(turn[what] for turn in self.measured[side])

    def ratios(self) -> list[float]:
        pairs = zip(self.measured["ours"], self.measured["theirs"], strict=True)
        return [theirs["seconds"] / mine["seconds"] for mine, theirs in pairs]


class Side:
    """Processes that stay alive between measurements, so that imports and loading are not measured."""

    def __init__(self, processes: int, threads: int) -> None:
        self.processes = processes
        self.pool = ProcessPoolExecutor(
            processes, mp_context=get_context("spawn"), initializer=material.start_worker, initargs=(threads,)
        )

    def run(self, work: Callable, *arguments: object) -> list:
        """What `work` returns in every process, all at once."""
        return [future.result() for future in [self.pool.submit(work, *arguments) for _ in range(self.processes)]]

    def measure(self, work: Measure, turn: int) -> dict[str, float]:
        found = self.run(work, turn)
        return found[0] | {"seconds": max(one["seconds"] for one in found) / self.processes}


def pairs() -> list[Pair]:
    """The table's rows."""
    lengths, fold, draw = material.lengths(), material.fold(), material.draw(1)
    settings = material.config()["lstm"]["training"]
    sizes = settings["hidden"], settings["attention"]
    encoding = limits.encoder_operations(lengths)
    lstm = limits.lstm_training_operations(lengths[fold.train], *sizes) + limits.lstm_operations(
        lengths[fold.scored], *sizes
    )
    tuning = 3 * limits.encoder_operations(lengths[draw.train]) + limits.encoder_operations(lengths[draw.scored])
    return [
        Pair("token embeddings of all comments, written to Parquet", "sentence-transformers", ours.embeddings,
             peers.embeddings, 3, encoding),
        Pair("one LSTM fold-epoch, bidirectional with attention",
             "the published loop: padded to 512 tokens, two batches scaled up", ours.lstm_epoch,
             peers.lstm_epoch_notes, 8, lstm),
        Pair("the same", "plain PyTorch, packed batches", ours.lstm_epoch, peers.lstm_epoch_packed, 2, lstm),
        Pair("one fine-tuning epoch, 700 comments", "transformers' Trainer, its defaults", ours.finetune_epochs,
             peers.finetune_epochs, 3, tuning, warm=False),
        Pair("probabilities of all comments from a fine-tuned model", "transformers' pipeline, batches of 32",
             ours.bulk, peers.bulk, 5, encoding),
        Pair("5, 10, 15 and 30 LSTM epochs (an eighth of a fold)", "a run per setting, with our own code",
             ours.lstm_all_epochs, ours.lstm_each_epochs, 2),
    ]  # fmt: skip


def second_run() -> list[float]:
    """Seconds of a run with nothing to do; empty where there is something to do, which is not done."""
    command = [sys.executable, "-m", "snakemake", "--cores", "2"]
    found = []
    for options in (["-n"], *[[]] * TURNS):
        start = time.perf_counter()
        said = subprocess.run([*command, *options], cwd=material.ROOT, capture_output=True, text=True)
        if "Nothing to be done" not in said.stdout + said.stderr:
            return []
        found.append(time.perf_counter() - start)
    return found[1:]


def per_second(rows: list[Pair], cores: int) -> str:
    """Return the sentence on how many comments a core encodes and scores in a second."""
    rates = []
    for row in rows:
        if "all comments" in row.work:
            mine, theirs = (len(material.texts()) / row.median(side) / cores for side in ("ours", "theirs"))
            rates.append(f"{row.work}: {mine:.0f}, {row.against} {theirs:.0f}")
    return f"Comments a second and core. {'; '.join(rates)}."


def report(rows: list[Pair], rates: dict[str, float], why: str, half: str, cores: int) -> str:
    """The table, as Markdown."""
    body = []
    limit = max(rate for name, rate in rates.items() if name.endswith(SIDE_BY_SIDE))
    for row in rows:
        mine, theirs, ratios = row.median("ours"), row.median("theirs"), row.ratios()
        share = f"{100 * row.operations / mine / limit:.0f} %" if row.operations else "–"
        body.append(
            [row.work, row.against, f"{mine:.2f}", f"{theirs:.2f}",
             f"{statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})", f"{row.at_least:g}", share]
        )  # fmt: skip
    head = (
        "Work", "Against", "Ours, s", "Theirs, s", "Times faster, median (range)", "Asked for", "Of the limit"
    )  # fmt: skip
    tuned = next(row for row in rows if row.work.startswith("one fine-tuning"))
    scores = {side: [turn["f1"] for turn in tuned.measured[side]] for side in ("ours", "theirs")}
    differences = np.subtract(scores["ours"], scores["theirs"])
    error = differences.std(ddof=1) / len(differences) ** 0.5
    parts = [
        "# Benchmarks",
        f"{cores} cores, Python {platform.python_version()}, PyTorch {torch.__version__}. Ours: {cores} jobs side by "
        f"side, one thread each, a job's time divided by {cores}. Theirs: one process, {cores} threads. Medians of "
        f"{TURNS} turns, taken alternately. The limit: the operations that the work needs without padding, at this "
        "machine's rate of matrix products in the faster precision, measured in the same run. Ours multiplies in "
        f"{describe_device(material.CPU).split()[-1]} here.",
        table(head, body),
        "Matrix products, 10⁹ operations per second:",
        table(("What", "Rate"), [[name, f"{rate / 1e9:.0f}"] for name, rate in rates.items()]),
        per_second(rows, cores),
        why,
        f"F1 after the fine-tuning epoch, seed by seed: ours {', '.join(f'{x:.3f}' for x in scores['ours'])}; "
        f"theirs {', '.join(f'{x:.3f}' for x in scores['theirs'])}; mean difference {differences.mean():+.3f}, "
        f"standard error {error:.3f}.",
        half,
        published_way.compared(rows, limit, cores),
    ]
    again = second_run()
    if again:
        parts.append(f"A second run with nothing changed: {statistics.median(again):.1f} s (asked for: under 4).")
    else:
        parts.append("A second run with nothing changed: not measured, no finished results (run `make report` first).")
    parts.append(f"GPU: {torch.cuda.get_device_name() if torch.cuda.is_available() else 'none at hand'}; not measured.")
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Measure, print and write."""
    material.comments()  # says what is missing before anything is measured
    cores = len(os.sched_getaffinity(0))
    sides = {"ours": Side(cores, 1), "theirs": Side(1, cores)}
    rates = {}
    for dtype in (torch.bfloat16, torch.float32):
        name = str(dtype).removeprefix("torch.")
        rates[name + SIDE_BY_SIDE] = sum(sides["ours"].run(limits.matrix_rate, dtype))
        rates[f"{name}, one process"] = sum(sides["theirs"].run(limits.matrix_rate, dtype))
    rows = pairs()
    for row in tqdm(rows, desc="pairs"):
        works = {"ours": row.ours, "theirs": row.theirs}
        if row.warm:
            for name, side in sides.items():
                side.run(works[name], 0)
        for turn in range(1, TURNS + 1):
            for name, side in sides.items():
                row.measured[name].append(side.measure(works[name], turn))
        tqdm.write(f"{row.work}, against {row.against}: {statistics.median(row.ratios()):.1f} times faster")
    half = sides["ours"].pool.submit(quality.compared).result()
    lstm = next(row for row in rows if row.ours is ours.lstm_epoch)
    why = sides["ours"].run(lstm_share.measured, lstm.operations)[0]
    text = report(rows, rates, why, half, cores)
    output = material.ROOT / "results" / "benchmarks.md"
    output.parent.mkdir(exist_ok=True)
    output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
