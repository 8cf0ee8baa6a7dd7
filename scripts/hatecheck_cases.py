"""Fetch HateCheck's cases: from their path, else the pinned download."""

from pathlib import Path

from foxhound.corpus.download import obtain
from foxhound.workflow.job import start_job

REMEDY = "leave HateCheck out: set `hatecheck: false` in config.yaml, under `checks`."

if __name__ == "__main__":
    with start_job(snakemake) as job:
        path = job.params["path"]
        obtain("HateCheck", job.params, None, path if Path(path).is_file() else None, job.output.cases, REMEDY)
