"""Draw what a threshold does: precision, recall and the share of comments above it."""

import altair as alt
import pandas as pd

from foxhound.evaluation.operating_points import THRESHOLD
from foxhound.report.figure_style import intervals, nothing, series_colour, styled, tooltips

SERIES = {
    "precision": "of those above it, hateful (precision)",
    "recall": "of all hateful, above it (recall)",
    "share": "of all comments, above it",
}


def operating_plot(operating: pd.DataFrame, name: str, title: str) -> alt.TopLevelMixin:
    """Draw precision, recall and share above each threshold of calibrated probability, with 95 % bands, of one model.

    Args:
        operating: rows of the table `operating`, of one model under one protocol.
        name: of the model.
        title: what the folds are.
    """
    rows = operating[operating["rule"] == THRESHOLD]
    if rows.empty:
        return nothing("No model can be recommended.")
    pieces = [
        pd.DataFrame({
            "threshold": rows["wish"],
            "series": words,
            "value": rows[measure],
            "low": rows[f"{measure}_low"],
            "high": rows[f"{measure}_high"],
            "interval": intervals(rows, measure),
        })
        for measure, words in SERIES.items()
    ]  # fmt: skip
    marks = pd.concat(pieces).dropna(subset=["value"])
    x = alt.X("threshold:Q", title="calibrated probability", scale=alt.Scale(domain=[0, 1], nice=False))
    y = alt.Scale(domain=[0, 1], nice=False)
    base = alt.Chart(marks.round(4)).encode(x=x, color=series_colour([*SERIES.values()]))
    tips = {"": "series:N", "threshold": "threshold:Q", "share, 95 % interval": "interval:N"}
    heading = alt.TitleParams(f"{name} under {title}", subtitle="Calibrated on the other folds; 95 % bootstrap bands.")
    chart = alt.layer(
        base.mark_area(opacity=0.18).encode(y=alt.Y("low:Q", title="share", scale=y), y2="high:Q"),
        base.mark_line(strokeWidth=2).encode(y=alt.Y("value:Q", title="share", scale=y)),
        base.mark_point(opacity=0, size=60).encode(y=alt.Y("value:Q", title="share", scale=y), tooltip=tooltips(tips)),
    )
    return styled(chart.properties(width=520, height=240, title=heading))
