"""Add up what each stage asked for and what it used, from the benchmark files and the logs."""

import ast
import csv
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from foxhound.errors import FoxhoundError
from foxhound.workflow.job import COST

READ = ("s", "cpu_time", "max_rss", "resources")
ASKED = {"asked_s": "runtime", "asked_mb": "mem_mb", "asked_cores": "_cores", "asked_gpu": "gpu"}
"""Column -> resource of a job."""
COME_AND_GO = ("lstm", "finetune", "baselines", "ensembles", "partitions", "word2vec")
"""Rules whose jobs an experiment may lose, while their benchmark files stay."""

TRAINING = ("lstm", "finetune", "baselines", "ensembles")
"""Rules whose jobs are runs of a model."""


def _requests(resources: Any) -> list[Any]:
    """Return what one job asked for, of the resources that Snakemake wrote as a dict; None for what is not in it."""
    given = ast.literal_eval(resources) if isinstance(resources, str) else {}
    return [given.get(name) for name in ASKED.values()]


def _is_planned(parts: tuple[str, ...], planned: set[str]) -> bool:
    """Say whether the experiment still has a job, by the path of its benchmark file; others always count."""
    return parts[0] not in COME_AND_GO or "/".join(parts) in planned


def _read(file: Path) -> pd.DataFrame:
    """Read the benchmark of one job.

    Raises:
        FoxhoundError: it is damaged.
    """
    try:
        # Snakemake quotes nothing: what looks like a quotation mark is part of somebody's params.
        table = pd.read_csv(file, sep="\t", na_values="NA", quoting=csv.QUOTE_NONE, usecols=lambda name: name in READ)
        for name in ("s", "cpu_time", "max_rss"):
            table[name] = table[name].astype(float)
        table.get("resources", pd.Series()).map(_requests)
    except (ValueError, KeyError, SyntaxError) as error:
        raise FoxhoundError(
            f"{file}: damaged ({str(error).strip()}). Delete it (rm {file}): it tells what a job has cost, and no "
            "score depends on it."
        ) from error
    return table


def _jobs(folder: Path, planned: Iterable[str] | None = None) -> pd.DataFrame:
    """Read a row per job, with its rule and, where its path has more parts, the next two: model and protocol."""
    files = sorted(folder.rglob("*.tsv"))
    if planned is not None:
        known = set(planned)
        files = [file for file in files if _is_planned(file.relative_to(folder).with_suffix("").parts, known)]
    if not files:
        raise FoxhoundError(f"{folder}: no benchmark files. Run the experiment first: foxhound report")
    jobs = pd.concat(map(_read, files), ignore_index=True)
    places = [[*file.relative_to(folder).with_suffix("").parts, "", ""][:3] for file in files]
    return jobs.assign(**dict(zip(("rule", "model", "protocol"), zip(*places, strict=True), strict=True)))


def run_minutes(folder: Path) -> dict[tuple[str, str], float]:
    """Map (model, protocol) to the mean processor time of a training run, in minutes; `folder` as in `stage_times`."""
    jobs = _jobs(folder)
    trained = jobs[jobs["rule"].isin(["lstm", "finetune"])]
    means = (trained["cpu_time"] / 60).groupby([trained["model"], trained["protocol"]]).mean()
    return cast(dict[tuple[str, str], float], means.to_dict())


def stage_times(folder: Path, planned: Iterable[str] | None = None) -> pd.DataFrame:
    """Return a row per rule.

    Args:
        folder: where the benchmark files are, each in a folder named after its rule.
        planned: paths, relative to the folder and without ending, of the jobs of `COME_AND_GO` that the experiment has;
            None counts every file.

    Returns:
        Columns jobs, wall_s (added up over jobs, so twice the elapsed time where two ran side by side), cpu_s,
        longest_s, peak_mb (resident memory of the largest job), cores (processor time over wall time), and what the
        rule asked for at the most: asked_s, asked_mb, asked_cores and asked_gpu. Those are missing where Snakemake
        wrote the benchmarks without `benchmark-extended`, which profiles/default sets.

    Raises:
        FoxhoundError: there are no benchmark files yet.
    """
    jobs = _jobs(folder, planned)
    requests = jobs.get("resources", pd.Series(np.nan, jobs.index)).map(_requests)
    jobs = jobs.join(pd.DataFrame(requests.tolist(), jobs.index, columns=[*ASKED], dtype=float))
    grouped = jobs.groupby("rule", sort=False)
    table = grouped.agg(
        jobs=("s", "size"),
        wall_s=("s", "sum"),
        cpu_s=("cpu_time", "sum"),
        longest_s=("s", "max"),
        peak_mb=("max_rss", "max"),
        **{name: (name, "max") for name in ASKED},
    )
    table["asked_s"] *= 60  # Snakemake counts minutes
    table.insert(5, "cores", table["cpu_s"] / table["wall_s"])
    return table.sort_values("wall_s", ascending=False).round(1)


def model_times(folder: Path, planned: Iterable[str]) -> pd.DataFrame:
    """Return a row per model, the dearest first: its runs, and their processor time (cpu_s); arguments as above."""
    jobs = _jobs(folder, planned)
    grouped = jobs[jobs["rule"].isin(TRAINING)].groupby("model")
    return grouped.agg(runs=("s", "size"), cpu_s=("cpu_time", "sum")).sort_values("cpu_s", ascending=False)


LAST_LINE = re.compile(re.escape(COST).replace(re.escape("%.2f"), r"([\d.]+)").encode() + rb"\s*$")
LAST_BYTES = 100


def spent_seconds(logs: Path) -> dict[str, float]:
    """Map each job that has ended well to the seconds of processor that it took, by the last line of its log.

    The benchmark files do not say: Snakemake looks at a job twice a minute only, and its wall time grows with what else
    the machine does.

    Args:
        logs: folder of logs; a job is named by the path of its log in there, without ending.
    """
    spent = {}
    for folder, _, names in os.walk(logs):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - LAST_BYTES))
                if last := LAST_LINE.search(file.read()):
                    path = os.path.relpath(os.path.join(folder, name), logs).removesuffix(".log")
                    spent[path] = float(last[1])
    return spent
