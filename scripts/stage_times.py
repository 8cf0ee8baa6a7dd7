"""Add up the benchmark files of a results folder: jobs, wall time, processor time and peak memory per rule.

Usage: python scripts/stage_times.py [results]
"""

import argparse
from pathlib import Path

import pandas as pd
from foxhound.errors import FoxhoundError


def stage_times(results: Path) -> pd.DataFrame:
    """One row per rule.

    Returns:
        Columns jobs, wall_s (added up over jobs, so twice the elapsed time where two ran side by side), cpu_s,
        longest_s and peak_mb (resident memory of the largest job).

    Raises:
        FoxhoundError: there are no benchmark files yet.
    """
    folder = results / "benchmarks"
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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="?", type=Path, default=Path("results"))
    table = stage_times(parser.parse_args().results)
    print(table.to_string())
    print(
        f"\nall rules: {table['wall_s'].sum() / 60:.1f} min of jobs, {table['cpu_s'].sum() / 60:.1f} min of processor"
    )
