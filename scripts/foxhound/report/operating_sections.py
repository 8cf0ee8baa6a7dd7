"""Write what the recommended model would do for people who moderate."""

from typing import Any

import numpy as np
import pandas as pd

from foxhound.evaluation.operating_points import PRECISION, REVIEWED, THRESHOLD
from foxhound.evaluation.recommendation import Recommendation
from foxhound.markdown import NOTHING, escape, table
from foxhound.names import ALWAYS
from foxhound.report.short_words import hundredths, met, short

TITLE = "Operating points for moderation"


def operating_rows(operating: pd.DataFrame, found: Recommendation | None) -> pd.DataFrame:
    """Return the rows of the recommended model under the hardest folds."""
    if found is None:
        return operating.iloc[:0]
    row = found.row
    same = operating["model"].eq(row["model"]) & operating["protocol"].eq(row["protocol"])
    rate = operating["learning_rate"]
    return operating[same & (rate.isna() if pd.isna(row["learning_rate"]) else rate.eq(row["learning_rate"]))]


def operating_sections(
    operating: pd.DataFrame, answered: pd.DataFrame, found: Recommendation | None, group: str, picture: str
) -> list[str]:
    """Return what each wish comes to: acting without a person, and sending comments to people.

    Args:
        operating, answered: tables of these names.
        picture: the figure, as Markdown.
    """
    rows = operating_rows(operating, found)
    if found is None or rows.empty:
        return []
    about = (
        f"{escape(found.taken.name)} on {met(found.kind, group)}, its probabilities calibrated and its thresholds "
        "chosen on the other folds. *Acting alone*: what lies above the threshold is called hateful and nobody looks. "
        "*Sent to people*: the likeliest comments, as many as they can look at. 95 % intervals over comments, for "
        f"these thresholds.{_by_chance(found)} The targets are `recommendation.operating` in config.yaml."
    )
    wished = rows[rows["rule"] != THRESHOLD]
    header = ("What is asked for", "Threshold", "Of those, hateful", "Of all hateful, caught", "Of all comments")
    cells = [_cells(row) for _, row in wished.iterrows()]
    sections = [f"## {TITLE}", about, *([table(header, cells)] if cells else []), picture]
    return [*sections, *_answered_section(operating_rows(answered, found), found.kind, group)]


def _by_chance(found: Recommendation) -> str:
    """Say what a model that knows nothing would come to: as calling everything hateful does."""
    always = found.models.get(ALWAYS)
    if always is None or found.kind not in always.rows:
        return ""
    share = hundredths(always.rows[found.kind]["precision"])
    return f" By chance {share} of them would be hateful, and a share of the comments would catch as large a share."


def _answered_section(rows: pd.DataFrame, kind: str, group: str) -> list[str]:
    """Return what is left to people where errors may not pass a rate, by `operating_rows` of the table `answered`."""
    if rows.empty:
        return []
    about = (
        "*Who decides*: above one limit the model calls a comment hateful, below another not hateful, and between "
        "them it asks a person. The limits are chosen on the other folds, so that of either class no more than the "
        "wished share is answered wrongly (after split conformal prediction, Vovk 2012). That holds on average and "
        "about, as each fold has a model of its own, for comments drawn like the labelled ones; the table shows what "
        f"came out on {met(kind, group)}. `foxhound predict --error-rate` answers so."
    )
    header = ("Errors, at most", "Sent to a person", "Hateful, answered wrongly", "Not hateful, answered wrongly")
    grouped = bool(rows["groups"].gt(1).all())
    cells = [
        [
            f"{100 * row['error_rate']:.0f} % of either class",
            *(short(*_ends(row, name)) for name in ("asked", "missed", "accused")),
            *([hundredths(row["worst_group"])] if grouped else []),
        ]
        for _, row in rows.iterrows()
    ]
    return [about, table((*header, *([f"Of all comments on the worst {group}"] if grouped else [])), cells)]


def _cells(row: "pd.Series[Any]") -> list[str]:
    share = f"{100 * row['wish']:.0f} %"
    asked = {
        PRECISION: f"Acting alone, {share} of those called hateful are",
        REVIEWED: f"Sending {share} of comments to people",
    }[row["rule"]]
    if not np.isfinite(row["threshold"]):
        return [asked, "not reachable: no threshold promises it on every fold", *[NOTHING] * 3]
    return [
        asked,
        hundredths(row["threshold"]),
        *(short(*_ends(row, name)) for name in ("precision", "recall", "share")),
    ]


def _ends(row: "pd.Series[Any]", name: str) -> tuple[float, float, float]:
    return row[name], row[f"{name}_low"], row[f"{name}_high"]
