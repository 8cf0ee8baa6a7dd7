"""Explain what the final model says of some comments, and test whether the explanations are faithful.

Reads the model's folder, and texts, of which it draws a few at random. It explains the model's answers, right or wrong,
so that comments it was trained on serve as well as others.
"""

import logging

import numpy as np
from foxhound.checks.explanations import explanation_methods, leaving_out, measure_faithfulness
from foxhound.compute.device import choose_device
from foxhound.corpus.columns import column_files, corpus_digests, load_columns
from foxhound.inference.pytorch_model import load_classifier
from foxhound.inference.saved_model import load_saved
from foxhound.inference.transformer_model import TransformerModel
from foxhound.tables import write_table
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance


def explain(columns: dict[str, str], folder: str, output: str, explained: int, draws: int, seed: int) -> None:
    """Write the table `explanations`."""
    choose_device(gpu=False)
    texts = load_columns(columns)["text"].to_numpy()
    chosen = np.random.default_rng(seed).permutation(texts)[:explained].tolist()
    saved = load_saved(folder)
    methods = leaving_out(saved)
    if isinstance(saved, TransformerModel):
        methods = explanation_methods(load_classifier(folder).eval(), saved)
    table = measure_faithfulness(saved, methods, chosen, draws, seed)
    write_table(table, output, "explanations", provenance(seed=seed, draws=draws, corpus=corpus_digests(columns)))
    logging.info("\n%s", table.to_string())


if __name__ == "__main__":
    with start_job(snakemake) as job:
        explain(column_files(job.input), job.input.model, job.output.explanations, **job.params)
