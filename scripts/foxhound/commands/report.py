"""Run the experiment, up to its report."""

import argparse

from foxhound.commands.checkout import run_snakemake

EXAMPLES = """\
  foxhound report                                          the experiment of config.yaml
  foxhound report --configfile experiments/my.yaml         with an overlay
  foxhound report --dry-run                                say which jobs would run
  foxhound report -- --profile profiles/slurm              what follows -- goes to Snakemake"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--configfile", nargs="+", default=[], metavar="FILE", help="overlays of config.yaml")
    parser.add_argument("--cores", type=int, metavar="N", help="jobs side by side (default: one per processor core)")
    parser.add_argument("--dry-run", action="store_true", help="say which jobs would run, and run none")
    parser.add_argument("options", nargs="*", metavar="-- OPTION", help="options of Snakemake, and targets")


def run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Run Snakemake; what follows `--` comes last, since it may name targets."""
    overlays = ["--configfile", *arguments.configfile] if arguments.configfile else []
    dry_run = ["--dry-run"] if arguments.dry_run else []
    return run_snakemake(arguments.cores, [*dry_run, *overlays, *arguments.options])
