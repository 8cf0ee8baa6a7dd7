"""Write which comments train and which are scored in one fold or draw: a row per comment in it, with its part.

A fold is named fold-NN (from 01) and a draw draw-SEED. Every model of the workflow reads the same file.
"""

import logging
from typing import Any

from foxhound.corpus.columns import column_files, corpus_digests, load_columns
from foxhound.corpus.splits import draw_partition, fold_assignment, fold_partition
from foxhound.tables import write_table
from foxhound.workflow.job import start_job


def write_partition(columns: dict[str, str], output: str, name: str, definition: dict[str, Any]) -> None:
    """Write the partition `name` of the protocol that `definition` describes."""
    frame = load_columns(columns)
    kind, number = name.split("-")
    if kind == "fold":
        parts = fold_partition(frame, fold_assignment(frame, definition), int(number) - 1)
    else:
        parts = draw_partition(frame, definition, int(number))
    made = {"partition": name, "definition": definition, "corpus": corpus_digests(columns)}
    write_table(parts, output, "partition", made)
    logging.info("%s: %s", name, parts["part"].value_counts().to_dict())


if __name__ == "__main__":
    with start_job(snakemake) as job:
        write_partition(column_files(job.input), job.output.partition, job.wildcards.partition, **job.params)
