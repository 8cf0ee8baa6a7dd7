"""Score every model from its predictions alone.

Reads predictions of all models (Parquet, table `predictions`); writes scores.parquet (table `scores`): a row
per run (model, settings, protocol, part, epoch, seed) and per model a row over its seeds; standings.parquet (table
`standings`): under draws, each model at its last epoch over the draws that it shares with others; and ladder.parquet
(table `ladder`): what more training comments are likely to be worth (foxhound/evaluation/data_ladder.py). Folds are
pooled, then scored, but for AUROC and average precision, which are means over folds; a comment is called hateful at
p >= 0.5 where no threshold is chosen; intervals are the central 95 % of a bootstrap over comments, others over articles
and over users; rows over seeds resample seeds as well (see foxhound/evaluation/scoring.py and
foxhound/evaluation/bootstrap.py). What each protocol is comes from its definition in the configuration.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from foxhound.corpus.columns import corpus_digests, load_columns
from foxhound.evaluation.data_ladder import ladder_table
from foxhound.evaluation.read_epochs import read_epochs
from foxhound.evaluation.scoring import add_protocol_facts, combine_predictions, score_predictions
from foxhound.evaluation.standings import score_common_draws
from foxhound.tables import read_metadata, write_table
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance
from foxhound.workflow.versions import count_other_versions


def score(
    predictions: Sequence[str],
    thread: str,
    user: str,
    scores: str,
    standings: str,
    ladder: str,
    epochs: Sequence[Sequence[int]],
    protocols: Mapping[str, Mapping[str, Any]],
    draws: int,
    seed: int,
) -> None:
    """Score the predictions at these paths, each after its epochs of interest, and write both tables."""
    paths = list(predictions)
    # Settings become text file by file, so that only one file's dictionaries are in memory at a time.
    frame = combine_predictions([combine_predictions([read_epochs(*file)]) for file in zip(paths, epochs, strict=True)])
    files = {"thread": thread, "user": user}
    comments = load_columns(files)
    threads, users = (dict(zip(comments["id"], comments[name], strict=True)) for name in files)
    scored = score_predictions(frame, draws, seed, threads, users)
    table = add_protocol_facts(scored, protocols)
    footers = [read_metadata(path) for path in paths]
    devices = sorted({str(footer["device"]) for footer in footers if "device" in footer})
    corpus = {column: digest for footer in footers for column, digest in footer.get("corpus", {}).items()}
    corpus |= corpus_digests(files)
    others = count_other_versions(footers)
    facts: dict[str, Any] = {"predictions made with other versions": others} if others else {}
    facts |= {"corpus": corpus, "devices": devices, "seeds": sorted(table["seed"].dropna().unique().tolist())}
    made = provenance(bootstrap_draws=draws, bootstrap_seed=seed, **facts)
    write_table(table, scores, "scores", made)
    common = score_common_draws(frame, protocols, draws, seed, threads, users, scored)
    write_table(common, standings, "standings", made)
    write_table(ladder_table(table), ladder, "ladder", provenance(corpus=corpus))
    logging.info("%d predictions in %d files: %d rows of scores", len(frame), len(paths), len(table))


if __name__ == "__main__":
    with start_job(snakemake) as job:
        files = {name: job.input[name] for name in ("thread", "user")}
        tables = {name: job.output[name] for name in ("scores", "standings", "ladder")}
        score(job.input.predictions, **files, **tables, **job.params)
