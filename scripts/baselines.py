"""Run one baseline on every partition of a protocol and write its predictions (epoch 0: it has none).

Reads texts, articles and labels; the pooled baselines also read token vectors, of which they take the mean.
"""

import numpy as np
import pandas as pd
from foxhound.baselines import run_baseline
from foxhound.embedding_store import load_vectors
from foxhound.job import start_job
from foxhound.predictions import load_partition, predictions_frame
from foxhound.provenance import provenance
from foxhound.tables import write_table


def run(
    comments: str, partitions: list[str], embeddings: str | None, output: str, baseline: str, seeds: list[int]
) -> None:
    """Write the predictions of `baseline` on all `partitions`, each with its seed."""
    frames = []
    for path, seed in zip(partitions, seeds, strict=True):
        partition = load_partition(comments, path, ["text", "thread"])
        frame = partition.comments
        if embeddings:
            vectors = load_vectors(embeddings, frame["id"].tolist())
            frame = frame.assign(pooled=[vectors[row].astype(np.float32).mean(axis=0) for row in range(len(frame))])
        probabilities = run_baseline(baseline, frame, partition.train, partition.scored, seed)
        frames.append(predictions_frame(partition, {0: probabilities}, baseline, seed, {"family": "baseline"}))
    write_table(pd.concat(frames, ignore_index=True), output, "predictions", provenance(device="cpu", seeds=seeds))


if __name__ == "__main__":
    with start_job(snakemake) as job:
        run(job.input.comments, job.input.partitions, job.input.get("embeddings"), job.output.predictions,
            job.wildcards.baseline, **job.params)  # fmt: skip
