"""List the near-duplicates of the corpus, and those that a split puts on both sides.

Reads texts, labels and every partition; writes duplicates.parquet (table `duplicates`): a row per pair of comments,
with their labels and their similarity, 1 where the texts are equal once normalised, else the Jaccard similarity of
their words; and leaks.parquet (table `leaks`): a row per partition and pair of which one comment trains and the other
is scored (see foxhound/evaluation/near_duplicates.py).
"""

import logging
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from foxhound.corpus.columns import column_files, corpus_digests, load_columns
from foxhound.evaluation.near_duplicates import duplicate_pairs, leaking_pairs
from foxhound.tables import read_table, write_table
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance


def write_leaks(columns: dict[str, str], partitions: Sequence[str], leaks: str, duplicates: str) -> None:
    """Write the near-duplicates, and those that the partitions (named `protocol/partition` by their paths) separate."""
    comments = load_columns(columns)
    ids, labels = comments["id"].tolist(), comments["label"].tolist()
    found = [
        (ids[earlier], labels[earlier], ids[later], labels[later], similarity)
        for earlier, later, similarity in duplicate_pairs(comments["text"].tolist())
    ]
    pairs = pd.DataFrame(found, columns=["id", "label", "other_id", "other_label", "similarity"])
    made = provenance(pairs=len(pairs), corpus=corpus_digests(columns))
    write_table(pairs, duplicates, "duplicates", made)
    named = pairs.rename(columns={"id": "one", "other_id": "other"})[["one", "other", "similarity"]]
    tables = []
    for path in map(Path, partitions):
        parts = read_table(path, "partition").set_index("id")["part"]
        tables.append(leaking_pairs(named, parts).assign(protocol=path.parent.name, partition=path.stem))
    table = pd.concat(tables, ignore_index=True)
    write_table(table, leaks, "leaks", made)
    logging.info("%d pairs of near-duplicates; splits separate them %d times", len(pairs), len(table))


if __name__ == "__main__":
    with start_job(snakemake) as job:
        write_leaks(
            column_files(job.input), job.input.partitions, job.output.leaks, job.output.duplicates, **job.params
        )
