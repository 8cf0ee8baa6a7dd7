"""Encode every comment with a frozen encoder, and write its token vectors to Parquet.

Reads ids, texts and (for the context `title`) titles. Rows whose key (hash of text, encoder and settings) stands in the
store are taken from there; the others are encoded and added to it. Memory does not grow with the corpus.
"""

import logging
from typing import Any

from foxhound.corpus.columns import column_files, corpus_digests, load_columns
from foxhound.features.embedding_store import EmbeddingStore
from foxhound.features.store_filling import DECIDES_BYTES, find_or_encode, make_encoder
from foxhound.features.vector_rows import row_key, to_arrow
from foxhound.tables import table_writer
from foxhound.workflow.code_digests import module_digests
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance


def embed(
    columns: dict[str, str],
    output: str,
    encoder: dict[str, Any],
    layer: int,
    max_tokens: int,
    store: str,
    gpu: bool,
) -> None:
    """Write the embeddings table of all comments, encoding only those that are new."""
    frame = load_columns(columns)
    texts = frame["text"].tolist()
    titles = frame["title"].fillna("").tolist() if "title" in columns else None
    settings = {"encoder": encoder, "layer": layer, "max_tokens": max_tokens}
    # Another way to encode gives other vectors.
    settings["code"] = module_digests(*DECIDES_BYTES)
    keys = [row_key(text, titles[row] if titles else None, settings) for row, text in enumerate(texts)]
    stored = EmbeddingStore(store, settings)
    encode = make_encoder(encoder, layer, max_tokens, texts, titles, gpu)
    ids, encoded, done = frame["id"].tolist(), 0, 0
    made = provenance(**settings, corpus=corpus_digests(columns))
    with table_writer(output, "embeddings", made) as write:
        for chunk, rows, new in find_or_encode(stored, keys, encode):
            write(to_arrow(ids[done : done + len(chunk)], chunk, rows))
            done, encoded = done + len(chunk), encoded + new
            logging.info("%d of %d comments", done, len(keys))
    logging.info("encoded %d of %d, reused %d", encoded, len(keys), len(keys) - encoded)


if __name__ == "__main__":
    with start_job(snakemake) as job:
        embed(column_files(job.input), job.output.embeddings, **job.params, gpu=job.gpu)
