"""Fetch HateCheck's cases: from their path, else the pinned download."""

from foxhound.hatecheck import obtain_cases
from foxhound.job import start_job

if __name__ == "__main__":
    with start_job(snakemake) as job:
        obtain_cases(job.output.cases, **job.params)
