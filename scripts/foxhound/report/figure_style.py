"""Give all figures one style."""

import json
import math
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
from vl_convert import vegalite_to_svg

from foxhound.files import atomic_path, write_text
from foxhound.markdown import with_interval
from foxhound.names import ALWAYS, TFIDF

# Okabe and Ito (2008): distinct with every common kind of colour blindness, and in grey.
PALETTE = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]

SHAPES = ["circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "triangle-right"]

CROSS = "M-0.5,-0.5L0.5,0.5M0.5,-0.5L-0.5,0.5"

ROW_HEIGHT = 20

INK, GREY = "#222222", "#767676"

NOTHING = "nothing"

VEGA_LITE = "_".join(alt.SCHEMA_VERSION.split(".")[:2])
"""The version of Altair's specifications, as vl-convert names it."""

DASHES = {ALWAYS: [2, 3], TFIDF: [7, 4]}
"""The dashed lines of the baselines."""


def save_chart(chart: alt.TopLevelMixin, path: str | Path) -> None:
    """Write a chart as SVG and, beside it as .json, its Vega-Lite specification; each atomically."""
    # An experiment of many models has more rows than Altair's limit, which is there for notebooks.
    with alt.data_transformers.disable_max_rows():
        # Once, for both files, and unchecked: the tests check every kind of figure, which takes longer than drawing it.
        specification = chart.to_dict(validate=False)
    with atomic_path(path) as temporary:
        Path(temporary).write_text(vegalite_to_svg(specification, VEGA_LITE), encoding="utf-8")
    write_text(Path(path).with_suffix(".json"), json.dumps(specification, sort_keys=True, ensure_ascii=False) + "\n")


def styled(chart: Any) -> alt.TopLevelMixin:
    """Return the chart, which is changed, with the fonts, colours and legend of all pictures."""
    # Each of Altair's own `configure_` methods copies all that is in the chart.
    chart.config = alt.Config(
        font="sans-serif",
        background="white",
        axis=alt.AxisConfig(labelFontSize=12, titleFontSize=12, labelLimit=420, labelColor=INK, gridColor="#E5E5E5"),
        legend=alt.LegendConfig(labelFontSize=12, titleFontSize=12, labelLimit=300, orient="bottom", columns=4),
        concat=alt.CompositionConfig(spacing=24),
        title=alt.TitleConfig(fontSize=14, anchor="start", subtitleFontSize=12, subtitleColor=GREY),
        header=alt.HeaderConfig(labelFontSize=12, labelFontWeight="bold"),
        view=alt.ViewConfig(stroke="#CCCCCC"),
    )
    styled_chart: alt.TopLevelMixin = chart
    return styled_chart


def nothing(text: str) -> alt.TopLevelMixin:
    """Return a picture that says in words why there is nothing to show; the report leaves it out."""
    empty = alt.Chart(pd.DataFrame({"text": [text]})).mark_text(fontSize=14, color=INK)
    return styled(empty.encode(text="text:N").properties(width=600, height=60, name=NOTHING))


def is_nothing(chart: alt.TopLevelMixin) -> bool:
    """Say whether a picture is one of `nothing`."""
    return bool(getattr(chart, "name", None) == NOTHING)


def one_line(text: str) -> str:
    """Return a name from data without line breaks, which would make it a list of lines in Vega-Lite."""
    return text.replace("\n", " ")


def chunks(names: list[str]) -> list[list[str]]:
    """Divide names among panels, each with at most as many as there are colours."""
    return [names[start : start + len(PALETTE)] for start in range(0, len(names), len(PALETTE))]


def side_by_side(keys: Sequence[Any], step: float, most: float) -> dict[Any, float]:
    """Return a factor per key that sets its marks beside those of the others on a logarithmic axis.

    Neighbours are `step` apart, or closer where first and last would be more than `most` apart.
    """
    step = min(step, most ** (1 / max(1, len(keys) - 1)))
    return {key: step ** (place - (len(keys) - 1) / 2) for place, key in enumerate(keys)}


def series_colour(series: Sequence[str], field: str = "series") -> alt.Color:
    """Return the colour of each series, which a legend names."""
    return alt.Color(f"{field}:N", title=None, scale=alt.Scale(domain=list(series), range=PALETTE))


def series_shape(series: Sequence[str], field: str = "series") -> alt.Shape:
    """Return the shape of each series' points, which a legend names."""
    return alt.Shape(f"{field}:N", title=None, scale=alt.Scale(domain=list(series), range=SHAPES))


def learning_rate_axis(field: str, learning_rates: pd.Series) -> alt.X:
    """Return a logarithmic axis with a tick at each learning rate."""
    ticks = sorted(learning_rates.unique().tolist())
    axis = alt.Axis(values=ticks, format="~e", grid=False, labelOverlap=False, labelFontSize=11)
    return alt.X(f"{field}:Q", title="learning rate", axis=axis, scale=alt.Scale(type="log", nice=False, padding=14))


def tenths_around(low: float, high: float) -> list[float]:
    """Return the tenths around a range, the ends of an axis."""
    return [math.floor(low * 10) / 10, math.ceil(high * 10) / 10]


def panels(charts: Sequence[Any], columns: int, title: str, subtitle: list[str]) -> alt.TopLevelMixin:
    """Return a picture of several panels in rows of `columns`, under one title."""
    heading = alt.TitleParams(title, offset=16, subtitle=subtitle)
    return styled(alt.concat(*charts, columns=columns, title=heading))


def panel_title(text: str, width: int = 32, hyphens: bool = True) -> alt.TitleParams:
    """Return the title of a small panel, broken at spaces (and hyphens) into lines of at most `width` characters."""
    lines = textwrap.wrap(text, width, break_on_hyphens=hyphens) or [text]
    return alt.TitleParams(lines, fontSize=11, anchor="middle")


def intervals(rows: pd.DataFrame, name: str) -> list[str]:
    """Return of each row the column `name` with its interval, as text for a tooltip: .612 [.570, .653]."""
    columns = (rows[name + end] for end in ("", "_low", "_high"))
    return [with_interval(*values) for values in zip(*columns, strict=True)]


def tooltips(fields: Mapping[str, str]) -> list[alt.Tooltip]:
    """Return what a pointer over a mark shows: title -> field, three decimals for numbers (`:Q`)."""
    return [
        alt.Tooltip(field, title=title, format=".3f") if field.endswith(":Q") else alt.Tooltip(field, title=title)
        for title, field in fields.items()
    ]
