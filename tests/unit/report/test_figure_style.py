import json

import altair as alt
import pandas as pd
import pytest
from chart_reading import save_and_read
from foxhound.report.figure_style import (
    PALETTE,
    chunks,
    intervals,
    learning_rate_axis,
    nothing,
    one_line,
    panel_title,
    panels,
    save_chart,
    series_colour,
    series_shape,
    side_by_side,
    tenths_around,
    tooltips,
)

CHART = alt.Chart(pd.DataFrame({"x": [1, 2]})).mark_tick().encode(x="x:Q")


def test_the_specification_is_written_beside_the_picture_and_is_the_same_every_time(tmp_path):
    for name in ("one", "other"):
        save_chart(CHART, tmp_path / f"{name}.svg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.json", "one.svg", "other.json", "other.svg"]
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "other.json").read_bytes()
    spec = json.loads((tmp_path / "one.json").read_text(encoding="utf-8"))
    assert spec == CHART.to_dict()
    assert "vega-lite" in spec["$schema"]


def test_many_rows_are_no_obstacle(tmp_path):
    rows = pd.DataFrame({"x": range(6000)})
    save_chart(alt.Chart(rows).mark_tick().encode(x="x:Q"), tmp_path / "many.svg")
    assert len(next(iter(json.loads((tmp_path / "many.json").read_text())["datasets"].values()))) == 6000


@pytest.mark.parametrize(("step", "most", "keys"), [(1.1, 2, "abc"), (1.5, 1.6, "abcd"), (1.1, 2, "a")])
def test_marks_stand_side_by_side_around_their_place(step, most, keys):
    factors = list(side_by_side(keys, step, most).values())
    assert factors[0] * factors[-1] == pytest.approx(1)
    assert factors[-1] / factors[0] == pytest.approx(min(most, step ** (len(keys) - 1)))


def test_a_panel_has_at_most_as_many_names_as_there_are_colours():
    names = [f"m{number}" for number in range(16)]
    assert [len(chunk) for chunk in chunks(names)] == [7, 7, 2]
    assert [name for chunk in chunks(names) for name in chunk] == names
    assert len(set(PALETTE)) == 7


def test_titles_are_broken_at_spaces_and_hyphens_or_at_spaces_only():
    assert panel_title("lstm-bert-bidirectional", 14).to_dict()["text"] == ["lstm-bert-", "bidirectional"]
    assert panel_title("two (lstm-bert)", 12, hyphens=False).to_dict()["text"] == ["two", "(lstm-bert)"]
    assert panel_title("").to_dict()["text"] == [""]
    assert one_line("a\nb") == "a b"


def test_tooltips_show_three_decimals_of_numbers_only():
    assert [tip.to_dict() for tip in tooltips({"F1": "f1:Q", "model": "name:N"})] == [
        {"field": "f1", "format": ".3f", "title": "F1", "type": "quantitative"},
        {"field": "name", "title": "model", "type": "nominal"},
    ]
    rows = pd.DataFrame({"f1": [0.612], "f1_low": [0.57], "f1_high": [0.653]})
    assert intervals(rows, "f1") == [".612 [.570, .653]"]


def test_each_series_has_a_colour_and_a_shape_and_each_learning_rate_a_tick():
    assert series_colour(["a", "b"]).to_dict()["scale"]["domain"] == ["a", "b"]
    assert series_shape(["a"], "family").to_dict()["field"] == "family"
    axis = learning_rate_axis("rate", pd.Series([1e-3, 1e-4, 1e-3])).to_dict()
    assert axis["axis"]["values"] == [1e-4, 1e-3] and axis["scale"]["type"] == "log"
    assert tenths_around(0.31, 0.62) == [0.3, 0.7]


def test_panels_stand_under_one_title_and_a_picture_of_nothing_says_why(tmp_path):
    shown, spec = save_and_read(panels([CHART, CHART, CHART], 2, "Title", ["subtitle"]), tmp_path)
    assert {"Title", "subtitle"} <= set(shown)
    assert len(spec["concat"]) == 3 and spec["columns"] == 2
    assert save_and_read(nothing("No model ran."), tmp_path)[0] == ["No model ran."]
