"""Draw every model's F1 with its interval, and F1 against the learning rate."""

from typing import Any

import altair as alt
import pandas as pd

from foxhound.evaluation.score_views import (
    baseline_row,
    last_epochs,
    main_protocol,
    over_seeds,
    protocol_order,
    protocol_titles,
    rate_text,
    row_names,
    swept_rows,
)
from foxhound.markdown import number
from foxhound.names import ALWAYS, BASELINE_WORDS, TUNED
from foxhound.report.figure_style import (
    CROSS,
    DASHES,
    INK,
    intervals,
    learning_rate_axis,
    nothing,
    one_line,
    panel_title,
    panels,
    series_colour,
    series_shape,
    side_by_side,
    styled,
    tenths_around,
    tooltips,
)

FOREST_ROW = 34  # pixels: a name and a bar below it
FAMILIES = {"lstm": "LSTM", "finetune": "fine-tuned", "baseline": "baseline", "ensemble": "ensemble"}


def forest_plot(scores: pd.DataFrame) -> alt.TopLevelMixin:
    """Draw F1 at chosen thresholds, with its 95 % interval, of every model under the main protocol, best at the top.

    The epoch is the last one that was run, never the one that scored best: that choice would use the test data. Dashed
    lines are the baselines; a model whose seeds have all collapsed is drawn hollow.

    Args:
        scores: table `scores`.
    """
    protocol = main_protocol(scores)
    rows = over_seeds(scores)
    rows = last_epochs(rows[(rows["protocol"] == protocol) & (rows["part"] == "test")])
    if rows.empty:
        return nothing("No model was scored under folds.")
    marks = rows[[TUNED, f"{TUNED}_low", f"{TUNED}_high"]].assign(
        name=row_names(rows).map(one_line),
        family=rows["family"].map(lambda family: FAMILIES.get(family, family)),
        collapsed=rows["collapsed"].astype(bool),
        interval=intervals(rows, TUNED),
        seeds=rows["seeds"].astype(int),
    )
    baselines = {model: baseline_row(rows, protocol, "test", model) for model in DASHES}
    levels = sorted((float(row[TUNED]), model) for model, row in baselines.items() if row is not None)
    layers = _forest_marks(marks)
    for place, (level, model) in enumerate(levels):
        # The lower one's words stand to its left, so that the two never overlap.
        layers += _baseline_line(level, BASELINE_WORDS[model], DASHES[model], left=place == 0)
    title = alt.TitleParams(
        f"F1 under {protocol_titles(rows)[protocol]}, folds pooled",
        subtitle=["Thresholds chosen on the other folds; 95 % bootstrap intervals;", "last epochs. Hollow: collapsed."],
        offset=26,
    )
    return styled(alt.layer(*layers).properties(width=440, height=FOREST_ROW * len(marks), title=title))


def _forest_marks(marks: pd.DataFrame) -> list[alt.Chart]:
    families = [name for name in FAMILIES.values() if name in set(marks["family"])]
    colour = series_colour(families, "family")
    # A name stands above its bar, and not beside it, so that the picture is narrow enough for a telephone.
    y = alt.Y("name:N", sort=marks.sort_values(TUNED, ascending=False)["name"].tolist(), title=None, axis=None)
    scale = alt.Scale(domain=[0, max(0.7, float(marks[f"{TUNED}_high"].max()) + 0.02)], nice=False)
    tips = {"model": "name:N", "F1, 95 % interval": "interval:N", "seeds": "seeds:O"}
    base = alt.Chart(marks).encode(y=y, color=colour, tooltip=tooltips(tips))
    bars = base.mark_rule(strokeWidth=2).encode(
        x=alt.X(f"{TUNED}_low:Q", title="F1 of the hateful class", scale=scale, axis=alt.Axis(tickCount=8)),
        x2=f"{TUNED}_high:Q",
    )
    points = base.mark_point(size=70, opacity=1).encode(
        x=f"{TUNED}:Q",
        shape=series_shape(families, "family"),
        fill=alt.condition("datum.collapsed", alt.value("white"), colour),
    )
    names = base.mark_text(align="left", dy=-11, fontSize=11).encode(
        x=alt.value(3), text="name:N", color=alt.value(INK)
    )
    return [bars, points, names]


def _baseline_line(level: float, name: str, dash: list[int], left: bool) -> list[alt.Chart]:
    base = alt.Chart(pd.DataFrame({"level": [level], "text": [f"{name} ({number(level)})"]}))
    line = base.mark_rule(color=INK, strokeDash=dash).encode(x="level:Q")
    words = base.mark_text(align="right" if left else "left", dx=-3 if left else 3, dy=-8, fontSize=11, color=INK)
    return [line, words.encode(x="level:Q", y=alt.value(0), text="text:N")]


def learning_rate_plot(scores: pd.DataFrame) -> alt.TopLevelMixin:
    """Draw F1 at .5 against the learning rate, a panel per protocol, each model at its last epoch there.

    A large point with a bar is the mean over seeds with its 95 % interval, a small tick one run. Crosses mark collapsed
    runs; on balanced data one that predicts one class only can still have a good F1. The dashed line is the F1 of
    calling everything hateful.

    Args:
        scores: table `scores`.
    """
    tuned = last_epochs(swept_rows(scores))
    if tuned.empty:
        return nothing("No model was fine-tuned with several learning rates.")
    tuned = tuned.assign(series=tuned["model"].map(one_line))
    series = sorted(tuned["series"].unique())
    rows = over_seeds(scores)
    levels = {name: baseline_row(rows, name, "test", ALWAYS) for name in protocol_order(tuned)}
    always_hateful = {name: None if row is None else float(row["f1"]) for name, row in levels.items()}
    ends = [tuned["f1_low"].min(), tuned["f1_high"].max(), *filter(None, always_hateful.values())]
    shared = {
        "x": learning_rate_axis("rate", tuned["learning_rate"]),
        "y": alt.Y(
            "f1:Q",
            title="F1 at .5",
            scale=alt.Scale(domain=tenths_around(min(ends), max(ends)), nice=False, zero=False),
        ),
        "color": series_colour(series),
    }
    titles, charts = protocol_titles(tuned), []
    for protocol, level in always_hateful.items():
        layers = _sweep_layers(_sweep_marks(tuned[tuned["protocol"] == protocol]), shared, series, level)
        title = panel_title(titles[protocol], 60, hyphens=False)
        charts.append(alt.layer(*layers).properties(width=310, height=190, title=title))
    return panels(
        charts,
        2,
        "F1 at .5 against the learning rate",
        [
            "Points: mean over seeds, 95 % interval; ticks: runs; crosses: collapsed runs (one class, or no ranking).",
            "Dashed: calling everything hateful. Each model at its last epoch, not its best.",
        ],
    )


def _sweep_marks(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what one panel shows, models side by side: a few percent apart along a logarithmic axis."""
    shift = side_by_side(sorted(rows["series"].unique()), 1.14, 1.6)
    return rows[["seed", "series", "epoch", "f1", "f1_low", "f1_high", "collapsed"]].assign(
        rate=rows["learning_rate"] * rows["series"].map(shift),
        interval=intervals(rows, "f1"),
        run=rows["seed"].map(lambda seed: "mean over seeds" if pd.isna(seed) else f"seed {seed:.0f}"),
        learning_rate=rows["learning_rate"].map(rate_text),
    )


def _sweep_layers(
    marks: pd.DataFrame, shared: dict[str, Any], series: list[str], always_hateful: float | None
) -> list[alt.Chart]:
    tips = {
        "model": "series:N",
        "learning rate": "learning_rate:N",
        "run": "run:N",
        "epoch": "epoch:O",
        "F1, 95 % interval": "interval:N",
    }
    run, mean = (
        alt.Chart(marks[chosen].drop(columns="seed")).encode(**shared, tooltip=tooltips(tips))
        for chosen in (marks["seed"].notna(), marks["seed"].isna())
    )
    scale = shared["y"]["scale"]
    layers = [
        mean.mark_line(strokeWidth=1, opacity=0.6),
        mean.mark_rule(strokeWidth=1.5).encode(y=alt.Y("f1_low:Q", title="F1 at .5", scale=scale), y2="f1_high:Q"),
        mean.mark_point(filled=True, size=70, opacity=1).encode(shape=series_shape(series)),
        run.transform_filter("!datum.collapsed").mark_tick(size=8, thickness=1.5, orient="horizontal"),
        run.transform_filter("datum.collapsed").mark_point(shape=CROSS, size=200, strokeWidth=2, opacity=1),
    ]
    if always_hateful is None:
        return layers
    level = alt.Chart(pd.DataFrame({"level": [always_hateful]})).mark_rule(color=INK, strokeDash=DASHES[ALWAYS])
    return [level.encode(y=alt.Y("level:Q", title="F1 at .5", scale=scale)), *layers]
