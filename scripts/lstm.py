"""Train one LSTM on one partition and write its predictions after every epoch.

Reads labels, the partition, and either token vectors (embedding `bert`) or cleaned words with their vectors
(embedding `word2vec-CLEANING`).
"""

from typing import Any

from foxhound.compute.device import choose_device
from foxhound.compute.model_costs import log_cost
from foxhound.corpus.columns import column_files, corpus_digests
from foxhound.corpus.partition import Partition, load_partition
from foxhound.features.embedding_store import TokenVectors, load_vectors
from foxhound.features.word2vec import look_up
from foxhound.models.lstm_training import LSTMSettings, train_lstm
from foxhound.models.predictions import predictions_frame
from foxhound.tables import read_metadata, read_table, write_table
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance


def load_sequences(partition: Partition, inputs: dict[str, str]) -> TokenVectors:
    """Read the vectors of the partition's comments, in its order, from whichever files the rule gives."""
    ids = partition.comments["id"].tolist()
    if "embeddings" in inputs:
        return load_vectors(inputs["embeddings"], ids)
    tokens = read_table(inputs["tokens"], "tokens").set_index("id")["tokens"]
    return look_up([list(tokens[comment]) for comment in ids], read_table(inputs["words"], "word_vectors"))


def train(
    inputs: dict[str, str],
    output: str,
    model: dict[str, Any],
    epochs: int,
    training: dict[str, Any],
    seed: int,
    gpu: bool,
) -> None:
    """Write the predictions of one LSTM on one partition."""
    columns = column_files(inputs)
    device = choose_device(gpu)
    partition = load_partition(columns, inputs["partition"])
    vectors = load_sequences(partition, inputs)
    trained = train_lstm(
        vectors, partition.labels, partition.train, partition.scored, epochs,
        model["settings"]["architecture"], LSTMSettings.from_config(training), seed, device,
    )  # fmt: skip
    log_cost(trained.seconds, trained.milliseconds, trained.weights)
    read = read_metadata(inputs["embeddings" if "embeddings" in inputs else "tokens"])
    corpus = read["corpus"] | corpus_digests(columns)
    settings = model["settings"] | {name: training[name] for name in ("class_weights", "learning_rate")}
    frame = predictions_frame(partition, trained.predictions, model["name"], seed, settings, trained.attention)
    made = provenance(device=trained.device, seed=seed, training=training, corpus=corpus, losses=trained.losses)
    write_table(frame, output, "predictions", made)


if __name__ == "__main__":
    with start_job(snakemake) as job:
        train(
            dict(job.input.items()),
            job.output.predictions,
            seed=int(job.wildcards.seed),
            gpu=job.gpu,
            **job.params,
        )
