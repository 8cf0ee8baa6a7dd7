"""List the near-duplicates that a split puts on both sides.

Reads texts and every partition; writes leaks.parquet (table `leaks`): a row per partition and pair of comments of which
one trains and the other is scored, with their similarity: 1 where the texts are equal once normalised, else the Jaccard
similarity of their words (see foxhound/evaluation/near_duplicates.py).
"""

import logging
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from foxhound.corpus.columns import corpus_digests, load_columns
from foxhound.evaluation.near_duplicates import duplicate_pairs, leaking_pairs
from foxhound.tables import read_table, write_table
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance


def write_leaks(text: str, partitions: Sequence[str], output: str) -> None:
    """Write the leaking pairs of the partitions at these paths, named `protocol/partition` after them."""
    comments = load_columns({"text": text})
    ids = comments["id"].tolist()
    duplicates = duplicate_pairs(comments["text"].tolist())
    named = [(ids[earlier], ids[later], similarity) for earlier, later, similarity in duplicates]
    pairs = pd.DataFrame(named, columns=["one", "other", "similarity"])
    tables = []
    for path in map(Path, partitions):
        parts = read_table(path, "partition").set_index("id")["part"]
        tables.append(leaking_pairs(pairs, parts).assign(protocol=path.parent.name, partition=path.stem))
    table = pd.concat(tables, ignore_index=True)
    write_table(table, output, "leaks", provenance(pairs=len(pairs), corpus=corpus_digests({"text": text})))
    logging.info("%d pairs of near-duplicates; splits separate them %d times", len(pairs), len(table))


if __name__ == "__main__":
    with start_job(snakemake) as job:
        write_leaks(job.input.text, job.input.partitions, job.output.leaks, **job.params)
