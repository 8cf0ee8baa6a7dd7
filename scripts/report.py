"""Build the report and its pictures.

Reads the tables scores (and its footer, the provenance), standings, ladder, comparisons, claims, leaks, duplicates,
epochs, picked, calibration, precision_recall and articles; sentences, hatecheck, explanations and attention where the
configuration asks for them; the choice of the final model; and the published figures. Writes report.md and a picture
per name in PICTURES (SVG, and its Vega-Lite specification). Computes no score: every number in the report is in one of
these tables or recomputed from a published confusion table. What each stage cost comes from the benchmark files.
"""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from altair import TopLevelMixin
from foxhound.evaluation.score_views import protocol_titles
from foxhound.files import read_json, write_text
from foxhound.replication.published import load_published
from foxhound.report.document import build_report
from foxhound.report.error_figures import article_plot, calibration_plot, precision_recall_plot
from foxhound.report.figure_style import save_chart
from foxhound.report.score_figures import forest_plot, learning_rate_plot
from foxhound.report.training_figures import collapse_plot, ladder_plot, learning_curve_plot
from foxhound.tables import read_metadata, read_table
from foxhound.workflow.job import start_job
from foxhound.workflow.job_costs import stage_times

TABLES = (
    *("scores", "standings", "ladder", "comparisons", "claims", "leaks", "duplicates", "epochs", "picked"),
    *("calibration", "precision_recall", "articles"),
)
CHECKS = ("sentences", "hatecheck", "explanations", "attention")  # where the configuration asks for them
SCHEMAS = {"attention": "explanations"}
PICTURES: dict[str, Callable[[Mapping[str, pd.DataFrame]], TopLevelMixin]] = {
    "f1": lambda tables: forest_plot(tables["scores"]),
    "learning-rate": lambda tables: learning_rate_plot(tables["scores"]),
    "collapse": lambda tables: collapse_plot(tables["scores"]),
    "learning-curves": lambda tables: learning_curve_plot(tables["epochs"], tables["scores"]),
    "ladder": lambda tables: ladder_plot(tables["scores"]),
    "calibration": lambda tables: calibration_plot(tables["calibration"], protocol_titles(tables["scores"])),
    "precision-recall": lambda tables: precision_recall_plot(
        tables["precision_recall"], protocol_titles(tables["scores"])
    ),
    "articles": lambda tables: article_plot(tables["articles"], protocol_titles(tables["scores"])),
}


def write_report(
    inputs: Mapping[str, str],
    report: str,
    pictures: Sequence[str],
    models: Sequence[dict[str, Any]],
    source: dict[str, Any],
    benchmarks: str,
    planned: Sequence[str],
    vectors: Sequence[str],
) -> None:
    """Write the pictures, at paths named after them, and the report that shows them.

    Args:
        vectors: tables of word vectors; their footers are read.
    """
    names = [name for name in (*TABLES, *CHECKS) if name in inputs]
    tables = {name: read_table(inputs[name], SCHEMAS.get(name, name)) for name in names}
    for path in map(Path, pictures):
        save_chart(PICTURES[path.stem](tables), path)
    folder = Path(report).parent
    links = {Path(path).stem: Path(os.path.relpath(path, folder)).as_posix() for path in pictures}
    made = read_metadata(inputs["scores"])
    # Where files are stored in a bucket, none of the other jobs' benchmarks are here.
    times = stage_times(Path(benchmarks), planned) if any(Path(benchmarks).rglob("*.tsv")) else pd.DataFrame()
    words = [read_metadata(path) for path in vectors]
    published = load_published(inputs["published"])
    final = read_json(inputs["choice"], ["model", "learning_rate", "epoch"]) if "choice" in inputs else None
    text = build_report(tables, published, source, made, models, links, times, final, words)
    write_text(report, text)
    if source["fallback"]:
        logging.warning("The report is about the embedded demo corpus: %s", source["reason"])


if __name__ == "__main__":
    with start_job(snakemake) as job:
        pictures = [path for path in job.output if path.endswith(".svg")]
        inputs = dict(job.input.items())
        vectors = inputs.pop("vectors")
        write_report(inputs, job.output.report, pictures, vectors=vectors, **job.params)
