"""Draw training: F1 by epoch, F1 by number of comments, and how runs collapse as the learning rate grows."""

import math
from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from foxhound.evaluation.comparisons import model_names
from foxhound.evaluation.score_views import (
    baseline_row,
    last_epochs,
    main_protocol,
    over_seeds,
    protocol_order,
    protocol_titles,
    rate_text,
    swept_rows,
)
from foxhound.names import DRAWS, TFIDF
from foxhound.report.figure_style import (
    CROSS,
    DASHES,
    INK,
    PALETTE,
    chunks,
    intervals,
    learning_rate_axis,
    nothing,
    one_line,
    panel_title,
    panels,
    series_colour,
    series_shape,
    side_by_side,
    tenths_around,
    tooltips,
)

BASELINES = "Dashed: TF-IDF logistic regression (long dashes) and calling everything hateful (short)."


def learning_curve_plot(epochs: pd.DataFrame, scores: pd.DataFrame) -> alt.TopLevelMixin:
    """Draw F1 after every epoch with its 95 % band, a panel per LSTM of the main fold protocol.

    Args:
        epochs, scores: the tables of these names; `scores` says which models are LSTMs, and holds the baselines.
    """
    protocol = main_protocol(scores)
    rows = over_seeds(scores)
    lstm = set(rows.loc[rows["family"] == "lstm", "model"])
    curves = epochs[epochs["protocol"].eq(protocol) & epochs["part"].eq("test") & epochs["model"].isin(lstm)]
    curves = curves[curves.groupby("model")["epoch"].transform("nunique") > 1]
    if curves.empty:
        return nothing("No LSTM was trained for several epochs under the main protocol.")
    curves = curves.assign(name=model_names(curves), interval=intervals(curves, "f1"), constant=curves["one_class"] > 0)
    last = int(curves["epoch"].max())
    step = next(step for step in (1, 2, 5, 10, 20, 50, last) if step * 5 >= last)
    axis = alt.Axis(values=list(range(0, last + 1, step)), format="d", grid=False)
    x = alt.X("epoch:Q", title="epoch", axis=axis, scale=alt.Scale(domain=[0, last + 0.5], nice=False))
    highest = max(0.7, math.ceil(float(curves["f1_high"].max()) * 10) / 10)
    scale = alt.Scale(domain=[0, highest], nice=False)
    charts = []
    for place, (name, model) in enumerate(curves.groupby("name")):
        y = {"title": "F1" if place % 3 == 0 else None, "scale": scale}
        layers = [*_baseline_lines(rows, protocol, y), *_curve_layers(model, x, y)]
        charts.append(alt.layer(*layers).properties(width=178, height=130, title=panel_title(str(name))))
    return panels(
        charts,
        3,
        f"F1 at .5 after every epoch under {protocol_titles(rows)[protocol]}, folds pooled",
        ["Band: 95 % bootstrap interval of each epoch. Hollow: a run that predicts one class only.", BASELINES],
    )


def _baseline_lines(rows: pd.DataFrame, protocol: str, y: Mapping[str, Any]) -> list[alt.Chart]:
    """Return a dashed line for each baseline that was scored."""
    baselines = {model: baseline_row(rows, protocol, "test", model) for model in DASHES}
    return [
        alt.Chart(pd.DataFrame({"level": [float(row["f1"])]}))
        .mark_rule(color=INK, strokeDash=DASHES[model])
        .encode(y=alt.Y("level:Q", **y))
        for model, row in baselines.items()
        if row is not None
    ]


def _curve_layers(model: pd.DataFrame, x: alt.X, y: Mapping[str, Any]) -> list[alt.Chart]:
    tips = {
        "model": "name:N",
        "epoch": "epoch:O",
        "F1, 95 % interval": "interval:N",
        "share called hateful": "share_hateful_predicted:Q",
        "training loss, sum of batches": "loss:Q",
    }
    columns = ["name", "epoch", "f1", "f1_low", "f1_high", "interval", "share_hateful_predicted", "loss", "constant"]
    base = alt.Chart(model[columns].round(4)).encode(x=x)
    f1 = alt.Y("f1:Q", **y)
    return [
        base.mark_area(color=PALETTE[0], opacity=0.25).encode(y=alt.Y("f1_low:Q", **y), y2="f1_high:Q"),
        base.mark_line(color=PALETTE[0], strokeWidth=1.5).encode(y=f1),
        base.mark_point(color=PALETTE[0], filled=False, size=7, opacity=1, strokeWidth=1).encode(
            y=f1,
            fill=alt.condition("datum.constant", alt.value("white"), alt.value(PALETTE[0])),
            tooltip=tooltips(tips),
        ),
    ]


def ladder_plot(scores: pd.DataFrame) -> alt.TopLevelMixin:
    """Draw F1 at .5 against the number of training comments, a panel per learning rate, each model at its last epoch.

    Protocols are those that draw comments and balance them at random. Baselines are scored on all draws of a protocol,
    a model at a learning rate that ran with fewer seeds on its own draws only.

    Args:
        scores: table `scores`.
    """
    rows = over_seeds(scores)
    drawn = rows["protocol_kind"].eq(DRAWS) & rows["rebalance"].eq("random") & rows["part"].eq("test")
    rows = last_epochs(rows[drawn])
    rows = rows.assign(train=rows["train"].astype("int64"))
    tuned = rows[rows["family"].eq("finetune") & rows["learning_rate"].notna()]
    tuned = tuned[tuned.groupby(["model", "learning_rate"])["train"].transform("nunique") > 1]
    if tuned.empty:
        return nothing("No model was fine-tuned on random balanced draws of several sizes.")
    baselines = rows[rows["model"].isin(DASHES)][["model", "train", "f1", "f1_low", "f1_high"]]
    ends = pd.concat([tuned, baselines])
    limits = tenths_around(float(ends["f1_low"].min()), float(ends["f1_high"].max()))
    sizes = sorted(tuned["train"].unique().tolist())
    axis = alt.Axis(values=sizes, format="d", grid=False, labelOverlap=False)
    x_scale = alt.Scale(type="log", nice=False, padding=16)
    shared = {
        "x": alt.X("place:Q", title="training comments", axis=axis, scale=x_scale),
        "y": alt.Y("f1:Q", title="F1 at .5", scale=alt.Scale(domain=limits, nice=False, zero=False)),
    }
    models = sorted(tuned["model"].unique())
    series = [one_line(name) for name in models]
    marks = tuned.assign(
        series=tuned["model"].map(one_line),
        place=tuned["train"] * tuned["model"].map(side_by_side(models, 1.12, 1.4)),
        interval=intervals(tuned, "f1"),
        seeds=tuned["seeds"].astype(int),
    )
    charts = [
        alt.layer(
            *_ladder_baselines(baselines, shared), *_ladder_models(panel[panel["model"].isin(chunk)], shared, series)
        ).properties(width=178, height=180, title=panel_title(f"learning rate {rate_text(float(str(rate)))}"))
        for rate, panel in marks.groupby("learning_rate")
        for chunk in chunks(models)
        if panel["model"].isin(chunk).any()
    ]
    return panels(
        charts,
        3,
        "F1 at .5 against the number of training comments, balanced at random",
        [
            "Points: mean over seeds at the last epoch; bars: 95 % bootstrap interval over comments and seeds.",
            BASELINES + " Grey: interval of the first.",
        ],
    )


def _ladder_baselines(baselines: pd.DataFrame, shared: Mapping[str, Any]) -> list[alt.Chart]:
    layers = []
    for model, rows in baselines.groupby("model"):
        base = alt.Chart(rows.drop(columns="model").rename(columns={"train": "place"})).encode(**shared)
        if model == TFIDF:
            low = alt.Y("f1_low:Q", title="F1 at .5", scale=shared["y"]["scale"])
            layers.append(base.mark_area(color=INK, opacity=0.12).encode(y=low, y2="f1_high:Q"))
        layers.append(base.mark_line(color=INK, strokeWidth=1, strokeDash=DASHES[str(model)]))
    return layers


def _ladder_models(marks: pd.DataFrame, shared: Mapping[str, Any], series: list[str]) -> list[alt.Chart]:
    tips = {
        "model": "series:N",
        "training comments": "train:O",
        "F1, 95 % interval": "interval:N",
        "seeds": "seeds:O",
        "epoch": "epoch:O",
    }
    columns = ["series", "place", "train", "f1", "f1_low", "f1_high", "interval", "seeds", "epoch"]
    base = alt.Chart(marks[columns]).encode(**shared, color=series_colour(series), tooltip=tooltips(tips))
    low = alt.Y("f1_low:Q", title="F1 at .5", scale=shared["y"]["scale"])
    return [
        base.mark_line(strokeWidth=1, opacity=0.6),
        base.mark_rule(strokeWidth=1.5).encode(y=low, y2="f1_high:Q"),
        base.mark_point(filled=True, size=60, opacity=1).encode(shape=series_shape(series)),
    ]


def collapse_plot(scores: pd.DataFrame) -> alt.TopLevelMixin:
    """Draw the share of comments called hateful against the learning rate, a panel per protocol.

    A mark is a run after one epoch of interest, a cross one that called every comment hateful, or none. Marks of one
    run are joined by a vertical line, which shows runs that swing from one class to the other.

    Args:
        scores: table `scores`.
    """
    runs = swept_rows(scores)
    runs = runs[runs["seed"].notna()]
    if runs.empty:
        return nothing("No model was fine-tuned with several learning rates.")
    of_run = runs.groupby(["model", "learning_rate", "protocol", "seed"])
    share = runs["share_hateful_predicted"]
    marks = runs.assign(
        series=runs["model"].map(one_line),
        share=share,
        constant=share.isin((0, 1)),
        last=runs["epoch"] == of_run["epoch"].transform("max"),
        rate=runs["learning_rate"].map(rate_text),
        low=of_run["share_hateful_predicted"].transform("min"),
        high=of_run["share_hateful_predicted"].transform("max"),
    )
    models = sorted(runs["model"].unique())
    series = [one_line(name) for name in models]
    titles, charts = protocol_titles(marks), []
    for protocol in protocol_order(marks):
        for chunk in chunks(models):
            panel = marks[marks["protocol"].eq(protocol) & marks["model"].isin(chunk)]
            if len(panel):
                title = panel_title(titles[protocol], 60, hyphens=False)
                chart = alt.layer(*_collapse_layers(panel, series))
                charts.append(chart.properties(width=300, height=160, title=title))
    return panels(
        charts,
        2,
        "Share of comments called hateful, by learning rate",
        [
            "A mark per run and epoch, no means: filled at the run's last epoch, hollow before, joined by a line.",
            "Crosses: one class only (share 0 or 1). Dashed: the share that is hateful.",
        ],
    )


def _collapse_layers(marks: pd.DataFrame, series: list[str]) -> list[alt.Chart]:
    tips = {
        "model": "series:N",
        "learning rate": "rate:N",
        "seed": "seed:O",
        "epoch": "epoch:O",
        "share called hateful": "share:Q",
    }
    axis = alt.Axis(values=[0, 0.5, 1], format="~g")
    y: dict[str, Any] = {
        "title": "share called hateful",
        "scale": alt.Scale(domain=[-0.06, 1.06], nice=False),
        "axis": axis,
    }
    share, low = alt.Y("share:Q", **y), alt.Y("low:Q", **y)
    truth = pd.DataFrame({"share": [float(((marks["tp"] + marks["fn"]) / marks["n"]).mean())]})
    columns = ["series", "place", "rate", "seed", "epoch", "share", "low", "high", "constant", "last"]
    colour = series_colour(series)
    base = alt.Chart(marks.assign(place=_run_places(marks), seed=marks["seed"].astype(int))[columns]).encode(
        x=learning_rate_axis("place", marks["learning_rate"]), color=colour, tooltip=tooltips(tips)
    )
    fill = alt.condition("datum.last", colour, alt.value("white"))
    return [
        alt.Chart(truth).mark_rule(color=INK, strokeDash=[2, 3]).encode(y=share),
        base.transform_filter("datum.last").mark_rule(strokeWidth=1, opacity=0.5).encode(y=low, y2="high:Q"),
        base.transform_filter("!datum.constant")
        .mark_point(shape="circle", size=30, strokeWidth=1.2, opacity=1)
        .encode(y=share, fill=fill),
        base.transform_filter("datum.constant")
        .mark_point(shape=CROSS, size=90, strokeWidth=1.8, opacity=1)
        .encode(y=share),
    ]


def _run_places(marks: pd.DataFrame) -> pd.Series:
    """Return where each mark stands on the axis of learning rates: runs of one rate side by side."""
    places = pd.Series(0.0, marks.index)
    for rate, rows in marks.groupby("learning_rate"):
        runs = list(zip(rows["model"], rows["seed"], strict=True))
        shift = side_by_side(sorted(set(runs)), 1.09, 1.8)
        places.loc[rows.index] = np.array([float(str(rate)) * shift[run] for run in runs])
    return places
