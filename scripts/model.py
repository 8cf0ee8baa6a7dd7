"""Gather the final model for its users: the folder that answers, and its card."""

import shutil

from foxhound.files import explain_full_disk
from foxhound.inference.model_folder import copy_or_link
from foxhound.workflow.job import start_job

if __name__ == "__main__":
    with start_job(snakemake) as job, explain_full_disk(job.output.folder):
        # Snakemake's mark on a folder is no file of the model.
        ignored = shutil.ignore_patterns(".snakemake_timestamp")
        shutil.copytree(job.input.folder, job.output.folder, ignore=ignored, copy_function=copy_or_link)
        shutil.copyfile(job.input.card, f"{job.output.folder}/README.md")
