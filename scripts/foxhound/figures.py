"""The two pictures of the report: every model's F1 with its interval, and F1 against the learning rate."""

import math
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd

from foxhound.files import atomic_path
from foxhound.prose import number
from foxhound.score_views import (
    ALWAYS,
    TFIDF,
    YARDSTICKS,
    flatten,
    latest_epochs,
    over_seeds,
    row_names,
    yardstick,
)

# Okabe and Ito (2008): told apart with every common kind of colour blindness, and in grey.
PALETTE = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
SHAPES = ["circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "triangle-right"]
CROSS = "M-0.5,-0.5L0.5,0.5M0.5,-0.5L-0.5,0.5"
FAMILIES = {"lstm": "LSTM", "finetune": "fine-tuned", "baseline": "baseline"}
ROW_HEIGHT = 20
INK, GREY = "#222222", "#767676"


def save_chart(chart: alt.TopLevelMixin, path: str | Path) -> None:
    """Write a chart as SVG, atomically."""
    with atomic_path(path) as temporary:
        chart.save(str(temporary), format="svg")


def _styled(chart: alt.TopLevelMixin) -> alt.TopLevelMixin:
    return (
        chart.configure(font="sans-serif", background="white")
        .configure_axis(labelFontSize=12, titleFontSize=12, labelLimit=420, labelColor=INK, gridColor="#E5E5E5")
        .configure_legend(labelFontSize=12, titleFontSize=12, labelLimit=300, orient="bottom", columns=4)
        .configure_title(fontSize=14, anchor="start", subtitleFontSize=12, subtitleColor=GREY)
        .configure_header(labelFontSize=12, labelFontWeight="bold")
        .configure_view(stroke="#CCCCCC")
    )


def _nothing(text: str) -> alt.TopLevelMixin:
    empty = alt.Chart(pd.DataFrame({"text": [text]})).mark_text(fontSize=14, color=INK)
    return _styled(empty.encode(text="text:N").properties(width=600, height=60))


def _escaped(text: str) -> str:
    # Vega-Lite reads a line break in a name as a list of lines.
    return text.replace("\n", " ")


def forest_plot(scores: pd.DataFrame, protocol: str = "stratified-10") -> alt.TopLevelMixin:
    """F1 and its 95 % interval of every model scored under `protocol`, at its largest epoch, best at the top.

    The epoch is the largest one that was run, never the one that scored best: that choice would use the test
    data. Dashed lines are the yardsticks; a model whose seeds all predict one class only is drawn hollow.

    Args:
        scores: table `scores`.
        protocol: one that pools folds.
    """
    rows = over_seeds(scores)
    rows = latest_epochs(rows[(rows["protocol"] == protocol) & (rows["part"] == "test")])
    if rows.empty:
        return _nothing(f"No model was scored under {protocol}.")
    shown = rows[["f1", "f1_low", "f1_high"]].assign(
        name=row_names(rows).map(_escaped),
        family=rows["family"].map(lambda family: FAMILIES.get(family, family)),
        collapsed=rows["collapsed"].astype(bool),
    )
    order = shown.sort_values("f1", ascending=False)["name"].tolist()
    families = [name for name in FAMILIES.values() if name in set(shown["family"])]
    colour = alt.Color("family:N", title=None, scale=alt.Scale(domain=families, range=PALETTE))
    y = alt.Y("name:N", sort=order, title=None)
    scale = alt.Scale(domain=[0, max(0.7, float(shown["f1_high"].max()) + 0.02)], nice=False)
    base = alt.Chart(shown)
    intervals = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("f1_low:Q", title="F1 of the hateful class", scale=scale, axis=alt.Axis(tickCount=8)),
        x2="f1_high:Q",
        y=y,
        color=colour,
    )
    points = base.mark_point(size=70, opacity=1).encode(
        x="f1:Q",
        y=y,
        color=colour,
        shape=alt.Shape("family:N", title=None, scale=alt.Scale(domain=families, range=SHAPES)),
        fill=alt.condition("datum.collapsed", alt.value("white"), colour),
    )
    layers = [intervals, points]
    dashes = {ALWAYS: [2, 3], TFIDF: [7, 4]}
    found = {model: yardstick(rows, protocol, "test", model) for model in dashes}
    levels = sorted((float(row["f1"]), model) for model, row in found.items() if row is not None)
    for place, (level, model) in enumerate(levels):
        # The lower one's words stand to its left, so that the two never overlap.
        layers += _yardstick_line(level, YARDSTICKS[model], dashes[model], left=place == 0)
    title = alt.TitleParams(
        f"F1 under {protocol}, folds pooled",
        subtitle="95 % bootstrap intervals; each model at its largest epoch. Hollow: one class only.",
        offset=26,
    )
    return _styled(alt.layer(*layers).properties(width=560, height=ROW_HEIGHT * len(shown), title=title))


def _yardstick_line(level: float, name: str, dash: list[int], left: bool) -> list[alt.Chart]:
    base = alt.Chart(pd.DataFrame({"level": [level], "text": [f"{name} ({number(level)})"]}))
    line = base.mark_rule(color=INK, strokeDash=dash).encode(x="level:Q")
    words = base.mark_text(align="right" if left else "left", dx=-3 if left else 3, dy=-8, fontSize=11, color=INK)
    return [line, words.encode(x="level:Q", y=alt.value(0), text="text:N")]


def learning_rate_plot(scores: pd.DataFrame) -> alt.TopLevelMixin:
    """F1 against the learning rate, a panel per split, each model at its largest epoch there.

    A large point with a bar is the mean over seeds with its 95 % interval, a small tick one run. Crosses mark
    collapsed runs: they predict one class only, and on balanced data such a run can have a respectable F1.
    The dashed line is that F1: calling everything hateful.
    """
    every = flatten(scores)
    tuned = every[(every["family"] == "finetune") & every["learning_rate"].notna() & (every["part"] == "test")]
    several = tuned.groupby("protocol")["learning_rate"].transform("nunique") > 1
    tuned = latest_epochs(tuned[several])
    if tuned.empty:
        return _nothing("No model was fine-tuned with several learning rates.")
    tuned = tuned.assign(series=tuned["model"].map(_escaped))
    series = sorted(tuned["series"].unique())
    # Models side by side instead of on top of each other: a few percent along a logarithmic axis.
    shift = {name: 1.07 ** (2 * place - len(series) + 1) for place, name in enumerate(series)}
    tuned["rate"] = tuned["learning_rate"] * tuned["series"].map(shift)
    ticks = sorted(tuned["learning_rate"].unique().tolist())
    axis = alt.Axis(values=ticks, format="~e", grid=False, labelOverlap=False, labelFontSize=11)
    rows = over_seeds(scores)
    levels = {name: yardstick(rows, name, "test", ALWAYS) for name in sorted(tuned["protocol"].unique())}
    always_hateful = {name: None if row is None else float(row["f1"]) for name, row in levels.items()}
    ends = [tuned["f1_low"].min(), tuned["f1_high"].max(), *filter(None, always_hateful.values())]
    domain = [math.floor(min(ends) * 10) / 10, math.ceil(max(ends) * 10) / 10]
    f1_scale = alt.Scale(domain=domain, nice=False, zero=False)
    shared = {
        "x": alt.X("rate:Q", title="learning rate", axis=axis, scale=alt.Scale(type="log", nice=False, padding=14)),
        "y": alt.Y("f1:Q", title="F1", scale=f1_scale),
        "color": alt.Color("series:N", title=None, scale=alt.Scale(domain=series, range=PALETTE)),
    }
    panels = []
    for protocol, level in always_hateful.items():
        shown = tuned[tuned["protocol"] == protocol][["seed", "rate", "series", "f1", "f1_low", "f1_high", "collapsed"]]
        layers = _sweep_layers(shown, shared, series, level)
        panels.append(alt.layer(*layers).properties(width=340, height=200, title=_escaped(protocol)))
    title = alt.TitleParams(
        "F1 against the learning rate",
        subtitle=[
            "Points: mean over seeds, 95 % interval; ticks: runs; crosses: collapsed runs (one class only).",
            "Dashed: calling everything hateful. Each model at its largest epoch, not its best.",
        ],
    )
    return _styled(alt.concat(*panels, columns=2, title=title))


def _sweep_layers(
    shown: pd.DataFrame, shared: dict[str, Any], series: list[str], always_hateful: float | None
) -> list[alt.Chart]:
    runs, means = shown[shown["seed"].notna()], shown[shown["seed"].isna()]
    mean = alt.Chart(means.drop(columns="seed")).encode(**shared)
    run = alt.Chart(runs.drop(columns="seed")).encode(**shared)
    scale = shared["y"]["scale"]
    shape = alt.Shape("series:N", title=None, scale=alt.Scale(domain=series, range=SHAPES))
    layers = [
        mean.mark_line(strokeWidth=1, opacity=0.6),
        mean.mark_rule(strokeWidth=1.5).encode(y=alt.Y("f1_low:Q", title="F1", scale=scale), y2="f1_high:Q"),
        mean.mark_point(filled=True, size=70, opacity=1).encode(shape=shape),
        run.transform_filter("!datum.collapsed").mark_tick(size=8, thickness=1.5, orient="horizontal"),
        run.transform_filter("datum.collapsed").mark_point(shape=CROSS, size=200, strokeWidth=2, opacity=1),
    ]
    if always_hateful is not None:
        level = alt.Chart(pd.DataFrame({"level": [always_hateful]}))
        layers.insert(
            0,
            level.mark_rule(color=INK, strokeDash=[2, 3]).encode(y=alt.Y("level:Q", title="F1", scale=scale)),
        )
    return layers
