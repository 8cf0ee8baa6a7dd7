"""Put HateCheck's cases to the final model, and to TF-IDF + logistic regression trained on the same comments.

The final model decides at its threshold, the baseline at .5.
"""

import numpy as np
import pandas as pd
from foxhound.checks.hatecheck import read_cases, score_cases
from foxhound.corpus.columns import column_files, load_columns
from foxhound.evaluation.bootstrap import THRESHOLD
from foxhound.files import read_json
from foxhound.inference.saved_model import load_saved
from foxhound.models.baselines import run_baseline
from foxhound.names import TFIDF
from foxhound.tables import write_table
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance


def check(
    columns: dict[str, str], folder: str, choice: str, cases_file: str, output: str, sha256: str, seed: int
) -> None:
    """Write the table `hatecheck`; the cases are those with this checksum."""
    name = read_json(choice, ["model"])["model"]
    cases, comments = read_cases(cases_file, sha256), load_columns(columns)
    model = load_saved(folder)
    both = pd.concat([comments[["text", "label"]], cases[["text", "label"]]], ignore_index=True)
    train, scored = np.split(np.arange(len(both)), [len(comments)])
    baseline = run_baseline(TFIDF, both, train, scored, seed)
    decisions = {name: model.probabilities(cases["text"].tolist()) >= model.threshold}
    decisions.setdefault(TFIDF, baseline >= THRESHOLD)  # where it is not the final model itself
    metadata = provenance(seed=seed, threshold=model.threshold)
    write_table(score_cases(cases, decisions), output, "hatecheck", metadata)


if __name__ == "__main__":
    with start_job(snakemake) as job:
        check(column_files(job.input), job.input.model, job.input.choice, job.input.cases, job.output.hatecheck,
              **job.params)  # fmt: skip
