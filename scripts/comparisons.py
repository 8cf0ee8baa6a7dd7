"""Test every pair of models on the comments that both were scored on.

Reads predictions of all models at their epochs of interest, who wrote each comment under which article, and from the
scores which models have collapsed; writes comparisons.parquet (table `comparisons`): a row per pair, protocol and part,
each model at its last epoch (see foxhound/evaluation/comparisons.py). What each protocol is, and so what its models are
compared by, comes from its definition in the configuration.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from foxhound.corpus.columns import column_files, corpus_digests, load_columns
from foxhound.evaluation.comparisons import collapsed_models, compare
from foxhound.evaluation.paired_tests import LEVEL
from foxhound.evaluation.read_epochs import read_epochs
from foxhound.tables import read_metadata, read_table, write_table
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance


def compare_all(
    predictions: Sequence[str],
    columns: Mapping[str, str],
    scores: str,
    comparisons: str,
    epochs: Sequence[Sequence[int]],
    protocols: Mapping[str, Mapping[str, Any]],
    draws: int,
    seed: int,
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
    collapsed = collapsed_models(read_table(scores, "scores"))
    comments = load_columns(columns)
    table = compare(pd.concat(frames, ignore_index=True), comments, protocols, collapsed, draws, seed)
    made = provenance(draws=draws, seed=seed, corpus=corpus | corpus_digests(columns))
    write_table(table, comparisons, "comparisons", made)
    logging.info("%d pairs, %d differ", len(table), (table["p_adjusted"] <= LEVEL).sum())


if __name__ == "__main__":
    with start_job(snakemake) as job:
        inputs, columns = job.input, column_files(job.input)
        compare_all(inputs.predictions, columns, inputs.scores, job.output.comparisons, **job.params)
