"""Gather the answers to all shards in one folder, under the names of the files that were scored."""

from foxhound.inference.shards import gather_answers
from foxhound.workflow.job import start_job

if __name__ == "__main__":
    with start_job(snakemake) as job:
        answers = dict(zip(job.params["shards"], job.input, strict=True))
        gather_answers(answers, job.output.folder, job.params["scored"])
