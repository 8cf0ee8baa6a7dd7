"""Say whether memory stays flat while a kept model scores millions of short texts, and how fast that is.

The texts are two to four words of the demo corpus each, in a Parquet file that is made and removed again. They go the
way of the rule `shard`: read, scored and written a window at a time, here in one process on one thread. Its resident
memory after the last window may be 5 % more than after the tenth; else the exit status is 1. Linux only.
"""

import argparse
import os
import re
import resource
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from foxhound.compute.device import choose_device
from foxhound.corpus.texts import read_texts
from foxhound.inference.bulk_scoring import load_bulk
from foxhound.inference.shards import WINDOW, score_rows
from foxhound.tables import table_writer

ROOT = Path(__file__).parents[1]
EARLY = 10  # windows, after which all that is made once has been made
MOST = 1.05
PIECE = 1_000_000  # texts that are written at once


def write_short_texts(path: Path, count: int) -> None:
    """Write `count` texts into the column `text` of a Parquet file."""
    comments = read_texts(str(ROOT / "resources" / "demo-comments.json"), "text")
    words = np.array(sorted({word for comment in comments for word in re.findall(r"\w+", comment)}), object)
    generator = np.random.default_rng(0)
    with pq.ParquetWriter(path, pa.schema([("text", pa.string())])) as writer:
        for start in range(0, count, PIECE):
            rows = min(PIECE, count - start)
            drawn, lengths = words[generator.integers(0, len(words), (rows, 4))], generator.integers(2, 5, rows)
            texts = [" ".join(row[:length]) for row, length in zip(drawn, lengths, strict=True)]
            writer.write_table(pa.table({"text": texts}))


def resident() -> float:
    """Return the megabytes that this process has in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def score(model_folder: Path, texts: Path, answers: Path) -> list[float]:
    """Score the texts, and return the megabytes in memory after each window."""
    model, computed_on = load_bulk(model_folder, choose_device(gpu=False))
    print(f"{model_folder}: {computed_on}", flush=True)
    found = []
    with table_writer(answers, "answers", {}) as write:
        rows = score_rows(str(texts), "text", model.probabilities, model.threshold, model.finds_nothing)
        for frame in rows:
            write(frame)
            found.append(resident())
    return found


def main() -> None:
    """Measure, print, and fail where memory grows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--model", type=Path, default=ROOT / "results" / "demo" / "model", help="folder of a kept model"
    )
    parser.add_argument("--texts", type=int, default=10_000_000)
    arguments = parser.parse_args()
    if arguments.texts <= EARLY * WINDOW:
        parser.error(f"--texts has to be more than {EARLY * WINDOW:,}, which are {EARLY} windows")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as temporary:
        texts = Path(temporary) / "texts.parquet"
        with get_context("spawn").Pool(1) as pool:  # what making them leaves in memory would hide what scoring adds
            pool.apply(write_short_texts, (texts, arguments.texts))
        start = time.perf_counter()
        found = score(arguments.model, texts, Path(temporary) / "answers.parquet")
        seconds = time.perf_counter() - start
    early, last = found[EARLY - 1], found[-1]
    rate = arguments.texts / seconds
    print(f"{arguments.texts:,} texts in {seconds:.0f} s ({rate:,.0f} a second), {len(found):,} windows.")
    tenths = [found[len(found) * part // 10 - 1] for part in range(1, 11)]
    print(f"Megabytes in memory after each tenth of them: {', '.join(f'{one:.0f}' for one in tenths)}.")
    print(f"After window {EARLY}: {early:.0f}; after the last: {last:.0f} ({100 * (last / early - 1):+.1f} %).")
    if last > MOST * early:
        sys.exit(f"Memory grows: more than {100 * (MOST - 1):.0f} %.")


if __name__ == "__main__":
    main()
