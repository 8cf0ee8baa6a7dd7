import json
import xml.etree.ElementTree as ET

import altair as alt
import pandas as pd
import pytest
from foxhound.evaluation.scoring import score_predictions
from foxhound.markdown import with_interval
from foxhound.report.figure_style import save_chart, side_by_side, split_order
from foxhound.report.score_figures import forest_plot, learning_rate_plot
from made_up import experiment

SCORES = score_predictions(experiment(), 20, 0)


def texts(path) -> list[str]:
    return [element.text for element in ET.parse(path).iter("{http://www.w3.org/2000/svg}text") if element.text]


@pytest.fixture(scope="module")
def forest(tmp_path_factory) -> list[str]:
    path = tmp_path_factory.mktemp("figures") / "f1.svg"
    save_chart(forest_plot(SCORES), path)
    return texts(path)


def test_the_forest_names_each_model_once_at_its_largest_epoch(forest):
    models = [text for text in forest if text.startswith(("lstm", "always-", "tfidf"))]
    assert sorted(models) == [
        "always-hateful",
        "lstm-bert-bidirectional-attention, epoch 30",
        "lstm|`odd`<b>, epoch 30",
        "tfidf-logistic",
    ]


def test_the_forest_shows_both_yardsticks_with_their_scores(forest):
    always = SCORES.query("model == 'always-hateful' and protocol == 'stratified-10'")["f1"].iloc[0]
    assert f"always hateful ({always:.3f})".replace("(0", "(") in forest
    assert any(text.startswith("TF-IDF logistic regression (.") for text in forest)


def test_the_forest_draws_the_intervals_of_the_table():
    chart = forest_plot(SCORES).to_dict()
    rows = {row["name"]: row for data in chart["datasets"].values() for row in data if "f1_low" in row}
    expected = SCORES[
        SCORES["seed"].isna() & (SCORES["model"] == "tfidf-logistic") & (SCORES["protocol"] == "stratified-10")
    ]
    for name in ("f1", "f1_low", "f1_high"):
        assert rows["tfidf-logistic"][name] == pytest.approx(expected[name].item())
    assert rows["always-hateful"]["collapsed"]


def test_the_sweep_has_a_panel_per_split_and_marks_collapsed_runs(tmp_path):
    chart = learning_rate_plot(SCORES)
    save_chart(chart, tmp_path / "sweep.svg")
    shown = texts(tmp_path / "sweep.svg")
    assert {"balanced-random-700", "balanced-first-700", "finetune-bert", "2e-5", "1e-4"} <= set(shown)
    runs = [row for data in chart.to_dict()["datasets"].values() for row in data if row.get("collapsed")]
    assert len(runs) == 2
    # Calling everything hateful on 27 of 80.
    assert {round(row["f1"], 6) for row in runs} == {round(2 * 27 / (80 + 27), 6)}


@pytest.mark.parametrize("plot", [lambda scores: forest_plot(scores, "unknown"), learning_rate_plot])
def test_a_picture_of_nothing_says_so(plot, tmp_path):
    save_chart(plot(SCORES[SCORES["model"] == "tfidf-logistic"]), tmp_path / "empty.svg")
    assert any(text.startswith("No model was") for text in texts(tmp_path / "empty.svg"))


def test_the_specification_is_written_beside_the_picture_and_is_the_same_every_time(tmp_path):
    for name in ("one", "other"):
        save_chart(learning_rate_plot(SCORES), tmp_path / f"{name}.svg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.json", "one.svg", "other.json", "other.svg"]
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "other.json").read_bytes()
    spec = json.loads((tmp_path / "one.json").read_text(encoding="utf-8"))
    assert spec == learning_rate_plot(SCORES).to_dict()
    assert "vega-lite" in spec["$schema"]


def test_marks_tell_their_interval():
    rows = [row for data in forest_plot(SCORES).to_dict()["datasets"].values() for row in data if "interval" in row]
    shown = next(row for row in rows if row["name"] == "tfidf-logistic")
    assert shown["interval"] == with_interval(shown["f1"], shown["f1_low"], shown["f1_high"])


def test_a_model_at_one_rate_is_no_sweep():
    one = experiment().assign(model=lambda frame: frame["model"].replace("tfidf-logistic", "other"))
    rate = [settings["learning_rate"] for settings in one["settings"]]
    only = one[pd.Series(rate, one.index).eq(2e-5)].assign(model="finetune-once")
    chart = learning_rate_plot(score_predictions(pd.concat([one, only]), 5, 0)).to_dict()
    assert {row["series"] for data in chart["datasets"].values() for row in data if "series" in row} == {
        "finetune-bert"
    }


@pytest.mark.parametrize(("step", "most", "keys"), [(1.1, 2, "abc"), (1.5, 1.6, "abcd"), (1.1, 2, "a")])
def test_marks_stand_side_by_side_around_their_place(step, most, keys):
    found = list(side_by_side(keys, step, most).values())
    assert found[0] * found[-1] == pytest.approx(1)
    assert found[-1] / found[0] == pytest.approx(min(most, step ** (len(keys) - 1)))


def test_splits_are_in_the_order_of_their_kind_and_size():
    names = ["other", "balanced-first-100", "balanced-none-700", "balanced-random-100", "balanced-random-700"]
    assert sorted(names, key=split_order) == [names[4], names[3], names[1], names[2], names[0]]


def test_many_rows_are_no_obstacle(tmp_path):
    rows = pd.DataFrame({"x": range(6000)})
    save_chart(alt.Chart(rows).mark_tick().encode(x="x:Q"), tmp_path / "many.svg")
    assert (tmp_path / "many.json").exists()
