"""Made-up tables for the tests of the report, and the tables of a report read back."""

from pathlib import Path

import pandas as pd
from foxhound.evaluation.comparisons import compare
from foxhound.replication.published import load_published
from made_up import experiment, scored
from markdown_it import MarkdownIt

PUBLISHED = load_published(Path(__file__).parents[2] / "resources" / "published-results.json")


def compared(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table `comparisons` of predictions."""
    rates = [settings["learning_rate"] for settings in frame["settings"]]
    return compare(
        frame.assign(protocol=frame["fold_or_split"].str.partition("/")[0], learning_rate=rates), draws=200, seed=0
    )


SCORES = scored(experiment())
COMPARISONS = compared(experiment())


def tables(text: str) -> list[list[list[str]]]:
    """All tables as GitHub sees them: rows of cells of text."""
    found: list[list[list[str]]] = []
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type == "inline" and token.level >= 4 and found:
            found[-1][-1].append("".join(child.content for child in token.children))
    return found
