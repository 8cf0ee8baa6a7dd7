"""Give every claim of the published experiment its verdict.

Reads predictions of all models, the labels, the claims (resources/claims.yaml) and the published figures; writes
claims.parquet (table `claims`): a row per test, with the estimate, its interval, its adjusted p value, and the verdicts
of the test and of the claim (see foxhound/replication).
"""

import logging
from collections.abc import Sequence

from foxhound.corpus.columns import corpus_digests, load_columns
from foxhound.evaluation.pooled_runs import load_runs
from foxhound.replication.claims import judge, load_claims
from foxhound.replication.published import load_published
from foxhound.tables import write_table
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance


def write_claims(
    predictions: Sequence[str],
    label: str,
    claims: str,
    published: str,
    output: str,
    draws: int,
    seed: int,
    margin: float,
) -> None:
    """Test the claims at `claims` with the predictions at these paths, and write the claims table."""
    figures = load_published(published)
    ids = sorted(load_columns({"label": label})["id"])
    table = judge(load_claims(claims, figures), load_runs(predictions, ids), figures, draws, seed, margin)
    made = provenance(draws=draws, seed=seed, margin=margin, corpus=corpus_digests({"label": label}))
    write_table(table, output, "claims", made)
    for name, verdict in table.drop_duplicates("id")[["id", "verdict"]].itertuples(index=False):
        logging.info("%s: %s", name, verdict)


if __name__ == "__main__":
    with start_job(snakemake) as job:
        inputs = job.input
        write_claims(inputs.predictions, inputs.label, inputs.claims, inputs.published, job.output.claims, **job.params)
