"""Turn every comment into the list of words that word2vec reads. Reads ids and texts only."""

import logging

import pandas as pd
from foxhound.corpus.columns import column_files, corpus_digests, load_columns
from foxhound.features.cleaning import CLEANERS
from foxhound.tables import write_table
from foxhound.workflow.job import start_job


def clean(columns: dict[str, str], tokens: str, cleaning: str) -> None:
    """Write one row per comment: its id and its words (an empty list where nothing is left)."""
    frame = load_columns(columns)
    words = frame["text"].map(CLEANERS[cleaning])
    made = {"cleaning": cleaning, "corpus": corpus_digests(columns)}
    write_table(pd.DataFrame({"id": frame["id"], "tokens": words}), tokens, "tokens", made)
    counts = words.map(len)
    logging.info("%s: %.1f words a comment, %d comments left with none", cleaning, counts.mean(), (counts == 0).sum())


if __name__ == "__main__":
    with start_job(snakemake) as job:
        clean(column_files(job.input), job.output.tokens, job.wildcards.cleaning)
