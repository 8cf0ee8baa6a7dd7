"""Check the raw corpus row by row, apply corrections.csv, and write the comments table.

Writes comments.parquet and source.json (origin, counts, how many corrections, a digest per column).
"""

import json
import logging
from typing import Any

from foxhound.corpus.state import read_state
from foxhound.errors import FoxhoundError
from foxhound.files import write_text
from foxhound.tables import write_table
from foxhound.workflow.job import start_job


def write_comments(comments: str, source: str, **request: Any) -> None:
    """Write the comments table and its source.json."""
    state = read_state(**request)
    if state is None:
        raise FoxhoundError(
            f"{request['definition']['path']} was there when this run began, and is gone. Put it back and run again."
        )
    facts = state.facts | {"columns": state.columns}
    write_table(state.comments.drop(columns="masked"), comments, "comments", facts)
    write_text(source, json.dumps(facts, indent=1))
    logging.info("%(corpus)s: %(comments)d comments, %(hateful)d hateful, %(articles)d articles", facts)
    if facts["corrections"]:
        logging.info("%d corrections from %s", facts["corrections"], state.corrections)


if __name__ == "__main__":
    with start_job(snakemake) as job:
        # Snakemake compares the digests with those of the last run, beside the age of the files.
        request = {name: value for name, value in job.params.items() if name != "columns"}
        write_comments(job.output.comments, job.output.source, **request)
