"""Run the demo: the whole pipeline on the corpus that comes with the project."""

import argparse

from foxhound.commands.checkout import run_snakemake

EXAMPLES = """\
  foxhound demo
  foxhound demo --cores 2"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--cores", type=int, metavar="N", help="jobs side by side (default: one per processor core)")


def run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Run Snakemake on the demo's overlay."""
    return run_snakemake(arguments.cores, ["--configfile", "experiments/demo.yaml"])
