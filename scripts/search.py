"""Write the page on what was tried for a better model.

Reads the tables scores and comparisons; the time of a training run comes from the benchmark files. Computes no score.
"""

from pathlib import Path

from foxhound.files import write_text
from foxhound.report.search_page import search_report
from foxhound.tables import read_table
from foxhound.workflow.job import start_job
from foxhound.workflow.job_costs import run_minutes


def write(scores: str, comparisons: str, page: str, reference: str, made_of: dict[str, str], benchmarks: str) -> None:
    """Write the page."""
    tables = read_table(scores, "scores"), read_table(comparisons, "comparisons")
    write_text(page, search_report(*tables, reference, made_of, run_minutes(Path(benchmarks))))


if __name__ == "__main__":
    with start_job(snakemake) as job:
        write(job.input.scores, job.input.comparisons, job.output.page, **job.params)
