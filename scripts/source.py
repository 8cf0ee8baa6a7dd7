"""Fetch the raw corpus: the pinned download, else the fallback that the configuration allows.

Writes the raw bytes, and origin.json: where they came from, their SHA-256, and whether they are the fallback. Runs only
where there is no corpus at its `path`.
"""

from pathlib import Path

from foxhound.corpus.state import fetch_corpus
from foxhound.workflow.job import start_job

if __name__ == "__main__":
    with start_job(snakemake) as job:
        fetch_corpus(Path(job.output.raw).parent, **job.params)
