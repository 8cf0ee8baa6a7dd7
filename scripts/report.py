"""Build the report and its two figures.

Reads scores.parquet (and its footer, which says how it was made), comparisons.parquet and the published figures;
writes report.md and two SVG pictures. Computes no score: every number in the report is in the scores table or
recomputed from a published confusion table.
"""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from foxhound.figures import forest_plot, learning_rate_plot, save_chart
from foxhound.files import write_text
from foxhound.job import start_job
from foxhound.published import load_published
from foxhound.report import build_report
from foxhound.score_views import main_protocol
from foxhound.tables import read_metadata, read_table


def write_report(
    scores: str,
    comparisons: str,
    published: str,
    report: str,
    forest: str,
    sweep: str,
    models: Sequence[dict[str, Any]],
    source: dict[str, Any],
) -> None:
    """Write the two figures and the report that shows them."""
    table = read_table(scores, "scores")
    pairs = read_table(comparisons, "comparisons")
    save_chart(forest_plot(table, main_protocol(table)), forest)
    save_chart(learning_rate_plot(table), sweep)
    folder = Path(report).parent
    pictures = [Path(os.path.relpath(path, folder)).as_posix() for path in (forest, sweep)]
    made = read_metadata(scores)
    write_text(report, build_report(table, pairs, load_published(published), source, made, models, *pictures))
    if source["fallback"]:
        logging.warning("The report is about the embedded demo corpus: %s", source["reason"])


if __name__ == "__main__":
    with start_job(snakemake) as job:
        inputs, outputs = job.input, job.output
        write_report(
            inputs.scores,
            inputs.comparisons,
            inputs.published,
            outputs.report,
            outputs.forest,
            outputs.sweep,
            **job.params,
        )
