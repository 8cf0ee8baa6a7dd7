"""What each stage cost, added up from the benchmark files."""

from pathlib import Path
from typing import cast

import pandas as pd

from foxhound.errors import FoxhoundError


def _jobs(folder: Path) -> pd.DataFrame:
    """Every job's row, with its rule and, where its path has more parts, the next two of them: model and protocol."""
    files = sorted(folder.rglob("*.tsv"))
    if not files:
        raise FoxhoundError(f"{folder}: no benchmark files. Run the experiment first: make report")
    jobs = pd.concat([pd.read_csv(file, sep="\t", na_values="NA") for file in files], ignore_index=True)
    places = [[*file.relative_to(folder).with_suffix("").parts, "", ""][:3] for file in files]
    return jobs.assign(**dict(zip(("rule", "model", "protocol"), zip(*places, strict=True), strict=True)))


def run_minutes(folder: Path) -> dict[tuple[str, str], float]:
    """(model, protocol) -> mean processor time of a training run, in minutes; `folder` as in `stage_times`."""
    jobs = _jobs(folder)
    trained = jobs[jobs["rule"].isin(["lstm", "finetune"])]
    means = (trained["cpu_time"] / 60).groupby([trained["model"], trained["protocol"]]).mean()
    return cast(dict[tuple[str, str], float], means.to_dict())


def stage_times(folder: Path) -> pd.DataFrame:
    """One row per rule.

    Args:
        folder: where the benchmark files are, each in a folder named after its rule.

    Returns:
        Columns jobs, wall_s (added up over jobs, so twice the elapsed time where two ran side by side), cpu_s,
        longest_s and peak_mb (resident memory of the largest job).

    Raises:
        FoxhoundError: there are no benchmark files yet.
    """
    grouped = _jobs(folder).groupby("rule", sort=False)
    table = grouped.agg(
        jobs=("s", "size"),
        wall_s=("s", "sum"),
        cpu_s=("cpu_time", "sum"),
        longest_s=("s", "max"),
        peak_mb=("max_rss", "max"),
    )
    return table.sort_values("wall_s", ascending=False).round(1)
