"""Fetch pretrained word vectors: the pinned download. Runs only where there is no file at their path."""

from foxhound.corpus.download import obtain
from foxhound.workflow.job import start_job

REMEDY = 'leave out the models with `vectors: pretrained`: the claims about such vectors are then "not run".'

if __name__ == "__main__":
    with start_job(snakemake) as job:
        path = job.params["path"]
        obtain(path, {"path": path, **job.params["pin"]}, None, None, job.output.vectors, REMEDY)
