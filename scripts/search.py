"""Write the page on what was tried for a better model.

Reads the tables scores, standings and comparisons; the time of a training run comes from the benchmark files. Computes
no score.
"""

from collections.abc import Mapping
from pathlib import Path

from foxhound.files import write_text
from foxhound.report.search_page import search_report
from foxhound.tables import read_table
from foxhound.workflow.job import start_job
from foxhound.workflow.job_costs import run_minutes


def write(inputs: Mapping[str, str], page: str, reference: str, made_of: dict[str, str], benchmarks: str) -> None:
    """Write the page."""
    scores, standings, comparisons = (read_table(inputs[name], name) for name in ("scores", "standings", "comparisons"))
    minutes = run_minutes(Path(benchmarks))
    write_text(page, search_report(scores, standings, comparisons, reference, made_of, minutes))


if __name__ == "__main__":
    with start_job(snakemake) as job:
        write(dict(job.input.items()), job.output.page, **job.params)
