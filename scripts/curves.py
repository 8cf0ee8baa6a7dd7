"""Measure what the scores table leaves out: every epoch, the optimism of picking one, and where models err.

Reads predictions of all models (Parquet, table `predictions`; every epoch trained, not only those of interest) and the
article of each comment; writes seven tables of the same names in schemas/tables.yaml:

- epochs: F1, share called hateful and training loss after every epoch of every model;
- picked: F1 at the last epoch, at the one that is best on the scored comments, and at the one that is best elsewhere;
- calibration, precision_recall, articles: each model at its last epoch under the fold protocol with the most models;
- operating: what each model reaches under all folds but contiguous ones, above thresholds and for what was wished;
- answered: what it answers under these folds at each wished error rate, and what it leaves to a person.

A comment is called hateful at p >= 0.5; folds are pooled, then scored; F1 is a mean over seeds and its interval the
central 95 % of a bootstrap over comments and seeds with the resamples of the scores table. Intervals of bins and of
articles are Wilson's (see foxhound/evaluation/epoch_curves.py and foxhound/evaluation/diagnostics.py).
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from foxhound.corpus.columns import corpus_digests, load_columns
from foxhound.evaluation.answered import ERROR_RATE, answered_table
from foxhound.evaluation.diagnostics import article_table, calibration_table, precision_recall_table
from foxhound.evaluation.epoch_curves import epoch_table, picked_table
from foxhound.evaluation.operating_points import operating_table
from foxhound.evaluation.pooled_runs import load_runs, main_runs
from foxhound.names import GROUPED, STRATIFIED
from foxhound.tables import read_metadata, write_table
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance


def write_curves(
    predictions: Sequence[str],
    thread: str,
    outputs: dict[str, str],
    draws: int,
    seed: int,
    protocols: Mapping[str, Mapping[str, Any]],
    wished: Mapping[str, Sequence[float]],
) -> None:
    """Write the seven tables, `outputs` being table -> path, from the predictions at these paths."""
    paths = list(predictions)
    comments = load_columns({"thread": thread}).sort_values("id")
    threads = comments["thread"].to_numpy()
    runs = load_runs(paths, comments["id"].tolist())
    main = main_runs(runs)
    corpus = {column: digest for path in paths for column, digest in read_metadata(path)["corpus"].items()}
    made = provenance(bootstrap_draws=draws, bootstrap_seed=seed, corpus=corpus | corpus_digests({"thread": thread}))
    folds = [name for name, facts in protocols.items() if facts["protocol_kind"] in (STRATIFIED, GROUPED)]
    tables = {
        "epochs": epoch_table(runs, draws, seed),
        "picked": picked_table(runs, draws, seed),
        "calibration": calibration_table(main),
        "precision_recall": precision_recall_table(main, draws, seed),
        "articles": article_table(main, threads),
        "operating": operating_table(runs, folds, wished, draws, seed),
        "answered": answered_table(runs, folds, wished[ERROR_RATE], threads, draws, seed),
    }
    for name, table in tables.items():
        write_table(table, outputs[name], name, made)
        logging.info("%s: %d rows", name, len(table))


if __name__ == "__main__":
    with start_job(snakemake) as job:
        write_curves(job.input.predictions, job.input.thread, dict(job.output.items()), **job.params)
