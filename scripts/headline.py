"""Write the headline of a finished experiment into README.md, with its picture beside it.

Usage: python scripts/headline.py [results]
"""

import argparse
import shutil
from pathlib import Path

from foxhound.files import write_text
from foxhound.report.headline import headline, insert
from foxhound.tables import read_table

README, PICTURE = Path("README.md"), Path("docs/f1.svg")

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="?", type=Path, default=Path("results"))
    folder = parser.parse_args().results
    tables = [read_table(folder / f"{name}.parquet", name) for name in ("scores", "comparisons", "claims")]
    picture = f"![F1 of every model with its 95 % interval]({PICTURE})"
    write_text(README, insert(README.read_text(encoding="utf-8"), f"{picture}\n\n{headline(*tables)}"))
    PICTURE.parent.mkdir(exist_ok=True)
    shutil.copyfile(folder / "figures" / PICTURE.name, PICTURE)
