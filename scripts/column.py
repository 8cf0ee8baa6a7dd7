"""Write one column of the comments into the file that its digest names; reads the raw corpus and the corrections."""

from typing import Any

from foxhound.corpus.state import read_state
from foxhound.errors import FoxhoundError
from foxhound.tables import write_table
from foxhound.workflow.job import start_job


def write_column(output: str, column: str, digest: str, asked: dict[str, Any]) -> None:
    """Write id and value of every comment."""
    state = read_state(**asked)
    if state is None or state.columns[column] != digest:
        raise FoxhoundError(
            f"{asked['definition']['path']}: the corpus changed while Snakemake was running. Run again."
        )
    write_table(state.comments[["id", column]], output, column, {"corpus": state.facts["corpus"]})


if __name__ == "__main__":
    with start_job(snakemake) as job:
        write_column(job.output.column, job.wildcards.column, job.wildcards.digest, **job.params)
