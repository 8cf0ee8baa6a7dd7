"""Pictures of where the mistakes are: calibration, precision against recall, and F1 article by article."""

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from foxhound.evaluation.comparisons import model_names
from foxhound.names import ALWAYS, TFIDF
from foxhound.report.figure_style import (
    GREY,
    INK,
    PALETTE,
    ROW_HEIGHT,
    intervals,
    nothing,
    one_line,
    panel_title,
    styled,
    tooltips,
)

FEW = 10  # hateful comments: with fewer, an F1 says next to nothing
ARTICLES_SHOWN = 12
TITLE_LENGTH = 26
ACROSS = 4
MODEL = ["model", "learning_rate"]
SQUARE = {"width": 126, "height": 126}
SHARES: dict[str, Any] = {
    "scale": alt.Scale(domain=[0, 1], nice=False),
    "axis": alt.Axis(values=[0, 0.5, 1], format="~g"),
}


def calibration_plot(calibration: pd.DataFrame, titles: Mapping[str, str]) -> alt.TopLevelMixin:
    """Share of hateful comments against the model's probability, a panel per model: on the diagonal it keeps its word.

    Models whose probabilities all lie in one bin, such as always-hateful, are left out.

    Args:
        calibration: table `calibration`.
        titles: what `protocol_titles` returns.
    """
    rows = calibration[calibration.groupby(MODEL, dropna=False)["bin"].transform("nunique") > 1]
    if rows.empty:
        return nothing("No model gave probabilities in several bins.")
    names = model_names(rows)
    shown = rows.assign(name=names, interval=intervals(rows, "share_hateful"), bin=rows["bin"].map(_bin_text))
    told = {
        "model": "name:N",
        "bin": "bin:N",
        "comments": "n:Q",
        "mean probability": "mean_probability:Q",
        "share hateful, 95 % interval": "interval:N",
    }
    most = float(shown["n"].max())
    legend = alt.Legend(values=[number for number in (1, 10, 100, 1000, 10000) if number <= most], format="d")
    scale = alt.Scale(domain=[0, most], range=[12, 180])
    size = alt.Size("n:Q", title="comments in the bin", scale=scale, legend=legend)
    x = alt.X("mean_probability:Q", title="probability", **SHARES)
    diagonal = alt.Chart(pd.DataFrame({"mean_probability": [0.0, 1.0], "share_hateful": [0.0, 1.0]}))
    columns = ["name", "bin", "n", "mean_probability", "share_hateful", "interval"]
    columns += ["share_hateful_low", "share_hateful_high"]
    panels = []
    for place, (name, one) in enumerate(shown.groupby("name")):
        base = alt.Chart(one[columns].round(4)).encode(x=x, tooltip=tooltips(told))
        y, low = _y_axes("share_hateful", "share hateful", place)
        layers = [
            diagonal.mark_line(color=INK, strokeDash=[2, 3], strokeWidth=1).encode(x=x, y=y),
            base.mark_rule(color=PALETTE[0], strokeWidth=1).encode(y=low, y2="share_hateful_high:Q"),
            base.mark_circle(color=PALETTE[0], opacity=0.8).encode(y=y, size=size),
        ]
        panels.append(alt.layer(*layers).properties(**SQUARE, title=panel_title(str(name), 24)))
    title = alt.TitleParams(
        f"Calibration under {titles[rows['protocol'].iloc[0]]}: share of hateful comments by predicted probability",
        offset=16,
        subtitle=[
            "Ten equal bins, each model at its largest epoch; bars: Wilson 95 % intervals; size: comments.",
            "Dashed diagonal: probabilities that keep their word.",
        ],
    )
    return styled(alt.concat(*panels, columns=ACROSS, title=title))


def _y_axes(name: str, title: str, place: int) -> tuple[alt.Y, alt.Y]:
    """The axis of a share and of its lower end, named in the first panel of each row only."""
    word = title if place % ACROSS == 0 else None
    return alt.Y(f"{name}:Q", title=word, **SHARES), alt.Y(f"{name}_low:Q", title=word, **SHARES)


def _bin_text(place: int) -> str:
    return f"{place / 10:.1f} to {(place + 1) / 10:.1f}"


def precision_recall_plot(precision_recall: pd.DataFrame, titles: Mapping[str, str]) -> alt.TopLevelMixin:
    """Precision against recall with a 95 % band, a panel per model, TF-IDF logistic regression in grey beside it.

    Models whose precision never changes, such as always-hateful, are left out: they are the dashed line.

    Args:
        precision_recall: table `precision_recall`.
        titles: what `protocol_titles` returns.
    """
    rows = precision_recall[precision_recall.groupby(MODEL, dropna=False)["precision"].transform("nunique") > 1]
    if rows.empty:
        return nothing("No model ranked the comments.")
    shown = rows.assign(name=model_names(rows), interval=intervals(rows, "precision"))
    reference = shown[shown["model"] == TFIDF][["recall", "precision"]]
    told = {"model": "name:N", "recall": "recall:Q", "precision, 95 % interval": "interval:N"}
    x = alt.X("recall:Q", title="recall", **SHARES)
    columns = ["recall", "precision", "precision_low", "precision_high"]
    panels = []
    for place, (name, one) in enumerate(shown.groupby("name")):
        base = alt.Chart(one[columns].round(4)).encode(x=x)
        y, low = _y_axes("precision", "precision", place)
        share = alt.Chart(pd.DataFrame({"precision": [float(one["share_hateful"].iloc[0])]}))
        layers = [
            share.mark_rule(color=INK, strokeDash=[2, 3]).encode(y=y),
            base.mark_area(color=PALETTE[0], opacity=0.25).encode(y=low, y2="precision_high:Q"),
            base.mark_line(color=PALETTE[0], strokeWidth=1.5).encode(y=y),
        ]
        if len(reference) and one["model"].iloc[0] != TFIDF:
            beside = alt.Chart(reference).mark_line(color=GREY, strokeWidth=1, strokeDash=[7, 4])
            layers.insert(1, beside.encode(x=x, y=y))
        # Marks that a pointer can find, without a hundred of them in every picture.
        found = alt.Chart(one.iloc[4::5][["name", "recall", "precision", "interval"]]).mark_point(opacity=0, size=60)
        layers.append(found.encode(x=x, y=y, tooltip=tooltips(told)))
        panels.append(alt.layer(*layers).properties(**SQUARE, title=panel_title(str(name), 24)))
    title = alt.TitleParams(
        f"Precision against recall under {titles[rows['protocol'].iloc[0]]}, folds pooled",
        offset=16,
        subtitle=[
            "Each model at its largest epoch; band: 95 % bootstrap interval of the precision at each recall.",
            "Dashed: the share that is hateful (short dashes, black) and TF-IDF logistic regression (long, grey).",
        ],
    )
    return styled(alt.concat(*panels, columns=ACROSS, title=title))


def short_titles(threads: list[str], length: int = TITLE_LENGTH) -> dict[str, str]:
    """A different short name for each article: its first words, and a number where two begin alike."""
    taken: Counter[str] = Counter()
    names = {}
    for thread in threads:
        line = " ".join(thread.split())
        short = line if len(line) <= length else line[: length - 1].rstrip() + "…"
        taken[short] += 1
        names[thread] = short if taken[short] == 1 else f"{short} ({taken[short]})"
    return names


def article_plot(articles: pd.DataFrame, titles: Mapping[str, str]) -> alt.TopLevelMixin:
    """F1 of every model on every article's comments as a heat map; the two yardsticks come first.

    Of many articles those with the most comments are shown.

    Args:
        articles: table `articles`.
        titles: what `protocol_titles` returns.
    """
    if articles.empty:
        return nothing("No model was scored article by article.")
    sizes = articles.groupby("thread")[["n", "hateful"]].max()
    sizes = sizes.sort_values("n", ascending=False, kind="stable")
    kept = sizes.index[:ARTICLES_SHOWN].tolist()
    rows = articles[articles["thread"].isin(kept)]
    names = short_titles(kept)
    headings = {one: f"{names[one]}  {sizes.loc[one, 'hateful']:.0f}/{sizes.loc[one, 'n']:.0f}" for one in kept}
    few = rows["hateful"] < FEW
    brightest = math.ceil(float(rows["f1"].max()) * 10) / 10 or 1.0
    shown = pd.DataFrame(
        {
            "model": model_names(rows).map(one_line),
            "article": rows["thread"].map(headings),
            "title": rows["thread"].map(one_line),
            "f1": rows["f1"],
            "text": rows["f1"].map(_two_decimals) + few.map({True: "*", False: ""}),
            "few": few,
            "interval": intervals(rows, "f1"),
            "accuracy": intervals(rows, "accuracy"),
            "n": rows["n"].round().astype(int),
            "hateful": rows["hateful"].round().astype(int),
        }
    )
    yardsticks = [one for one in (ALWAYS, TFIDF) if one in set(shown["model"])]
    order = yardsticks + sorted(set(shown["model"]) - set(yardsticks))
    left_out = len(sizes) - len(kept)
    title = alt.TitleParams(
        f"F1 by article under {titles[rows['protocol'].iloc[0]]}",
        subtitle=[
            "Each model at its largest epoch. Columns: article, hateful/all comments, most comments first"
            + (f"; {left_out} more left out." if left_out else "."),
            f"Italics with *: fewer than {FEW} hateful comments. Wilson intervals: in the table, or point at a cell.",
        ],
    )
    cells = _article_cells(shown, order, [headings[one] for one in kept], brightest)
    size = {"width": max(200, 36 * len(kept)), "height": (ROW_HEIGHT + 2) * len(order)}
    return styled(cells.properties(**size, title=title))


def _two_decimals(value: float) -> str:
    return f"{value:.2f}".removeprefix("0")


def _article_cells(shown: pd.DataFrame, order: list[str], headings: list[str], brightest: float) -> Any:
    told = {
        "model": "model:N",
        "article": "title:N",
        "comments": "n:O",
        "hateful": "hateful:O",
        "F1, 95 % interval": "interval:N",
        "accuracy, 95 % interval": "accuracy:N",
    }
    axis: dict[str, Any] = {"labelAngle": -60, "orient": "top", "labelLimit": 220, "labelFontSize": 11}
    base = alt.Chart(shown).encode(
        x=alt.X("article:N", title=None, sort=headings, axis=alt.Axis(**axis)),
        y=alt.Y("model:N", title=None, sort=order),
        tooltip=tooltips(told),
    )
    # One hue, and never so dark that ink could not be read on it.
    shade = alt.Scale(range=["#F7FBFF", "#6BAED6"], domain=[0, brightest])
    words = base.encode(text="text:N", color=alt.value(INK))
    return alt.layer(
        base.mark_rect(stroke="white").encode(color=alt.Color("f1:Q", scale=shade, legend=None)),
        words.transform_filter("!datum.few").mark_text(fontSize=11),
        words.transform_filter("datum.few").mark_text(fontSize=11, fontStyle="italic"),
    )
