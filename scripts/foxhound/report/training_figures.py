"""Pictures of training: F1 by epoch, F1 by number of comments, and how runs collapse as the learning rate grows."""

import math
from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from foxhound.evaluation.comparisons import model_names
from foxhound.evaluation.score_views import (
    baseline_row,
    flatten,
    latest_epochs,
    main_protocol,
    over_seeds,
    protocol_order,
    protocol_titles,
    rate_text,
)
from foxhound.names import ALWAYS, DRAWS, TFIDF
from foxhound.report.figure_style import (
    CROSS,
    INK,
    PALETTE,
    SHAPES,
    chunks,
    intervals,
    nothing,
    one_line,
    panel_title,
    side_by_side,
    styled,
    tooltips,
)

DASHES = {ALWAYS: [2, 3], TFIDF: [7, 4]}
YARDSTICK_WORDS = "Dashed: TF-IDF logistic regression (long dashes) and calling everything hateful (short)."


def _yardstick_rules(rows: pd.DataFrame, protocol: str, y: alt.Y) -> list[alt.Chart]:
    """A dashed line for each yardstick that was scored; `y` is the axis, of the field `level`."""
    found = {model: baseline_row(rows, protocol, "test", model) for model in DASHES}
    return [
        alt.Chart(pd.DataFrame({"level": [float(row["f1"])]}))
        .mark_rule(color=INK, strokeDash=DASHES[model])
        .encode(y=y)
        for model, row in found.items()
        if row is not None
    ]


def learning_curve_plot(epochs: pd.DataFrame, scores: pd.DataFrame) -> alt.TopLevelMixin:
    """F1 after every epoch with its 95 % band, a panel per LSTM of the main fold protocol.

    Args:
        epochs, scores: the tables of these names; the second one says which models are LSTMs, and has the yardsticks.
    """
    protocol = main_protocol(scores)
    rows = over_seeds(scores)
    lstm = set(rows.loc[rows["family"] == "lstm", "model"])
    chosen = epochs["protocol"].eq(protocol) & epochs["part"].eq("test") & epochs["model"].isin(lstm)
    curves = epochs[chosen]
    curves = curves[curves.groupby("model")["epoch"].transform("nunique") > 1]
    if curves.empty:
        return nothing("No LSTM was trained for several epochs under the main protocol.")
    shown = curves.assign(
        name=model_names(curves),
        interval=intervals(curves, "f1"),
        constant=curves["one_class"] > 0,
    )
    last = int(shown["epoch"].max())
    step = next(step for step in (1, 2, 5, 10, 20, 50, last) if step * 5 >= last)
    axis = alt.Axis(values=list(range(0, last + 1, step)), format="d", grid=False)
    x = alt.X("epoch:Q", title="epoch", axis=axis, scale=alt.Scale(domain=[0, last + 0.5], nice=False))
    highest = max(0.7, math.ceil(float(shown["f1_high"].max()) * 10) / 10)
    scale = alt.Scale(domain=[0, highest], nice=False)
    told = {
        "model": "name:N",
        "epoch": "epoch:O",
        "F1, 95 % interval": "interval:N",
        "share called hateful": "share_hateful_predicted:Q",
        "training loss, sum of batches": "loss:Q",
    }
    columns = ["name", "epoch", "f1", "f1_low", "f1_high", "interval", "share_hateful_predicted", "loss", "constant"]
    panels = []
    for place, (name, one) in enumerate(shown.groupby("name")):
        base = alt.Chart(one[columns].round(4)).encode(x=x)
        word = "F1" if place % 3 == 0 else None
        point = alt.Y("f1:Q", title=word, scale=scale)
        marks = base.mark_point(color=PALETTE[0], filled=False, size=7, opacity=1, strokeWidth=1)
        layers = [
            *_yardstick_rules(rows, protocol, alt.Y("level:Q", title=word, scale=scale)),
            base.mark_area(color=PALETTE[0], opacity=0.25).encode(
                y=alt.Y("f1_low:Q", title=word, scale=scale), y2="f1_high:Q"
            ),
            base.mark_line(color=PALETTE[0], strokeWidth=1.5).encode(y=point),
            marks.encode(
                y=point,
                fill=alt.condition("datum.constant", alt.value("white"), alt.value(PALETTE[0])),
                tooltip=tooltips(told),
            ),
        ]
        panels.append(alt.layer(*layers).properties(width=178, height=130, title=panel_title(str(name))))
    title = alt.TitleParams(
        f"F1 after every epoch under {protocol_titles(rows)[protocol]}, folds pooled",
        offset=16,
        subtitle=[
            "Band: 95 % bootstrap interval of each epoch. Hollow: a run that predicts one class only.",
            YARDSTICK_WORDS,
        ],
    )
    return styled(alt.concat(*panels, columns=3, title=title))


def ladder_plot(scores: pd.DataFrame) -> alt.TopLevelMixin:
    """F1 against the number of training comments, a panel per learning rate, each model at its largest epoch.

    Protocols are those that draw comments and balance them at random. The yardsticks are scored on all draws of
    a split, a model at a learning rate that ran with fewer seeds on its own draws only.
    """
    rows = over_seeds(scores)
    drawn = rows["protocol_kind"].eq(DRAWS) & rows["rebalance"].eq("random") & rows["part"].eq("test")
    rows = latest_epochs(rows[drawn]).astype({"train": "int64"})
    tuned = rows[rows["family"].eq("finetune") & rows["learning_rate"].notna()]
    tuned = tuned[tuned.groupby(["model", "learning_rate"])["train"].transform("nunique") > 1]
    if tuned.empty:
        return nothing("No model was fine-tuned on random balanced splits of several sizes.")
    sticks = rows[rows["model"].isin(DASHES)][["model", "train", "f1", "f1_low", "f1_high"]]
    ends = pd.concat([tuned, sticks])
    limits = [math.floor(float(ends["f1_low"].min()) * 10) / 10, math.ceil(float(ends["f1_high"].max()) * 10) / 10]
    scale = alt.Scale(domain=limits, nice=False, zero=False)
    sizes = sorted(tuned["train"].unique().tolist())
    axis = alt.Axis(values=sizes, format="d", grid=False, labelOverlap=False)
    x_scale = alt.Scale(type="log", nice=False, padding=16)
    models = sorted(tuned["model"].unique())
    shift = side_by_side(models, 1.12, 1.4)
    shown = tuned.assign(
        series=tuned["model"].map(one_line),
        place=tuned["train"] * tuned["model"].map(shift),
        interval=intervals(tuned, "f1"),
        seeds=tuned["seeds"].astype(int),
    )
    columns = ["series", "place", "train", "f1", "f1_low", "f1_high", "interval", "seeds", "epoch"]
    shared = {
        "x": alt.X("place:Q", title="training comments", axis=axis, scale=x_scale),
        "y": alt.Y("f1:Q", title="F1", scale=scale),
    }
    panels = [
        alt.layer(
            *_ladder_yardsticks(sticks, shared),
            *_ladder_models(one.loc[one["model"].isin(chunk), columns], shared, [one_line(name) for name in models]),
        ).properties(width=178, height=180, title=panel_title(f"learning rate {rate_text(float(str(rate)))}"))
        for rate, one in shown.groupby("learning_rate")
        for chunk in chunks(models)
        if one["model"].isin(chunk).any()
    ]
    title = alt.TitleParams(
        "F1 against the number of training comments, balanced at random",
        offset=16,
        subtitle=[
            "Points: mean over seeds at the largest epoch; bars: 95 % bootstrap interval over comments and seeds.",
            YARDSTICK_WORDS + " Grey: interval of the first.",
        ],
    )
    return styled(alt.concat(*panels, columns=3, title=title))


def _ladder_yardsticks(sticks: pd.DataFrame, shared: Mapping[str, Any]) -> list[alt.Chart]:
    layers = []
    for model, one in sticks.groupby("model"):
        base = alt.Chart(one.drop(columns="model").rename(columns={"train": "place"})).encode(**shared)
        if model == TFIDF:
            low = alt.Y("f1_low:Q", title="F1", scale=shared["y"]["scale"])
            layers.append(base.mark_area(color=INK, opacity=0.12).encode(y=low, y2="f1_high:Q"))
        layers.append(base.mark_line(color=INK, strokeWidth=1, strokeDash=DASHES[str(model)]))
    return layers


def _ladder_models(shown: pd.DataFrame, shared: Mapping[str, Any], series: list[str]) -> list[alt.Chart]:
    told = {
        "model": "series:N",
        "training comments": "train:O",
        "F1, 95 % interval": "interval:N",
        "seeds": "seeds:O",
        "epoch": "epoch:O",
    }
    colour = alt.Color("series:N", title=None, scale=alt.Scale(domain=series, range=PALETTE))
    shape = alt.Shape("series:N", title=None, scale=alt.Scale(domain=series, range=SHAPES))
    base = alt.Chart(shown).encode(**shared, color=colour, tooltip=tooltips(told))
    low = alt.Y("f1_low:Q", title="F1", scale=shared["y"]["scale"])
    return [
        base.mark_line(strokeWidth=1, opacity=0.6),
        base.mark_rule(strokeWidth=1.5).encode(y=low, y2="f1_high:Q"),
        base.mark_point(filled=True, size=60, opacity=1).encode(shape=shape),
    ]


def collapse_plot(scores: pd.DataFrame) -> alt.TopLevelMixin:
    """Share of comments called hateful against the learning rate: a mark per run and epoch, a panel per split.

    A cross is a run that called every comment hateful, or none. Marks of one run stand above each other and are joined,
    so that a run that swings from one class to the other shows as a line from top to bottom. Epochs are those of
    interest, which the scores table holds.
    """
    every = flatten(scores)
    runs = every[every["family"].eq("finetune") & every["seed"].notna() & every["part"].eq("test")]
    runs = runs[runs["learning_rate"].notna()]
    several = runs.groupby(["protocol", "model"])["learning_rate"].transform("nunique") > 1
    runs = runs[several]
    if runs.empty:
        return nothing("No model was fine-tuned with several learning rates.")
    keys = ["model", "learning_rate", "protocol", "seed"]
    share = runs["share_hateful_predicted"]
    shown = runs.assign(
        series=runs["model"].map(one_line),
        share=share,
        constant=share.isin((0, 1)),
        last=runs["epoch"] == runs.groupby(keys)["epoch"].transform("max"),
        rate=runs["learning_rate"].map(rate_text),
        low=runs.groupby(keys)["share_hateful_predicted"].transform("min"),
        high=runs.groupby(keys)["share_hateful_predicted"].transform("max"),
    )
    names = sorted(runs["model"].unique())
    titles, panels = protocol_titles(shown), []
    for protocol in protocol_order(shown):
        here = shown[shown["protocol"] == protocol]
        for chunk in chunks(names):
            one = here[here["model"].isin(chunk)]
            if len(one):
                panel = alt.layer(*_collapse_layers(one, [one_line(name) for name in names]))
                panels.append(
                    panel.properties(width=300, height=160, title=panel_title(titles[protocol], 60, hyphens=False))
                )
    title = alt.TitleParams(
        "Share of comments called hateful, by learning rate",
        offset=16,
        subtitle=[
            "A mark per run and epoch, no means: filled at the run's last epoch, hollow before, joined by a line.",
            "Crosses: one class only (share 0 or 1). Dashed: the share that is hateful.",
        ],
    )
    return styled(alt.concat(*panels, columns=2, title=title))


def _collapse_layers(shown: pd.DataFrame, series: list[str]) -> list[alt.Chart]:
    places = pd.Series(0.0, shown.index)
    for rate, one in shown.groupby("learning_rate"):
        runs = list(zip(one["model"], one["seed"], strict=True))
        shift = side_by_side(sorted(set(runs)), 1.09, 1.8)
        places.loc[one.index] = np.array([float(str(rate)) * shift[run] for run in runs])
    columns = ["series", "place", "rate", "seed", "epoch", "share", "low", "high", "constant", "last"]
    told = {
        "model": "series:N",
        "learning rate": "rate:N",
        "seed": "seed:O",
        "epoch": "epoch:O",
        "share called hateful": "share:Q",
    }
    ticks = sorted(shown["learning_rate"].unique().tolist())
    axis = alt.Axis(values=ticks, format="~e", grid=False, labelOverlap=False, labelFontSize=11)
    colour = alt.Color("series:N", title=None, scale=alt.Scale(domain=series, range=PALETTE))
    scale = alt.Scale(domain=[-0.06, 1.06], nice=False)
    ends = alt.Axis(values=[0, 0.5, 1], format="~g")
    truth = pd.DataFrame({"share": [float(((shown["tp"] + shown["fn"]) / shown["n"]).mean())]})
    y = alt.Y("share:Q", title="share called hateful", scale=scale, axis=ends)
    base = alt.Chart(shown.assign(place=places, seed=shown["seed"].astype(int))[columns]).encode(
        x=alt.X("place:Q", title="learning rate", axis=axis, scale=alt.Scale(type="log", nice=False, padding=14)),
        color=colour,
        tooltip=tooltips(told),
    )
    low = alt.Y("low:Q", title="share called hateful", scale=scale, axis=ends)
    fill = alt.condition("datum.last", colour, alt.value("white"))
    return [
        alt.Chart(truth).mark_rule(color=INK, strokeDash=[2, 3]).encode(y=y),
        base.transform_filter("datum.last").mark_rule(strokeWidth=1, opacity=0.5).encode(y=low, y2="high:Q"),
        base.transform_filter("!datum.constant")
        .mark_point(shape="circle", size=30, strokeWidth=1.2, opacity=1)
        .encode(y=y, fill=fill),
        base.transform_filter("datum.constant")
        .mark_point(shape=CROSS, size=90, strokeWidth=1.8, opacity=1)
        .encode(y=y),
    ]
