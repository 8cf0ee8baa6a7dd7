"""Find the checkout that the commands work in, and start Snakemake there."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from foxhound.errors import FoxhoundError

ROOT = Path(__file__).resolve().parents[3]


def require_checkout() -> None:
    """Refuse to work anywhere but in the checkout that this foxhound belongs to.

    Raises:
        FoxhoundError: the current folder is another one.
    """
    if Path.cwd().resolve() != ROOT:
        raise FoxhoundError(f"This foxhound belongs to {ROOT}, and works there. Run it in that folder:\n  cd {ROOT}")


def run_snakemake(cores: int | None, options: Sequence[str]) -> int:
    """Run Snakemake in the checkout, and return its exit code.

    Args:
        cores: jobs side by side; None is one per processor core that this process may use.
        options: of Snakemake, and targets.
    """
    require_checkout()
    number = cores or (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    command = [sys.executable, "-m", "snakemake", "--cores", str(number), *options]
    try:
        return subprocess.run(command).returncode
    except KeyboardInterrupt:  # Snakemake got it too, and has ended its jobs
        return 130
