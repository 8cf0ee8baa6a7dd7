"""Train an LSTM with attention on one fold, and test on the held-out comments whether its attention is faithful.

Reads labels, token vectors and the partition. The run is the one whose predictions the experiment scores.
"""

import logging
from typing import Any

from foxhound.checks.faithfulness import attention_falls, compare_with_random
from foxhound.compute.device import choose_device
from foxhound.corpus.columns import column_files, corpus_digests
from foxhound.corpus.partition import load_partition
from foxhound.features.embedding_store import load_vectors
from foxhound.models.lstm_training import LSTMSettings, train_lstm
from foxhound.tables import write_table
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance


def check(
    columns: dict[str, str],
    embeddings: str,
    partition: str,
    output: str,
    run: dict[str, Any],
    draws: int,
    seed: int,
    gpu: bool,
) -> None:
    """Write the table `explanations` of one LSTM's attention; `run` as `attention_run` gives it."""
    device = choose_device(gpu)
    members = load_partition(columns, partition)
    vectors = load_vectors(embeddings, members.comments["id"].tolist())
    settings = LSTMSettings.from_config(run["training"])
    trained = train_lstm(
        vectors, members.labels, members.train, members.scored, run["epochs"], run["architecture"], settings,
        run["seed"], device,
    )  # fmt: skip
    falls = attention_falls(trained.model, vectors, members.scored, settings, seed)
    table = compare_with_random(falls, draws, seed).assign(method=f"attention of {run['model']}")
    write_table(table, output, "explanations", provenance(seed=seed, draws=draws, corpus=corpus_digests(columns)))
    logging.info("\n%s", table.to_string())


if __name__ == "__main__":
    with start_job(snakemake) as job:
        check(column_files(job.input), job.input.embeddings, job.input.partition, job.output.attention,
              **job.params, gpu=job.gpu)  # fmt: skip
