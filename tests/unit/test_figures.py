import xml.etree.ElementTree as ET

import pytest
from foxhound.figures import forest_plot, learning_rate_plot, save_chart
from foxhound.scoring import score_predictions
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
