"""Combine several models' predictions on every fold, or on one draw, of a protocol (epoch 0: an ensemble has none).

Reads the members' predictions and nothing else.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from foxhound.evaluation.read_epochs import read_epochs
from foxhound.models.ensembles import combine
from foxhound.models.predictions import SETTINGS
from foxhound.tables import read_metadata, write_table
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance


def write(members: Sequence[dict[str, int]], output: str, name: str, stacked: bool, seed: int) -> None:
    """Write the combined predictions of the members, each given as path -> epoch."""
    frames = [pd.concat([read_epochs(path, [epoch]) for path, epoch in member.items()]) for member in members]
    settings: dict[str, Any] = dict.fromkeys(SETTINGS) | {"family": "ensemble"}
    rows = combine(frames, stacked)
    table = rows.assign(
        seed=np.int32(seed),
        epoch=np.int32(0),
        model=name,
        attention=None,
        settings=pd.Series([settings] * len(rows), rows.index),
    )
    read = [read_metadata(path)["corpus"] for member in members for path in member]
    corpus = {column: digest for digests in read for column, digest in digests.items()}
    # By name, not by path: where results lie is no part of them.
    names = [
        {"model": str(frame["model"].iloc[0]), "epoch": epoch}
        for frame, member in zip(frames, members, strict=True)
        for epoch in sorted(set(member.values()))
    ]
    write_table(table, output, "predictions", provenance(device="cpu", seed=seed, members=names, corpus=corpus))


if __name__ == "__main__":
    with start_job(snakemake) as job:
        paths = iter(job.input.predictions)
        members = [{next(paths): epoch for epoch in epochs} for epochs in job.params["epochs"]]
        write(members, job.output.predictions, job.wildcards.ensemble, job.params["stacked"], job.params["seed"])
