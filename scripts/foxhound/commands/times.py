"""Add up what a finished run took: jobs, wall time, processor time and memory of each rule."""

import argparse
from pathlib import Path

EXAMPLES = """\
  foxhound times
  foxhound times results/demo"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("results", nargs="?", type=Path, default=Path("results"), help="folder (default: %(default)s)")


def run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Print a row per rule, and the sums."""
    from foxhound.workflow.job_costs import stage_times

    costs = stage_times(arguments.results / "benchmarks")
    print(costs.to_string())
    wall, processor = (costs[name].sum() / 60 for name in ("wall_s", "cpu_s"))
    print(f"\nall rules: {wall:.1f} min of jobs, {processor:.1f} min of processor")
