"""Train word2vec on the training texts of one partition, so that no scored text shapes a vector.

Reads the cleaned words and the partition; writes a row per word. With `pretrained`, cuts those vectors to the corpus.
"""

import logging
from typing import Any

from foxhound.features.word2vec import pretrained_word_vectors, train_word_vectors
from foxhound.tables import read_metadata, read_table, write_table
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance


def build(tokens: str, partition: str, output: str, settings: dict[str, Any], seed: int) -> None:
    """Write the word vectors of one partition."""
    parts = read_table(partition, "partition").set_index("id")["part"]
    frame = read_table(tokens, "tokens")
    if settings["pretrained"]:
        words = pretrained_word_vectors(settings["pretrained"], frame["tokens"].map(list).tolist())
    else:
        training = frame["id"].map(parts) == "train"
        words = train_word_vectors(frame.loc[training, "tokens"].map(list).tolist(), settings, seed)
    made = provenance(settings=settings, seed=seed, corpus=read_metadata(tokens)["corpus"])
    write_table(words, output, "word_vectors", made)
    logging.info("%d words with vectors", len(words))


if __name__ == "__main__":
    with start_job(snakemake) as job:
        build(job.input.tokens, job.input.partition, job.output.words, **job.params)
