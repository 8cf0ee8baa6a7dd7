"""Test every pair of models on the comments that both were scored on.

Reads predictions of all models at their epochs of interest; writes comparisons.parquet (table `comparisons`): a row per
pair, protocol and part, each model at its last epoch (see foxhound/evaluation/comparisons.py).
"""

import logging
from collections.abc import Sequence

import pandas as pd
from foxhound.evaluation.comparisons import LEVEL, compare
from foxhound.evaluation.read_epochs import read_epochs
from foxhound.tables import read_metadata, write_table
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance


def compare_all(
    predictions: Sequence[str], comparisons: str, epochs: Sequence[Sequence[int]], draws: int, seed: int
) -> None:
    """Compare the models whose predictions are at these paths, and write the comparisons table."""
    frames = []
    for path, of_interest in zip(predictions, epochs, strict=True):
        frame = read_epochs(path, of_interest)
        # A file holds one model with one set of settings.
        learning_rate = frame["settings"].iloc[0]["learning_rate"]
        protocol = frame["fold_or_split"].str.partition("/")[0]
        frames.append(frame.drop(columns="settings").assign(learning_rate=learning_rate, protocol=protocol))
    corpus = {column: digest for path in predictions for column, digest in read_metadata(path)["corpus"].items()}
    table = compare(pd.concat(frames, ignore_index=True), draws, seed)
    write_table(table, comparisons, "comparisons", provenance(draws=draws, seed=seed, corpus=corpus))
    logging.info("%d pairs, %d differ", len(table), (table["p_adjusted"] <= LEVEL).sum())


if __name__ == "__main__":
    with start_job(snakemake) as job:
        compare_all(job.input.predictions, job.output.comparisons, **job.params)
