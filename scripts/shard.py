"""Score the texts of one table with the final model.

Reads one column of the file, a window at a time, and writes a row for each of its rows, in their order: the probability
of hateful and the decision at the model's threshold, or the reason why there is neither.
"""

import logging
from collections import Counter
from pathlib import Path

import numpy as np
from foxhound.compute.device import choose_device, describe_device
from foxhound.features.encoder import load_tokenizer, place
from foxhound.inference.batch_scoring import probabilities
from foxhound.inference.empty_texts import finds_no_token
from foxhound.inference.pytorch_model import load_classifier
from foxhound.inference.shards import describe_reasons, score_rows
from foxhound.tables import table_writer
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance


def score_shard(shard: str, folder: str, output: str, column: str, gpu: bool) -> None:
    """Write the answers to the texts of one shard."""
    device = choose_device(gpu)
    model = place(load_classifier(folder).eval(), device, frozen=True)
    tokenizer = load_tokenizer(folder, model.config.max_tokens)

    def score(texts: list[str]) -> np.ndarray:
        return np.concatenate([*probabilities(model, tokenizer, texts, device)])

    reasons: Counter[str] = Counter()
    made = provenance(device=describe_device(device, model), shard=shard, column=column)
    with table_writer(output, "answers", made) as write:
        for frame in score_rows(shard, column, score, model.config.threshold, finds_no_token(tokenizer)):
            write(frame)
            reasons.update(frame["reason"].dropna())
    logging.info("%s: %s", shard, describe_reasons(reasons))


if __name__ == "__main__":
    with start_job(snakemake) as job:
        folder = str(Path(job.input.model[0]).parent)
        score_shard(job.input.shard, folder, job.output.answers, **job.params, gpu=job.gpu)
