"""Token vectors of every comment from a frozen encoder, in Parquet.

Reads ids, texts and (for the context `title`) titles. Rows whose key (hash of text, encoder and settings) stands in the
store are taken from there; the others are encoded and added to it.
"""

import logging
from typing import Any

from foxhound.code_digests import module_digests
from foxhound.comments import column_files, corpus_digests, load_columns
from foxhound.embedding_store import EmbeddingStore, row_key, to_arrow, to_bytes
from foxhound.job import start_job
from foxhound.provenance import provenance
from foxhound.tables import write_table


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
    settings["code"] = module_digests(
        "batches", "device", "encoder", "encoding"
    )  # another way to encode, other vectors
    keys = [row_key(text, titles[row] if titles else None, settings) for row, text in enumerate(texts)]
    kept = EmbeddingStore(store, settings)
    rows = kept.find(keys)
    # One comment per new key: a text that stands twice is encoded once.
    new = {key: row for row, key in enumerate(keys) if key not in rows}
    if new:
        # Imported late: with nothing to encode, the seconds that torch and transformers take to start are saved.
        from foxhound.device import choose_device
        from foxhound.encoder import find_encoder, load_encoder, load_tokenizer
        from foxhound.encoding import encode

        device = choose_device(gpu)
        location = find_encoder(encoder)
        model, tokenizer = load_encoder(location).to(device), load_tokenizer(location, max_tokens)
        fresh, positions = list(new), list(new.values())
        some_titles = [titles[row] for row in positions] if titles else None
        for item, array in encode(model, tokenizer, [texts[row] for row in positions], some_titles, layer, device):
            rows[fresh[item]] = to_bytes(array)
        # All at once: a row's last bits depend on the rows it is encoded with, so half a job must leave nothing.
        kept.add({key: rows[key] for key in fresh})
    logging.info("encoded %d of %d, reused %d", len(new), len(keys), len(keys) - len(new))
    made = provenance(**settings, corpus=corpus_digests(columns))
    write_table(to_arrow(frame["id"].tolist(), keys, rows), output, "embeddings", made)


if __name__ == "__main__":
    with start_job(snakemake) as job:
        embed(column_files(job.input), job.output.embeddings, **job.params, gpu=job.gpu)
