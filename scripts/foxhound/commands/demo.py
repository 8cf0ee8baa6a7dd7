"""Run the demo: the whole pipeline on the corpus that comes with the project, up to a model that can be asked."""

import argparse

from foxhound.commands.checkout import run_snakemake

EXAMPLES = """\
  foxhound demo
  foxhound demo --cores 2"""
OVERLAY, MODEL = "experiments/demo.yaml", "results/demo/model"
ASK = f"""
Ask the model that it recommends, trained on all comments:
  foxhound predict --model {MODEL} "They came back, and nobody wants them here."
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--cores", type=int, metavar="N", help="jobs side by side (default: one per processor core)")


def run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Run Snakemake on the demo's overlay, for its report and its model, and say how to ask that."""
    code = run_snakemake(arguments.cores, ["--configfile", OVERLAY, "--", "all", MODEL])
    if not code:
        print(ASK, end="", flush=True)
    return code
