"""Write a table as text, and read its texts."""

from pathlib import Path

from foxhound.corpus.readers import open_table
from foxhound.corpus.table_file import Reading


def texts(path: Path, text: str, **reading: str) -> list[str]:
    """Return what stands in the column `text` of a table of these letters."""
    path.write_text(text, encoding="utf-8", newline="")
    table = open_table(path, Reading(**reading))
    found = [row[0] for _, row in table.rows(["text"])]
    assert len(found) == table.count
    return found
