"""Draw where models err: calibration, precision against recall, and F1 article by article."""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import altair as alt
import pandas as pd

from foxhound.evaluation.comparisons import model_names
from foxhound.names import ALWAYS, TFIDF
from foxhound.report.figure_style import (
    DASHES,
    GREY,
    INK,
    PALETTE,
    ROW_HEIGHT,
    intervals,
    nothing,
    one_line,
    panel_title,
    panels,
    styled,
    tooltips,
)

FEW = 10  # hateful comments: with fewer, an F1 says next to nothing
ARTICLES_SHOWN = 12
TITLE_LENGTH = 26
ACROSS = 4
MODEL = ["model", "learning_rate"]
SHARES: dict[str, Any] = {
    "scale": alt.Scale(domain=[0, 1], nice=False),
    "axis": alt.Axis(values=[0, 0.5, 1], format="~g"),
}


def _model_panels(
    rows: pd.DataFrame, layers_of: Callable[[pd.DataFrame, str | None], list[alt.Chart]], y: str
) -> list[Any]:
    """Return a panel per `name`; `layers_of` takes its rows and its y title, which the first panel of a row has."""
    charts = []
    for place, (name, model) in enumerate(rows.groupby("name")):
        layers = layers_of(model, y if place % ACROSS == 0 else None)
        charts.append(alt.layer(*layers).properties(width=126, height=126, title=panel_title(str(name), 24)))
    return charts


def calibration_plot(calibration: pd.DataFrame, titles: Mapping[str, str]) -> alt.TopLevelMixin:
    """Draw the share of hateful comments against the predicted probability, a panel per model.

    Models whose probabilities all lie in one bin, such as always-hateful, are left out.

    Args:
        calibration: table `calibration`.
        titles: what `protocol_titles` returns.
    """
    rows = calibration[calibration.groupby(MODEL, dropna=False)["bin"].transform("nunique") > 1]
    if rows.empty:
        return nothing("No model gave probabilities in several bins.")
    bins = rows["bin"].map(lambda place: f"{place / 10:.1f} to {(place + 1) / 10:.1f}")
    rows = rows.assign(name=model_names(rows), interval=intervals(rows, "share_hateful"), bin=bins)
    most = float(rows["n"].max())
    legend = alt.Legend(values=[number for number in (1, 10, 100, 1000, 10000) if number <= most], format="d")
    size_scale = alt.Scale(domain=[0, most], range=[12, 180])
    size = alt.Size("n:Q", title="comments in the bin", scale=size_scale, legend=legend)
    return panels(
        _model_panels(rows, lambda model, title: _calibration_layers(model, title, size), "share hateful"),
        ACROSS,
        f"Calibration under {titles[rows['protocol'].iloc[0]]}: share of hateful comments by predicted probability",
        [
            "Ten equal bins, each model at its last epoch; bars: Wilson 95 % intervals; size: comments.",
            "Dashed diagonal: perfect calibration.",
        ],
    )


def _calibration_layers(model: pd.DataFrame, y_title: str | None, size: alt.Size) -> list[alt.Chart]:
    tips = {
        "model": "name:N",
        "bin": "bin:N",
        "comments": "n:Q",
        "mean probability": "mean_probability:Q",
        "share hateful, 95 % interval": "interval:N",
    }
    ends = ["share_hateful", "share_hateful_low", "share_hateful_high"]
    x = alt.X("mean_probability:Q", title="probability", **SHARES)
    y, low = (alt.Y(f"{name}:Q", title=y_title, **SHARES) for name in ends[:2])
    columns = ["name", "bin", "n", "mean_probability", "interval", *ends]
    base = alt.Chart(model[columns].round(4)).encode(x=x, tooltip=tooltips(tips))
    diagonal = alt.Chart(pd.DataFrame({"mean_probability": [0.0, 1.0], "share_hateful": [0.0, 1.0]}))
    return [
        diagonal.mark_line(color=INK, strokeDash=[2, 3], strokeWidth=1).encode(x=x, y=y),
        base.mark_rule(color=PALETTE[0], strokeWidth=1).encode(y=low, y2="share_hateful_high:Q"),
        base.mark_circle(color=PALETTE[0], opacity=0.8).encode(y=y, size=size),
    ]


def precision_recall_plot(precision_recall: pd.DataFrame, titles: Mapping[str, str]) -> alt.TopLevelMixin:
    """Draw precision against recall with a 95 % band, a panel per model, TF-IDF logistic regression in grey beside it.

    Models whose precision never changes, such as always-hateful, are left out: they are the dashed line.

    Args:
        precision_recall: table `precision_recall`.
        titles: what `protocol_titles` returns.
    """
    rows = precision_recall[precision_recall.groupby(MODEL, dropna=False)["precision"].transform("nunique") > 1]
    if rows.empty:
        return nothing("No model ranked the comments.")
    rows = rows.assign(name=model_names(rows), interval=intervals(rows, "precision"))
    baseline = rows[rows["model"] == TFIDF][["recall", "precision"]]
    return panels(
        _model_panels(rows, lambda model, title: _precision_recall_layers(model, title, baseline), "precision"),
        ACROSS,
        f"Precision against recall under {titles[rows['protocol'].iloc[0]]}, folds pooled",
        [
            "Each model at its last epoch; band: 95 % bootstrap interval of the precision at each recall.",
            "Dashed: the share that is hateful (short dashes, black) and TF-IDF logistic regression (long, grey).",
        ],
    )


def _precision_recall_layers(model: pd.DataFrame, y_title: str | None, baseline: pd.DataFrame) -> list[alt.Chart]:
    tips = {"model": "name:N", "recall": "recall:Q", "precision, 95 % interval": "interval:N"}
    x = alt.X("recall:Q", title="recall", **SHARES)
    y, low = (alt.Y(f"{name}:Q", title=y_title, **SHARES) for name in ("precision", "precision_low"))
    columns = ["recall", "precision", "precision_low", "precision_high"]
    base = alt.Chart(model[columns].round(4)).encode(x=x)
    share = alt.Chart(pd.DataFrame({"precision": [float(model["share_hateful"].iloc[0])]}))
    layers = [share.mark_rule(color=INK, strokeDash=DASHES[ALWAYS]).encode(y=y)]
    if len(baseline) and model["model"].iloc[0] != TFIDF:
        line = alt.Chart(baseline).mark_line(color=GREY, strokeWidth=1, strokeDash=DASHES[TFIDF])
        layers.append(line.encode(x=x, y=y))
    # Invisible marks that a pointer can hit, at every fifth recall only.
    marks = alt.Chart(model.iloc[4::5][["name", "recall", "precision", "interval"]]).mark_point(opacity=0, size=60)
    return [
        *layers,
        base.mark_area(color=PALETTE[0], opacity=0.25).encode(y=low, y2="precision_high:Q"),
        base.mark_line(color=PALETTE[0], strokeWidth=1.5).encode(y=y),
        marks.encode(x=x, y=y, tooltip=tooltips(tips)),
    ]


def short_titles(threads: list[str], length: int = TITLE_LENGTH) -> dict[str, str]:
    """Return a different short name for each article: its first words, and a number where two begin alike."""
    taken: Counter[str] = Counter()
    names = {}
    for thread in threads:
        line = " ".join(thread.split())
        short = line if len(line) <= length else line[: length - 1].rstrip() + "…"
        taken[short] += 1
        names[thread] = short if taken[short] == 1 else f"{short} ({taken[short]})"
    return names


def article_plot(articles: pd.DataFrame, titles: Mapping[str, str], group: str) -> alt.TopLevelMixin:
    """Draw F1 of every model on every article's comments as a heat map, the two baselines first.

    Of many articles those with the most comments are shown.

    Args:
        articles: table `articles`.
        titles: what `protocol_titles` returns.
        group: what the comments of one article are on, in the words of the corpus.
    """
    if articles["thread"].nunique() < 2:
        return nothing(f"No model was scored {group} by {group}.")
    sizes = articles.groupby("thread")[["n", "hateful"]].max()
    sizes = sizes.sort_values("n", ascending=False, kind="stable")
    largest = sizes.index[:ARTICLES_SHOWN].tolist()
    names = short_titles(largest)
    headings = {
        thread: f"{names[thread]}  {sizes.loc[thread, 'hateful']:.0f}/{sizes.loc[thread, 'n']:.0f}"
        for thread in largest
    }
    cells = _article_cells(articles[articles["thread"].isin(largest)], headings, group)
    baselines = [model for model in (ALWAYS, TFIDF) if model in set(cells["model"])]
    models = baselines + sorted(set(cells["model"]) - set(baselines))
    left_out = len(sizes) - len(largest)
    title = alt.TitleParams(
        f"F1 at .5 by {group} under {titles[articles['protocol'].iloc[0]]}",
        subtitle=[
            f"Each model at its last epoch. Columns: {group}, hateful/all comments, most comments first"
            + (f"; {left_out} more left out." if left_out else "."),
            f"Italics with *: fewer than {FEW} hateful comments. Wilson intervals: in the table, or point at a cell.",
        ],
    )
    size = {"width": max(200, 36 * len(largest)), "height": (ROW_HEIGHT + 2) * len(models)}
    return styled(_heat_map(cells, models, list(headings.values()), group).properties(**size, title=title))


def _article_cells(articles: pd.DataFrame, headings: Mapping[str, str], group: str) -> pd.DataFrame:
    """Return what each cell of the heat map shows."""
    few = articles["hateful"] < FEW
    decimals = articles["f1"].map(lambda value: f"{value:.2f}".removeprefix("0"))
    return pd.DataFrame(
        {
            "model": model_names(articles).map(one_line),
            group: articles["thread"].map(headings),
            "title": articles["thread"].map(one_line),
            "f1": articles["f1"],
            "text": decimals + few.map({True: "*", False: ""}),
            "few": few,
            "interval": intervals(articles, "f1"),
            "accuracy": intervals(articles, "accuracy"),
            "n": articles["n"].round().astype(int),
            "hateful": articles["hateful"].round().astype(int),
        }
    )


def _heat_map(cells: pd.DataFrame, models: list[str], headings: list[str], group: str) -> Any:
    tips = {
        "model": "model:N",
        group: "title:N",
        "comments": "n:O",
        "hateful": "hateful:O",
        "F1, 95 % interval": "interval:N",
        "accuracy, 95 % interval": "accuracy:N",
    }
    axis: dict[str, Any] = {"labelAngle": -60, "orient": "top", "labelLimit": 220, "labelFontSize": 11}
    base = alt.Chart(cells).encode(
        x=alt.X(f"{group}:N", title=None, sort=headings, axis=alt.Axis(**axis)),
        y=alt.Y("model:N", title=None, sort=models),
        tooltip=tooltips(tips),
    )
    # One hue, and never so dark that text could not be read on it.
    brightest = math.ceil(float(cells["f1"].max()) * 10) / 10 or 1.0
    shade = alt.Scale(range=["#F7FBFF", "#6BAED6"], domain=[0, brightest])
    words = base.encode(text="text:N", color=alt.value(INK))
    return alt.layer(
        base.mark_rect(stroke="white").encode(color=alt.Color("f1:Q", scale=shade, legend=None)),
        words.transform_filter("!datum.few").mark_text(fontSize=11),
        words.transform_filter("datum.few").mark_text(fontSize=11, fontStyle="italic"),
    )
