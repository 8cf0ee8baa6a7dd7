"""Build report.html, the report as one self-contained page, with live charts and an error browser.

Reads report.md and its figures, the recommendation, the predictions that the error browser shows (those of one
protocol), and the columns of the comments. It shows the column `masked`, where the names of users are dotted out.
Beside the page it writes second-look.csv: the labels that the recommended model doubts most.
"""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from foxhound.corpus.columns import column_files, load_columns
from foxhound.files import read_json, read_text, write_text
from foxhound.report.error_browser import browser_data, read_predictions
from foxhound.report.page import Picture, build_page
from foxhound.report.second_look import COLUMNS, second_look
from foxhound.workflow.job import start_job
from tokenizers import Tokenizer


def read_pictures(figures: Sequence[str], report: str) -> dict[str, Picture]:
    """Return the SVG figures by their path in the report, each with the specification of the same name, if any."""
    pictures = {}
    for path in map(Path, figures):
        if path.suffix == ".svg":
            spec = path.with_suffix(".json")
            content = read_json(spec) if str(spec) in figures else None
            name = Path(os.path.relpath(path, Path(report).parent)).as_posix()
            pictures[name] = Picture(read_text(path), content)
    return pictures


def write_page(
    report: str,
    figures: Sequence[str],
    columns: dict[str, str],
    predictions: Sequence[str],
    epochs: Sequence[int],
    encoder: dict[str, Any],
    max_tokens: int,
    resources: dict[str, Any],
    recommendation: str,
    about: dict[str, Any],
    page: str,
    doubtful: str,
) -> None:
    """Write the page, and the labels worth a second look; without predictions there is no error browser, and no label.

    Args:
        about: `group`, what comments are on, and `invented`, whether nobody wrote them.
    """

    def tokenizer() -> Tokenizer:
        # Imported late: transformers takes seconds, and is needed only where a model has attention.
        from foxhound.features.encoder import find_encoder, load_tokenizer

        return load_tokenizer(find_encoder(encoder), max_tokens)

    browser, labels = None, pd.DataFrame(columns=COLUMNS)
    if predictions:
        rows = pd.concat(
            [read_predictions(path, epoch) for path, epoch in zip(predictions, epochs, strict=True)], ignore_index=True
        )
        first = read_json(recommendation)["model"]
        comments = load_columns(columns)
        browser = browser_data(comments, rows, tokenizer, first, **about)
        labels = second_look(comments, rows, first)
    template, style, scripts = (resources[name] for name in ("template", "style", "scripts"))
    texts = [read_text(path, f"Restore it: git checkout {path}") for path in (template, style, *scripts)]
    html = build_page(read_text(report), read_pictures(figures, report), browser, texts[0], texts[1], texts[2:])
    write_text(page, html)
    write_text(doubtful, labels.to_csv(index=False))
    logging.info("%.1f MB, %d comments", len(html.encode()) / 1e6, len(browser["id"]) if browser else 0)


if __name__ == "__main__":
    with start_job(snakemake) as job:
        inputs = job.input
        write_page(
            inputs.report,
            inputs.figures,
            column_files(inputs),
            inputs.predictions,
            recommendation=inputs.recommendation,
            resources={name: inputs[name] for name in ("template", "style", "scripts")},
            page=job.output.page,
            doubtful=job.output.second_look,
            **job.params,
        )
