"""Give every claim of the published experiment its verdict.

Reads predictions of all models, who wrote each comment under which article, the claims (resources/claims.yaml) and the
published figures; writes claims.parquet (table `claims`): a row per test, with the estimate, its interval, its adjusted
p value, and the verdicts of the test and of the claim (see foxhound/replication). What each protocol is, and so what
its models are compared by, comes from its definition in the configuration.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from foxhound.corpus.columns import column_files, corpus_digests, load_columns
from foxhound.evaluation.pooled_runs import load_runs
from foxhound.replication.claims import judge, load_claims
from foxhound.replication.published import load_published
from foxhound.tables import write_table
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance


def write_claims(
    predictions: Sequence[str],
    columns: Mapping[str, str],
    claims: str,
    published: str,
    output: str,
    protocols: Mapping[str, Mapping[str, Any]],
    draws: int,
    seed: int,
    margin: float,
) -> None:
    """Test the claims at `claims` with the predictions at these paths, and write the claims table."""
    figures = load_published(published)
    comments = load_columns(columns)
    runs = load_runs(predictions, sorted(comments["id"]))
    table = judge(load_claims(claims, figures), runs, figures, protocols, comments, draws, seed, margin)
    made = provenance(draws=draws, seed=seed, margin=margin, corpus=corpus_digests(columns))
    write_table(table, output, "claims", made)
    for name, verdict in table.drop_duplicates("id")[["id", "verdict"]].itertuples(index=False):
        logging.info("%s: %s", name, verdict)


if __name__ == "__main__":
    with start_job(snakemake) as job:
        inputs, columns = job.input, column_files(job.input)
        write_claims(inputs.predictions, columns, inputs.claims, inputs.published, job.output.claims, **job.params)
