"""Check the raw corpus row by row and write the comments table.

Reads the raw file and origin.json; writes comments.parquet and source.json (origin, counts, digest).
"""

import json
import logging
from pathlib import Path
from typing import Any

from foxhound.corpus import load_comments, summary
from foxhound.files import write_text
from foxhound.job import start_job
from foxhound.tables import write_table


def build(
    raw: str, origin: str, comments: str, source: str, name: str, definitions: dict[str, Any], fallback: str
) -> None:
    """Write the comments table and its source.json."""
    found = json.loads(Path(origin).read_text(encoding="utf-8"))
    used = fallback if found["fallback"] else name
    frame = load_comments(raw, definitions[used])
    facts = {"corpus": used, "asked_for": name} | found | summary(frame)
    write_table(frame, comments, "comments", facts)
    write_text(source, json.dumps(facts, indent=1))
    logging.info(
        "%s: %d comments, %d hateful, %d articles",
        used,
        facts["comments"],
        facts["hateful"],
        facts["articles"],
    )


if __name__ == "__main__":
    with start_job(snakemake) as job:
        build(job.input.raw, job.input.origin, job.output.comments, job.output.source, **job.params)
