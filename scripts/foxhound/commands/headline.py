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
    """Write table and figure."""
    require_checkout()
    from foxhound.files import write_text
    from foxhound.report.headline import headline, insert
    from foxhound.tables import read_table

    folder = arguments.results
    tables = [read_table(folder / f"{name}.parquet", name) for name in ("scores", "comparisons", "claims")]
    figure = f"![F1 of every model with its 95 % interval]({FIGURE})"
    write_text(README, insert(README.read_text(encoding="utf-8"), f"{figure}\n\n{headline(*tables)}"))
    FIGURE.parent.mkdir(exist_ok=True)
    shutil.copyfile(folder / "figures" / FIGURE.name, FIGURE)
