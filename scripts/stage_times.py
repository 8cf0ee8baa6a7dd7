"""Add up the benchmark files of a results folder: jobs, wall time, processor time and peak memory per rule.

Usage: python scripts/stage_times.py [results]
"""

import argparse
from pathlib import Path

from foxhound.workflow.job_costs import stage_times

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="?", type=Path, default=Path("results"))
    table = stage_times(parser.parse_args().results / "benchmarks")
    print(table.to_string())
    print(
        f"\nall rules: {table['wall_s'].sum() / 60:.1f} min of jobs, {table['cpu_s'].sum() / 60:.1f} min of processor"
    )
