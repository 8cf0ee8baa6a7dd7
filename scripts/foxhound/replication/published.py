"""Recompute the published figures from confusion tables, with intervals, and check them by arithmetic."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from foxhound.errors import FoxhoundError
from foxhound.evaluation.proportions import Confusion, confusion_intervals
from foxhound.evaluation.scoring import score_confusion

FIGURES = ("accuracy", "precision", "recall", "f1")
CONFUSION = ("tp", "fp", "fn", "tn")


def load_published(path: str | Path) -> dict[str, Any]:
    """Return the published figures as stored.

    Raises:
        FoxhoundError: the file is not JSON, or a row lacks a figure, a count or `n_claimed`.
    """
    try:
        published = json.loads(Path(path).read_text(encoding="utf-8"))
        rows = published["results"]
    except (ValueError, KeyError, TypeError) as error:
        raise FoxhoundError(
            f"{path}: not the published figures ({error!r}). Restore it: git checkout {path}"
        ) from error
    for row in rows:
        lacking = sorted({"id", "n_claimed", *FIGURES, *CONFUSION} - set(row))
        if lacking:
            raise FoxhoundError(f"{path}: row {row.get('id', row)} lacks {lacking}. Restore it: git checkout {path}")
    return published


def rounding_error(printed: float) -> float:
    """Return how far the true value can be from `printed`: half a unit of its last digit, at least 1e-12."""
    digits = len(repr(printed).partition(".")[2])
    return max(0.5 * 10.0**-digits * (1 + 1e-9), 1e-12)


def tables_reproducing(figures: dict[str, float], largest: int, smallest: int = 1) -> list[Confusion]:
    """Return all confusion tables of `smallest` to `largest` comments whose four figures round to the printed ones.

    The search is exhaustive: tp and fp by precision, fn by recall and F1, tn by accuracy.

    Args:
        figures: accuracy, precision, recall and f1 as printed; each is trusted to its last digit only.
        largest: number of comments, at most.
        smallest: number of comments, at least.
    """
    slack = {name: rounding_error(figures[name]) for name in FIGURES}
    counts = np.arange(largest + 1)
    true, false = counts[:, None], counts[None, :]
    with np.errstate(invalid="ignore"):
        fitting = np.abs(true / (true + false) - figures["precision"]) <= slack["precision"]
    tables = []
    for tp, fp in np.argwhere(fitting & (true > 0) & (true + false <= largest)):
        negatives = counts[: largest - tp - fp + 1]
        good = np.abs(tp / (tp + negatives) - figures["recall"]) <= slack["recall"]
        good &= np.abs(2 * tp / (2 * tp + fp + negatives) - figures["f1"]) <= slack["f1"]
        for fn in negatives[good]:
            wrong = fp + fn
            tn = np.arange(max(0, smallest - tp - wrong), largest - tp - wrong + 1)
            accuracy = (tp + tn) / (tp + wrong + tn)
            right = tn[np.abs(accuracy - figures["accuracy"]) <= slack["accuracy"]]
            tables += [Confusion(int(tp), int(fp), int(fn), int(rest)) for rest in right]
    return tables


def rounded_claim(claimed: int) -> int:
    """Return the most comments that `claimed` can stand for: 170 may be 174 rounded to tens, 1528 is 1528."""
    return claimed + 4 if claimed % 10 == 0 else claimed


def check_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return one published row with figures recomputed by the project's scoring, intervals and flags.

    Adds to the row:
        `<figure>_recomputed`, `<figure>_low`, `<figure>_high`: from the confusion table.
        `n_differs`: the table that gives the printed figures has another size than claimed.
        `fits_claim`: some table of exactly `n_claimed` comments gives the printed figures.
        `smallest_n`: the fewest comments that give the printed figures.
        `impossible_as_printed`: they need more comments than were claimed, even if that number was rounded. Fewer
            are possible: comments may have been dropped before scoring.
    """
    table = Confusion(*(row[name] for name in CONFUSION))
    recomputed = score_confusion(*table)
    intervals = confusion_intervals(table)
    claimed, figures = row["n_claimed"], {name: row[name] for name in FIGURES}
    sizes = {sum(counts) for counts in tables_reproducing(figures, max(sum(table), claimed))}
    smallest = min(sizes) if sizes else None
    checked = {
        "n_differs": sum(table) != claimed,
        "fits_claim": claimed in sizes,
        "smallest_n": smallest,
        "impossible_as_printed": smallest is None or smallest > rounded_claim(claimed),
    }
    for name in FIGURES:
        low, high = intervals[name]
        checked |= {name + "_recomputed": recomputed[name], name + "_low": low, name + "_high": high}
    return row | checked


def published_table(published: dict[str, Any]) -> pd.DataFrame:
    """Return the rows of `load_published` after `check_row`, one per published result."""
    return pd.DataFrame([check_row(row) for row in published["results"]])


def other_published(published: dict[str, Any]) -> list[dict[str, Any]]:
    """Return figures of other papers, with intervals where the printed digits allow them.

    Where the test size is given, `<figure>_low` and `<figure>_high` span the intervals of every confusion table that
    rounds to the printed figures; otherwise they are None.
    """
    rows: list[dict[str, Any]] = []
    for row in published.get("other_published", []):
        if row["who"] == "same":
            row = {name: rows[-1][name] for name in ("who", "protocol")} | row | {"who": rows[-1]["who"]}
        size = re.search(r"test n = (\d+)", row.get("protocol", ""))
        tables = []
        if size and all(name in row for name in FIGURES):
            tables = tables_reproducing({name: row[name] for name in FIGURES}, int(size[1]), int(size[1]))
        bounds: dict[str, float | None] = {}
        for name in FIGURES:
            ends = [confusion_intervals(table)[name] for table in tables]
            bounds[name + "_low"] = min(low for low, _ in ends) if ends else None
            bounds[name + "_high"] = max(high for _, high in ends) if ends else None
        rows.append(row | bounds)
    return rows
