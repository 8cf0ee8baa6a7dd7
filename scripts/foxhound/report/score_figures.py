"""Every model's F1 with its interval, F1 against the learning rate, and the style that all pictures share."""

import math
from typing import Any

import altair as alt
import pandas as pd

from foxhound.evaluation.score_views import (
    baseline_row,
    flatten,
    latest_epochs,
    main_protocol,
    over_seeds,
    protocol_order,
    protocol_titles,
    rate_text,
    row_names,
)
from foxhound.markdown import number
from foxhound.names import ALWAYS, BASELINE_WORDS, TFIDF
from foxhound.report.figure_style import (
    CROSS,
    INK,
    PALETTE,
    ROW_HEIGHT,
    SHAPES,
    intervals,
    nothing,
    one_line,
    panel_title,
    side_by_side,
    styled,
    tooltips,
)

FAMILIES = {"lstm": "LSTM", "finetune": "fine-tuned", "baseline": "baseline", "ensemble": "ensemble"}
SWEEP_TOLD = {
    "model": "series:N",
    "learning rate": "learning_rate:N",
    "run": "run:N",
    "epoch": "epoch:O",
    "F1, 95 % interval": "interval:N",
}


def forest_plot(scores: pd.DataFrame) -> alt.TopLevelMixin:
    """Draw F1 and its 95 % interval of every model under the main protocol, at its largest epoch, best at the top.

    The epoch is the largest one that was run, never the one that scored best: that choice would use the test
    data. Dashed lines are the yardsticks; a model whose seeds have all collapsed is drawn hollow.

    Args:
        scores: table `scores`.
    """
    protocol = main_protocol(scores)
    rows = over_seeds(scores)
    rows = latest_epochs(rows[(rows["protocol"] == protocol) & (rows["part"] == "test")])
    if rows.empty:
        return nothing("No model was scored under folds.")
    shown = rows[["f1", "f1_low", "f1_high"]].assign(
        name=row_names(rows).map(one_line),
        family=rows["family"].map(lambda family: FAMILIES.get(family, family)),
        collapsed=rows["collapsed"].astype(bool),
        interval=intervals(rows, "f1"),
        seeds=rows["seeds"].astype(int),
    )
    order = shown.sort_values("f1", ascending=False)["name"].tolist()
    families = [name for name in FAMILIES.values() if name in set(shown["family"])]
    colour = alt.Color("family:N", title=None, scale=alt.Scale(domain=families, range=PALETTE))
    y = alt.Y("name:N", sort=order, title=None)
    scale = alt.Scale(domain=[0, max(0.7, float(shown["f1_high"].max()) + 0.02)], nice=False)
    told = {"model": "name:N", "F1, 95 % interval": "interval:N", "seeds": "seeds:O"}
    base = alt.Chart(shown).encode(tooltip=tooltips(told))
    bars = base.mark_rule(strokeWidth=2).encode(
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
    layers = [bars, points]
    dashes = {ALWAYS: [2, 3], TFIDF: [7, 4]}
    found = {model: baseline_row(rows, protocol, "test", model) for model in dashes}
    levels = sorted((float(row["f1"]), model) for model, row in found.items() if row is not None)
    for place, (level, model) in enumerate(levels):
        # The lower one's words stand to its left, so that the two never overlap.
        layers += _yardstick_line(level, BASELINE_WORDS[model], dashes[model], left=place == 0)
    title = alt.TitleParams(
        f"F1 under {protocol_titles(rows)[protocol]}, folds pooled",
        subtitle="95 % bootstrap intervals; each model at its largest epoch. Hollow: collapsed.",
        offset=26,
    )
    return styled(alt.layer(*layers).properties(width=440, height=ROW_HEIGHT * len(shown), title=title))


def _yardstick_line(level: float, name: str, dash: list[int], left: bool) -> list[alt.Chart]:
    base = alt.Chart(pd.DataFrame({"level": [level], "text": [f"{name} ({number(level)})"]}))
    line = base.mark_rule(color=INK, strokeDash=dash).encode(x="level:Q")
    words = base.mark_text(align="right" if left else "left", dx=-3 if left else 3, dy=-8, fontSize=11, color=INK)
    return [line, words.encode(x="level:Q", y=alt.value(0), text="text:N")]


def learning_rate_plot(scores: pd.DataFrame) -> alt.TopLevelMixin:
    """F1 against the learning rate, a panel per split, each model at its largest epoch there.

    A large point with a bar is the mean over seeds with its 95 % interval, a small tick one run. Crosses mark
    collapsed runs, which have learned no more than luck would; on balanced data one that predicts one class only can
    have a respectable F1. The dashed line is that F1: calling everything hateful.
    """
    every = flatten(scores)
    tuned = every[(every["family"] == "finetune") & every["learning_rate"].notna() & (every["part"] == "test")]
    several = tuned.groupby(["protocol", "model"])["learning_rate"].transform("nunique") > 1
    tuned = latest_epochs(tuned[several])
    if tuned.empty:
        return nothing("No model was fine-tuned with several learning rates.")
    tuned = tuned.assign(series=tuned["model"].map(one_line))
    series = sorted(tuned["series"].unique())
    ticks = sorted(tuned["learning_rate"].unique().tolist())
    axis = alt.Axis(values=ticks, format="~e", grid=False, labelOverlap=False, labelFontSize=11)
    rows = over_seeds(scores)
    protocols = protocol_order(tuned)
    levels = {name: baseline_row(rows, name, "test", ALWAYS) for name in protocols}
    always_hateful = {name: None if row is None else float(row["f1"]) for name, row in levels.items()}
    ends = [tuned["f1_low"].min(), tuned["f1_high"].max(), *filter(None, always_hateful.values())]
    domain = [math.floor(min(ends) * 10) / 10, math.ceil(max(ends) * 10) / 10]
    f1_scale = alt.Scale(domain=domain, nice=False, zero=False)
    shared = {
        "x": alt.X("rate:Q", title="learning rate", axis=axis, scale=alt.Scale(type="log", nice=False, padding=14)),
        "y": alt.Y("f1:Q", title="F1", scale=f1_scale),
        "color": alt.Color("series:N", title=None, scale=alt.Scale(domain=series, range=PALETTE)),
        "tooltip": tooltips(SWEEP_TOLD),
    }
    titles, panels = protocol_titles(tuned), []
    for protocol, level in always_hateful.items():
        here = tuned[tuned["protocol"] == protocol]
        # Models side by side instead of on top of each other: a few percent along a logarithmic axis.
        shift = side_by_side(sorted(here["series"].unique()), 1.14, 1.6)
        shown = here[["seed", "series", "epoch", "f1", "f1_low", "f1_high", "collapsed"]].assign(
            rate=here["learning_rate"] * here["series"].map(shift),
            interval=intervals(here, "f1"),
            run=here["seed"].map(lambda seed: "mean over seeds" if pd.isna(seed) else f"seed {seed:.0f}"),
            learning_rate=here["learning_rate"].map(rate_text),
        )
        layers = _sweep_layers(shown, shared, series, level)
        panels.append(
            alt.layer(*layers).properties(width=310, height=190, title=panel_title(titles[protocol], 60, hyphens=False))
        )
    title = alt.TitleParams(
        "F1 against the learning rate",
        offset=16,
        subtitle=[
            "Points: mean over seeds, 95 % interval; ticks: runs; crosses: collapsed runs (one class, or no ranking).",
            "Dashed: calling everything hateful. Each model at its largest epoch, not its best.",
        ],
    )
    return styled(alt.concat(*panels, columns=2, title=title))


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
