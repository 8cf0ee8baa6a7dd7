"""Say whether a GPU can be used here, what is wrong if not, and what to do. Exit code 1 where something is wrong."""

import argparse
import logging
import sys
from functools import partial

from foxhound.commands.checkout import ROOT

EXAMPLES = """\
  foxhound gpu-check
  srun --gres=gpu:1 foxhound gpu-check        on a node of a cluster"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes: nothing."""


def run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Print what is seen, step by step, and a remedy below what is wrong."""
    import yaml

    from foxhound.commands.gpu_findings import check
    from foxhound.compute.device import choose_device

    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    wrong = 0
    for finding in check(partial(choose_device, gpu=True), config["encoders"][config["encoder"]]):
        wrong += bool(finding.remedy)
        print(f"{'WRONG' if finding.remedy else 'ok   '} {finding.what}: {finding.seen}", flush=True)
        if finding.remedy:
            print(f"      {finding.remedy}", flush=True)
    if wrong:
        print("Not all is well with GPUs here (see above). Without one, everything runs on the CPU.", file=sys.stderr)
    return 1 if wrong else 0
