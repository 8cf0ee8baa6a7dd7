"""Train word2vec on the training texts of one partition, so that no scored text shapes a vector.

Reads the cleaned words and the partition; writes a row per word, and in the footer the shares of the scored comments'
words that have a vector.
"""

import logging
from typing import Any

from foxhound.features.word2vec import coverage, train_word_vectors
from foxhound.tables import read_metadata, read_table, write_table
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance


def build(tokens: str, partition: str, output: str, settings: dict[str, Any], cleaning: str, seed: int) -> None:
    """Write the word vectors of one partition."""
    parts = read_table(partition, "partition").set_index("id")["part"]
    frame = read_table(tokens, "tokens")
    texts, part = frame["tokens"].map(list), frame["id"].map(parts)
    words = train_word_vectors(texts[part == "train"].tolist(), settings, seed)
    scored = {cleaning: coverage(texts[part.notna() & (part != "train")], words)}
    corpus = read_metadata(tokens)["corpus"]
    facts = {"vectors": "own", "dimensions": settings["vector_size"], "coverage": scored}
    made = provenance(settings=settings, seed=seed, corpus=corpus, **facts)
    write_table(words, output, "word_vectors", made)
    logging.info("%d words with vectors", len(words))


if __name__ == "__main__":
    with start_job(snakemake) as job:
        wildcards = job.wildcards
        build(job.input.tokens, job.input.partition, job.output.words,
              cleaning=wildcards.cleaning, seed=int(wildcards.seed), **job.params)  # fmt: skip
