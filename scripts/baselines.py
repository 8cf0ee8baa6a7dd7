"""Run one baseline on every fold, or on one draw, of a protocol and write its predictions (epoch 0: it has none).

Reads labels and, as the baseline needs them, texts, articles, or token vectors, of which it takes the mean.
"""

from collections.abc import Sequence

import pandas as pd
from foxhound.corpus.columns import column_files, corpus_digests
from foxhound.corpus.partition import load_partition
from foxhound.features.embedding_store import load_means
from foxhound.models.baselines import run_baseline
from foxhound.models.predictions import predictions_frame
from foxhound.tables import read_metadata, write_table
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance


def run(
    columns: dict[str, str],
    partitions: Sequence[str],
    embeddings: str | None,
    output: str,
    baseline: str,
    seed: int,
) -> None:
    """Write the predictions of `baseline` on all `partitions`."""
    frames = []
    for path in partitions:
        partition = load_partition(columns, path)
        frame = partition.comments
        if embeddings:
            frame = frame.assign(pooled=list(load_means(embeddings, frame["id"].tolist())))
        probabilities = run_baseline(baseline, frame, partition.train, partition.scored, seed)
        frames.append(predictions_frame(partition, {0: probabilities}, baseline, seed, {"family": "baseline"}))
    corpus = (read_metadata(embeddings)["corpus"] if embeddings else {}) | corpus_digests(columns)
    made = provenance(device="cpu", seed=seed, corpus=corpus)
    write_table(pd.concat(frames, ignore_index=True), output, "predictions", made)


if __name__ == "__main__":
    with start_job(snakemake) as job:
        run(column_files(job.input), job.input.partitions, job.input.get("embeddings"), job.output.predictions,
            job.wildcards.baseline, **job.params)  # fmt: skip
