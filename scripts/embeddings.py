"""Encode every comment with a frozen encoder, and write its token vectors to Parquet.

Reads ids, texts and (for the context `title`) titles. Rows whose key (hash of text, encoder and settings) stands in the
store are taken from there; the others are encoded and added to it. Memory does not grow with the corpus.
"""

import logging
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
from foxhound.corpus.columns import column_files, corpus_digests, load_columns
from foxhound.features.embedding_store import EmbeddingStore, find_or_encode, row_key, to_arrow
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
    settings["code"] = module_digests("compute.batches", "compute.device", "features.encoder", "features.encoding")
    keys = [row_key(text, titles[row] if titles else None, settings) for row, text in enumerate(texts)]
    stored = EmbeddingStore(store, settings)

    @cache
    def loaded() -> Callable[[list[int]], Iterator[tuple[int, np.ndarray]]]:
        # Imported late: with nothing to encode, the seconds that torch and transformers take to start are saved.
        from foxhound.compute.device import choose_device
        from foxhound.features.encoder import find_encoder, load_encoder, load_tokenizer, place
        from foxhound.features.encoding import encode

        device = choose_device(gpu)
        location = find_encoder(encoder)
        model, tokenizer = place(load_encoder(location), device, frozen=True), load_tokenizer(location, max_tokens)

        def encode_rows(rows: list[int]) -> Iterator[tuple[int, np.ndarray]]:
            chunk_titles = [titles[row] for row in rows] if titles else None
            return encode(model, tokenizer, [texts[row] for row in rows], chunk_titles, layer, device)

        return encode_rows

    ids, encoded, done = frame["id"].tolist(), 0, 0
    made = provenance(**settings, corpus=corpus_digests(columns))
    with table_writer(output, "embeddings", made) as write:
        for chunk, rows, new in find_or_encode(stored, keys, lambda rows: loaded()(rows)):
            write(to_arrow(ids[done : done + len(chunk)], chunk, rows))
            done, encoded = done + len(chunk), encoded + new
            logging.info("%d of %d comments", done, len(keys))
    logging.info("encoded %d of %d, reused %d", encoded, len(keys), len(keys) - encoded)


if __name__ == "__main__":
    with start_job(snakemake) as job:
        embed(column_files(job.input), job.output.embeddings, **job.params, gpu=job.gpu)
