"""Ask the kept model, and the yardstick TF-IDF + logistic regression trained on the same comments, HateCheck's cases.

The kept model decides at its threshold, the yardstick at .5.
"""

import numpy as np
import pandas as pd
from foxhound.baselines import run_baseline
from foxhound.comments import column_files, load_columns
from foxhound.hatecheck import read_cases, score_cases
from foxhound.job import start_job
from foxhound.provenance import provenance
from foxhound.resampling import THRESHOLD
from foxhound.saved_model import load_saved
from foxhound.tables import write_table

YARDSTICK = "tfidf-logistic"


def check(columns: dict[str, str], folder: str, cases_file: str, output: str, name: str, draws: int, seed: int) -> None:
    """Write the table `hatecheck`."""
    cases, comments = read_cases(cases_file), load_columns(columns)
    model = load_saved(folder)
    both = pd.concat([comments[["text", "label"]], cases[["text", "label"]]], ignore_index=True)
    train, scored = np.split(np.arange(len(both)), [len(comments)])
    yardstick = run_baseline(YARDSTICK, both, train, scored, seed)
    called = {name: model.probabilities(cases["text"].tolist()) >= model.threshold, YARDSTICK: yardstick >= THRESHOLD}
    made = provenance(draws=draws, seed=seed, threshold=model.threshold)
    write_table(score_cases(cases, called, draws, seed), output, "hatecheck", made)


if __name__ == "__main__":
    with start_job(snakemake) as job:
        check(column_files(job.input), job.input.model, job.input.cases, job.output.hatecheck, **job.params)
