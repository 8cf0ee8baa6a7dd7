"""Build the report and its pictures.

Reads the tables scores (and its footer, the provenance), standings, ladder, comparisons, leaks, duplicates, epochs,
picked, calibration, precision_recall, articles, operating and answered; claims and the published figures where the
corpus is the published one; sentences, hatecheck, explanations and attention where the configuration asks for them.
Writes report.md, its answer in a sentence (answer.txt, for the console), and a picture per name in PICTURES (SVG, and
its Vega-Lite specification). Computes no score: every number in the report is in one of these tables or recomputed from
a published confusion table. What each model and each stage cost comes from the jobs' logs and benchmark files.
"""

import logging
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from altair import TopLevelMixin
from altair.utils.schemapi import debug_mode
from foxhound.compute.model_costs import read_cost
from foxhound.evaluation.generalisation import side_by_side
from foxhound.evaluation.recommendation import Recommendation, recommend
from foxhound.evaluation.score_views import over_seeds, protocol_titles
from foxhound.experiment.kept_costs import how_to_ask
from foxhound.files import write_text
from foxhound.replication.published import load_published
from foxhound.report.answer_sections import answer_line
from foxhound.report.cost_sections import Times
from foxhound.report.document import Answer, build_report
from foxhound.report.error_figures import article_plot, calibration_plot, precision_recall_plot
from foxhound.report.figure_style import is_nothing, save_chart
from foxhound.report.operating_figure import operating_plot
from foxhound.report.operating_sections import operating_rows
from foxhound.report.score_figures import forest_plot, learning_rate_plot
from foxhound.report.short_words import Costs
from foxhound.report.training_figures import collapse_plot, ladder_plot, learning_curve_plot
from foxhound.tables import read_metadata, read_table
from foxhound.workflow.job import start_job
from foxhound.workflow.job_costs import model_times, stage_times

Tables = Mapping[str, pd.DataFrame]
TABLES = (
    *("scores", "standings", "ladder", "comparisons", "leaks", "duplicates", "epochs", "picked", "calibration"),
    *("precision_recall", "articles", "operating", "answered"),
)
ASKED_FOR = ("claims", "sentences", "hatecheck", "explanations", "attention")
SCHEMAS = {"attention": "explanations"}
PICTURES: dict[str, Callable[[Tables, Recommendation | None, str], TopLevelMixin]] = {
    "f1": lambda tables, *_: forest_plot(tables["scores"]),
    "operating": lambda tables, found, _: operating_picture(tables, found),
    "learning-rate": lambda tables, *_: learning_rate_plot(tables["scores"]),
    "collapse": lambda tables, *_: collapse_plot(tables["scores"]),
    "learning-curves": lambda tables, *_: learning_curve_plot(tables["epochs"], tables["scores"]),
    "ladder": lambda tables, *_: ladder_plot(tables["scores"]),
    "calibration": lambda tables, *_: calibration_plot(tables["calibration"], protocol_titles(tables["scores"])),
    "precision-recall": lambda tables, *_: precision_recall_plot(
        tables["precision_recall"], protocol_titles(tables["scores"])
    ),
    "articles": lambda tables, _, group: article_plot(tables["articles"], protocol_titles(tables["scores"]), group),
}


@dataclass(frozen=True)
class Asked:
    """What the configuration asks of the report's answer.

    keepable, prefer: what decides the recommendation. places: model -> where what it costs was logged. version: of
    Foxhound.
    """

    keepable: Mapping[str, int]
    prefer: str
    places: Mapping[str, Sequence[str]]
    version: str


def commit() -> str:
    """Return which commit of the checkout made the report; "" where nobody knows."""
    asked = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    try:
        found = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
    return f" (commit {found})"


def operating_picture(tables: Tables, found: Recommendation | None) -> TopLevelMixin:
    """Draw the operating points of the recommended model."""
    rows = operating_rows(tables["operating"], found)
    titles = protocol_titles(tables["scores"])
    name, title = (found.taken.name, titles[found.row["protocol"]]) if found else ("", "")
    return operating_plot(rows, name, title)


def model_costs(scores: pd.DataFrame, places: Mapping[str, Sequence[str]], logs: Path) -> Costs:
    """Return what each model costs that runs under folds, by its name: under the hardest folds that it runs under."""
    costs = {}
    for model in side_by_side(over_seeds(scores)):
        row = list(model.rows.values())[-1]
        named = [place.format(protocol=row["protocol"]) for place in places.get(row["model"], ())]
        cost = read_cost(logs, named)
        if cost:
            costs[model.name] = (cost.seconds, cost.milliseconds, cost.megabytes)
    return costs


def write_report(
    inputs: Mapping[str, str],
    report: str,
    sentence: str,
    pictures: Sequence[str],
    models: Sequence[dict[str, Any]],
    source: dict[str, Any],
    folders: Mapping[str, str],
    planned: Sequence[str],
    vectors: Sequence[str],
    asked: Asked,
) -> None:
    """Write the pictures, at paths named after them, and the report that shows them.

    Args:
        sentence: the file for the answer in a sentence.
        folders: `benchmarks` and `logs` of the jobs.
        vectors: tables of word vectors; their footers are read.
    """
    names = [*TABLES, *(name for name in ASKED_FOR if name in inputs)]
    tables = {name: read_table(inputs[name], SCHEMAS.get(name, name)) for name in names}
    found = recommend(over_seeds(tables["scores"]), tables["comparisons"], asked.keepable, asked.prefer)
    folder, links = Path(report).parent, {}
    for path in map(Path, pictures):
        with debug_mode(False):  # in which Altair checks each part of a chart as it is made, for longer than making it
            chart = PICTURES[path.stem](tables, found, source["group"])
        save_chart(chart, path)
        if not is_nothing(chart):
            links[path.stem] = Path(os.path.relpath(path, folder)).as_posix()
    made = read_metadata(inputs["scores"])
    benchmarks = Path(folders["benchmarks"])
    # Where files are stored in a bucket, none of the other jobs' benchmarks are here.
    times = None
    if any(benchmarks.rglob("*.tsv")):
        times = Times(stage_times(benchmarks, planned), model_times(benchmarks, planned))
    costs = model_costs(tables["scores"], asked.places, Path(folders["logs"]))
    when = f"Made on {date.today():%-d %B %Y} by Foxhound {asked.version}{commit()}."
    answer = Answer(found, costs, asked.prefer, asked.keepable, how_to_ask(folder.as_posix()), when)
    # On the demo corpus that stands in for another one, nothing is said of the published experiment.
    published = load_published(inputs["published"]) if "claims" in tables and not source["fallback"] else None
    words = [read_metadata(path) for path in vectors]
    write_text(sentence, answer_line(found, source["group"]) + "\n")
    write_text(report, build_report(tables, published, source, made, models, links, times, words, answer))
    if source["fallback"]:
        logging.warning("The report is about the embedded demo corpus: %s", source["reason"])


if __name__ == "__main__":
    with start_job(snakemake) as job:
        pictures = [path for path in job.output if path.endswith(".svg")]
        inputs, params = dict(job.input.items()), dict(job.params)
        vectors, asked = inputs.pop("vectors"), Asked(**params.pop("asked"))
        write_report(inputs, job.output.report, job.output.answer, pictures, vectors=vectors, asked=asked, **params)
