"""Obtain the raw corpus: the file in resources/, else the pinned download, else the fallback the config allows.

Writes the raw bytes as they are, and origin.json: where they came from, their sha256, and whether a fallback stood in.
"""

import json

from foxhound.files import write_text
from foxhound.job import start_job
from foxhound.sources import obtain

if __name__ == "__main__":
    with start_job(snakemake) as job:
        found = obtain(**job.params, local=job.input.get("raw"), output=job.output.raw)
        write_text(job.output.origin, json.dumps(found, indent=1))
