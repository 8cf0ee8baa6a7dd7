"""Score the texts of one table with the final model.

Reads one column of the file, a window at a time, and writes a row for each of its rows, in their order: the probability
of hateful and the decision at the model's threshold, or the reason why there is neither; and where an error rate is
wished for, an answer or "ask a person".
"""

import logging
from collections import Counter

from foxhound.compute.device import choose_device
from foxhound.inference.archive import unpacked
from foxhound.inference.bulk_scoring import load_bulk
from foxhound.inference.model_folder import limits_of
from foxhound.inference.shards import describe_reasons, score_rows
from foxhound.tables import table_writer
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance


def score_shard(shard: str, archive: str, output: str, column: str, error_rate: float | None, gpu: bool) -> None:
    """Write the answers to the texts of one shard."""
    device = choose_device(gpu)
    with unpacked(archive) as folder:
        model, computed_on = load_bulk(folder, device)
        limits = None if error_rate is None else limits_of(folder, error_rate)
    reasons: Counter[str] = Counter()
    made = provenance(device=computed_on, shard=shard, column=column)
    with table_writer(output, "answers", made) as write:
        for frame in score_rows(shard, column, model.probabilities, model.threshold, model.finds_nothing, limits):
            write(frame)
            reasons.update(frame["reason"].dropna())
    logging.info("%s: %s", shard, describe_reasons(reasons))


if __name__ == "__main__":
    with start_job(snakemake) as job:
        score_shard(job.input.shard, job.input.model, job.output.answers, **job.params, gpu=job.gpu)
