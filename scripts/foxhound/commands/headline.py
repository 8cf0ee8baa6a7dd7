"""Write the headline of a finished experiment into README.md, and its figure beside it."""

import argparse
import shutil
from pathlib import Path

from foxhound.commands.checkout import require_checkout

EXAMPLES = """\
  foxhound headline
  foxhound headline results/demo"""
README, FIGURE = Path("README.md"), Path("docs/f1.svg")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("results", nargs="?", type=Path, default=Path("results"), help="folder (default: %(default)s)")


def run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Write recommendation, leaderboard and figure."""
    require_checkout()
    from foxhound.files import read_text, write_text
    from foxhound.report.headline import headline, insert

    folder = arguments.results
    report = read_text(folder / "report.md", "Make it: foxhound report")
    figure = f"![F1 of every model with its 95 % interval]({FIGURE})"
    write_text(README, insert(README.read_text(encoding="utf-8"), headline(report, figure)))
    FIGURE.parent.mkdir(exist_ok=True)
    shutil.copyfile(folder / "figures" / FIGURE.name, FIGURE)
