"""Recompute the published figures from confusion tables, with intervals, and check them by arithmetic."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from foxhound.errors import FoxhoundError
from foxhound.evaluation.proportions import Confusion, confusion_intervals
from foxhound.evaluation.scoring import score_confusion
from foxhound.replication.printed_digits import FIGURES, most_comments
from foxhound.replication.printed_tables import WAYS, fewest_comments, tables_printed_as

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


def check_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return one published row with figures recomputed by the project's scoring, intervals and flags.

    Adds to the row:
        `<figure>_recomputed`, `<figure>_low`, `<figure>_high`: from the confusion table.
        `n_differs`: the table that gives the printed figures has another size than claimed.
        `most_n`: the most comments that the claimed number can stand for.
        `meaning`: what the figures are of, the first of MEANINGS that some table of `most_n` or fewer fits; or "none".
        `smallest_n`: the fewest comments that give the printed figures, in any of the WAYS; 0 where none were found.
        `impossible_as_printed`: no table of `most_n` comments or fewer gives the printed figures, in any of the WAYS.
            Fewer than claimed may do: comments may have been dropped before scoring.
    """
    table = Confusion(*(row[name] for name in CONFUSION))
    recomputed = score_confusion(*table)
    intervals = confusion_intervals(table)
    most = most_comments(row["n_claimed"])
    possible = fewest_comments(row, most)
    smallest = possible or fewest_comments(row, max(sum(table), most))
    checked = {
        "n_differs": sum(table) != row["n_claimed"],
        "most_n": most,
        "meaning": possible.meaning if possible else "none",
        "smallest_n": (smallest and smallest.comments) or 0,
        "impossible_as_printed": possible is None,
    }
    for name in FIGURES:
        low, high = intervals[name]
        checked |= {name + "_recomputed": recomputed[name], name + "_low": low, name + "_high": high}
    return row | checked


def accusation(row: Mapping[Any, Any]) -> str:
    """Return why a row of `check_row` is impossible as printed: what was tried, and what it would take."""
    needs = f"; it takes {row['smallest_n']} or more" if row["smallest_n"] else ""
    return (
        f"no confusion table of up to {row['most_n']} comments ({row['n_claimed']} claimed) gives the printed "
        f"figures{needs} (tried: {WAYS})"
    )


def published_table(published: dict[str, Any]) -> pd.DataFrame:
    """Return the rows of `load_published` after `check_row`, one per published result."""
    return pd.DataFrame([check_row(row) for row in published["results"]])


def other_published(published: dict[str, Any]) -> list[dict[str, Any]]:
    """Return figures of other papers, with intervals where the printed digits allow them.

    Where the test size is given, `<figure>_low` and `<figure>_high` span the intervals of every confusion table whose
    figures print as these; otherwise they are None.
    """
    rows: list[dict[str, Any]] = []
    for row in published.get("other_published", []):
        if row["who"] == "same":
            row = {name: rows[-1][name] for name in ("who", "protocol")} | row | {"who": rows[-1]["who"]}
        size = re.search(r"test n = (\d+)", row.get("protocol", ""))
        tables = []
        if size and all(name in row for name in FIGURES):
            tables = tables_printed_as(row, int(size[1]), int(size[1]))
        bounds: dict[str, float | None] = {}
        for name in FIGURES:
            ends = [confusion_intervals(table)[name] for table in tables]
            bounds[name + "_low"] = min(low for low, _ in ends) if ends else None
            bounds[name + "_high"] = max(high for _, high in ends) if ends else None
        rows.append(row | bounds)
    return rows
