"""Write made-up predictions to files, for the tests of what reads them all."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from foxhound.evaluation.pooled_runs import Runs, load_runs
from foxhound.tables import write_table
from made_up import IDS


def write_runs(frame: pd.DataFrame, folder: Path, losses: bool = True) -> list[str]:
    """Write a predictions file per model, settings, seed and fold or draw, and return their paths."""
    keys = [frame["model"], frame["settings"].map(json.dumps), frame["seed"], frame["fold_or_split"]]
    paths = []
    for place, (_, one) in enumerate(frame.groupby(keys)):
        epochs = int(one["epoch"].max())
        made = {"losses": [10.0 * place + epoch for epoch in range(1, epochs + 1)]} if losses and epochs else {}
        path = folder / f"{place:03d}.parquet"
        write_table(one.assign(attention=None), path, "predictions", made | {"corpus": {"label": "abc"}})
        paths.append(str(path))
    return paths


def runs_of(frame: pd.DataFrame, folder: Path, ids: list[str] | None = None) -> Runs:
    """Return the runs that these predictions make, read back from files in no particular order."""
    paths = write_runs(frame, folder)
    np.random.default_rng(0).shuffle(paths)
    return load_runs(paths, sorted(IDS.tolist()) if ids is None else ids)
