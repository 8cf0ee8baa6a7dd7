"""Make up tables for the tests of the report, and read the tables of a report back."""

from pathlib import Path

import pandas as pd
from foxhound.evaluation.comparisons import compare
from foxhound.evaluation.data_ladder import COLUMNS, METRICS
from foxhound.replication.published import load_published
from made_up import IDS, experiment, scored
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
LEAKS = pd.DataFrame(
    [
        ("stratified-10", "fold-01", IDS[0], "test", IDS[1], 1.0),
        ("stratified-10", "fold-02", IDS[1], "test", IDS[0], 1.0),
        ("stratified-10", "fold-02", IDS[5], "test", IDS[9], 0.85),
        ("balanced-first-700", "draw-1", IDS[5], "test", IDS[9], 0.85),
        ("balanced-first-700", "draw-2", IDS[6], "test", IDS[9], 0.9),
    ],
    columns=["protocol", "partition", "id", "part", "train_id", "similarity"],
)
DUPLICATES = pd.DataFrame(
    [
        (IDS[0], 0, IDS[1], 0, 1.0),
        (IDS[2], 1, IDS[3], 0, 1.0),
        (IDS[5], 0, IDS[9], 1, 0.85),
        (IDS[6], 1, IDS[9], 0, 0.9),
    ],
    columns=["id", "label", "other_id", "other_label", "similarity"],
)
PICKED = pd.DataFrame(
    {
        **{"protocol": "stratified-10", "part": "test", "model": "m|x", "learning_rate": None, "seeds": 1},
        **{"epoch_best": [4], "epoch_last": 9},
        **{
            f"{name}{end}": 0.5
            for name in ("f1_last", "f1_best", "f1_elsewhere", "optimism")
            for end in ("", "_low", "_high")
        },
    }
)
FEW_SEEDS = "a size has 2 seeds, not 3 or more"
LADDER = pd.DataFrame(
    [
        ("random", "finetune-bert", 1e-4, 3, "f1", 3, 5, 700, 0.7, 0.0214, -0.002, 0.04, None),
        (
            "random",
            "finetune-bert",
            1e-4,
            3,
            "auroc",
            3,
            5,
            700,
            0.8,
            None,
            None,
            None,
            "the scores follow no power law",
        ),
        *(("random", "finetune-bert", 2e-5, 3, name, 3, 2, 700, 0.7, *[None] * 3, FEW_SEEDS) for name in METRICS),
        *(("none", "m|x", None, 0, name, 3, 2, 700, 0.7, *[None] * 3, FEW_SEEDS) for name in METRICS),
    ],
    columns=COLUMNS,
).astype({"learning_rate": "float64"})


def tables(text: str) -> list[list[list[str]]]:
    """Return all tables as GitHub sees them: rows of cells of text."""
    parsed: list[list[list[str]]] = []
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "table_open":
            parsed.append([])
        elif token.type == "tr_open":
            parsed[-1].append([])
        elif token.type == "inline" and token.level >= 4 and parsed:
            parsed[-1][-1].append("".join(child.content for child in token.children))
    return parsed
