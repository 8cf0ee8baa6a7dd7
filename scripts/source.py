"""Fetch the raw corpus: the pinned download, else the fallback the config allows.

Writes the raw bytes as they are, and origin.json: where they came from, their sha256, and whether a fallback stood in.
Runs only where the corpus is not at its `path`.
"""

from pathlib import Path

from foxhound.corpus.state import fetch_corpus
from foxhound.workflow.job import start_job

if __name__ == "__main__":
    with start_job(snakemake) as job:
        fetch_corpus(Path(job.output.raw).parent, **job.params)
