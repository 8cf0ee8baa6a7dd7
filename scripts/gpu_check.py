"""Say whether a card can be used here, what is wrong if not, and what to do. Exit code 1 where something is wrong.

Usage: python scripts/gpu_check.py
"""

import logging
import sys
from functools import partial

import yaml
from foxhound.commands.gpu_findings import check
from foxhound.compute.device import choose_device

if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    with open("config.yaml", encoding="utf-8") as file:
        config = yaml.safe_load(file)
    wrong = 0
    for finding in check(partial(choose_device, gpu=True), config["encoders"][config["encoder"]]):
        wrong += bool(finding.remedy)
        print(f"{'WRONG' if finding.remedy else 'ok   '} {finding.what}: {finding.seen}", flush=True)
        if finding.remedy:
            print(f"      {finding.remedy}", flush=True)
    sys.exit("Not all is well with cards here (see above). Without one, everything runs on the CPU." if wrong else 0)
