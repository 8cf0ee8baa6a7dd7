"""What each stage cost, added up from the benchmark files."""

from pathlib import Path

import pandas as pd

from foxhound.errors import FoxhoundError


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
    files = sorted(folder.rglob("*.tsv"))
    if not files:
        raise FoxhoundError(f"{folder}: no benchmark files. Run the experiment first: make report")
    jobs = pd.concat([pd.read_csv(file, sep="\t", na_values="NA") for file in files], ignore_index=True)
    jobs["rule"] = [file.relative_to(folder).parts[0].removesuffix(".tsv") for file in files]
    grouped = jobs.groupby("rule", sort=False)
    table = grouped.agg(
        jobs=("s", "size"),
        wall_s=("s", "sum"),
        cpu_s=("cpu_time", "sum"),
        longest_s=("s", "max"),
        peak_mb=("max_rss", "max"),
    )
    return table.sort_values("wall_s", ascending=False).round(1)
