"""Cut pretrained word vectors to the words of the comments.

Reads the comments' texts and the file of vectors; writes a row per word of any cleaning that has a vector, and in the
footer the name and dimensions of the vectors and, for each cleaning, the shares of words that have one.
"""

import logging

from foxhound.corpus.columns import column_files, corpus_digests, load_columns
from foxhound.corpus.download import check_digest
from foxhound.features.cleaning import CLEANERS
from foxhound.features.word2vec import coverage, pretrained_word_vectors
from foxhound.tables import write_table
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance


def cut(columns: dict[str, str], vectors: str, output: str, name: str, sha256: str | None) -> None:
    """Write the vectors of the words of all comments.

    Args:
        name: what the configuration calls the vectors.
        sha256: of their file, where it is pinned.
    """
    check_digest(vectors, sha256, vectors)
    texts = load_columns(columns)["text"]
    cleaned = {cleaning: texts.map(clean).tolist() for cleaning, clean in CLEANERS.items()}
    words = pretrained_word_vectors(vectors, [text for several in cleaned.values() for text in several])
    shares_of = {cleaning: coverage(several, words) for cleaning, several in cleaned.items()}
    facts = {"vectors": name, "dimensions": len(words["vector"].iloc[0]), "coverage": shares_of}
    write_table(words, output, "word_vectors", provenance(corpus=corpus_digests(columns), **facts))
    for cleaning, shares in shares_of.items():
        logging.info("%s: vectors for %.1f %% of the words that are read", cleaning, 100 * shares["running"])


if __name__ == "__main__":
    with start_job(snakemake) as job:
        cut(column_files(job.input), job.input.vectors, job.output.words, job.params["name"], job.params["sha256"])
