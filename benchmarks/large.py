"""100,000 comments from the raw file to the page: what each stage takes, as results/large.md. About half an hour.

Fox News, repeated with a word of its own for each copy, with articles and users; a grid of every kind of model, small
enough to be over today. One job at a time; what it made is deleted.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import material
import yaml
from foxhound.markdown import table
from foxhound.workflow.job_costs import stage_times
from growth import repeated

COMMENTS = 100_000
RESULTS = "results/large"
LSTMS = ["lstm-bert-bidirectional-attention", "lstm-word2vec-minimal-bidirectional-attention"]
EXPERIMENT = {
    "pathvars": {"results": RESULTS},
    "protocols": {"stratified-2": {"folds": 2, "seed": 0}},
    "sweeps": {
        "large-lstm": {"models": LSTMS, "protocols": ["stratified-2"], "epochs": [1], "seeds": [1]},
        "large-finetune": {
            "models": ["finetune-bert"],
            "protocols": ["balanced-random-300"],
            "learning_rates": [1e-4],
            "epochs": [2],
            "seeds": [1],
        },
    },
    "run": ["large-lstm", "large-finetune"],
    "baselines": {
        "models": ["always-hateful", "tfidf-logistic", "pooled-logistic", "article-only", "user-only"],
        "protocols": [],
    },
}


def write_corpus(path: Path) -> None:
    """JSON Lines with the columns that config.yaml names."""
    source = material.comments()[["thread", "user", "label"]].to_dict("records")
    with open(path, "w", encoding="utf-8") as file:
        for number, text in enumerate(islice(repeated(COMMENTS // len(source) + 1), COMMENTS)):
            row = source[number % len(source)]
            user = f"{row['user']} {number // len(source) % 50}"
            written = {"text": text, "label": int(row["label"]), "title": row["thread"], "user": user}
            file.write(json.dumps(written) + "\n")


def main() -> None:
    """Run, print and write."""
    results = material.ROOT / RESULTS
    shutil.rmtree(results, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        corpus, overlay = Path(folder) / "corpus.jsonl", Path(folder) / "overlay.yaml"
        write_corpus(corpus)
        config = EXPERIMENT | {"corpus": {"path": str(corpus), "corrections": None}}
        overlay.write_text(yaml.safe_dump(config), encoding="utf-8")
        start = time.perf_counter()
        command = [sys.executable, "-m", "snakemake", "--cores", "1", "--configfile", str(overlay)]
        subprocess.run(command, cwd=material.ROOT, check=True)
        minutes = (time.perf_counter() - start) / 60
    stages = stage_times(results / "benchmarks")
    shutil.rmtree(results)  # 6 GB of vectors: the table and the store
    rows = [
        [str(rule), f"{row['jobs']:.0f}", f"{row['longest_s']:.0f}", f"{row['peak_mb']:.0f}", f"{row['asked_mb']:.0f}"]
        for rule, row in stages.iterrows()
    ]
    head = ("Stage", "Jobs", "Longest, s", "Peak memory, MB", "Asked for, MB")
    text = f"# {COMMENTS:,} comments\n\n{minutes:.0f} minutes on one core.\n\n{table(head, rows)}\n"
    (material.ROOT / "results" / "large.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
