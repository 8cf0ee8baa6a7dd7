"""Time and peak memory of embedding and scoring at 1, 10 and 100 times Fox News, as results/growth.md.

Embedding runs as the workflow's own rule, on a corpus of the repeated comments, each with a word of its own so that
none is found in the store; scoring as `foxhound.inference.batch_scoring` in a fresh process.
"""

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import material
import pandas as pd
import yaml
from foxhound.inference.batch_scoring import probabilities
from foxhound.markdown import table

TIMES = (1, 10, 100)


def repeated(times: int) -> Iterator[str]:
    """Every comment `times` times, each time with another word at its end."""
    for number in range(times):
        yield from (f"{text} {number}" for text in material.texts())


def embedding(times: int) -> tuple[float, float]:
    """Seconds and peak memory in MB of the embeddings rule."""
    results = material.ROOT / "results" / "growth" / str(times)
    shutil.rmtree(results, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        corpus, overlay = Path(folder) / "corpus.jsonl", Path(folder) / "overlay.yaml"
        labels = material.labels().tolist() * times
        with open(corpus, "w", encoding="utf-8") as file:
            for text, label in zip(repeated(times), labels, strict=True):
                file.write(json.dumps({"text": text, "label": label}) + "\n")
        definition = {"path": str(corpus), "title": None, "group": None, "user": None}
        config = {"pathvars": {"results": str(results.relative_to(material.ROOT))}}
        config |= {"corpus": definition}
        overlay.write_text(yaml.safe_dump(config), encoding="utf-8")
        target = results.relative_to(material.ROOT) / "embeddings" / "minilm" / "none.parquet"
        command = [sys.executable, "-m", "snakemake", "--cores", "1", "--configfile", str(overlay), "--", str(target)]
        subprocess.run(command, cwd=material.ROOT, check=True)
    cost = pd.read_csv(results / "benchmarks" / "embeddings" / "minilm" / "none.tsv", sep="\t").iloc[0]
    shutil.rmtree(results)  # at 100 times the corpus, 8 GB of vectors: the table and the store
    return float(cost["s"]), float(cost["max_rss"])


def _score(times: int) -> tuple[float, float]:
    import ours

    material.start_worker(1)
    model, tokenizer = ours.classifier(), material.tokenizer()
    start, scored = time.perf_counter(), 0
    for window in probabilities(model, tokenizer, repeated(times), material.CPU):
        scored += len(window)
    assert scored == times * len(material.texts())
    return time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def scoring(times: int) -> tuple[float, float]:
    """Seconds and peak memory in MB of a fresh process that scores every comment, without its start."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_score, (times,))


def main() -> None:
    """Measure, print and write."""
    rows = []
    for times in TIMES:
        measured = [*embedding(times), *scoring(times)]
        rows.append([f"{times * len(material.texts()):,}", *(f"{value:.0f}" for value in measured)])
        print(rows[-1], flush=True)
    head = ("Comments", "Embedding, s", "Peak memory, MB", "Scoring, s", "Peak memory, MB")
    text = f"# Growth\n\nOne thread.\n\n{table(head, rows)}\n"
    (material.ROOT / "results" / "growth.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
