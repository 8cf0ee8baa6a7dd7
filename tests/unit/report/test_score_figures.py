import pandas as pd
import pytest
from chart_reading import save_and_read
from foxhound.markdown import with_interval
from foxhound.report.score_figures import forest_plot, learning_rate_plot
from made_up import experiment, scored

SCORES = scored(experiment())


@pytest.fixture(scope="module")
def forest(tmp_path_factory) -> list[str]:
    return save_and_read(forest_plot(SCORES), tmp_path_factory.mktemp("figures"))[0]


def test_the_forest_names_each_model_once_at_its_last_epoch(forest):
    models = [text for text in forest if text.startswith(("lstm", "always-", "tfidf"))]
    assert sorted(models) == [
        "always-hateful",
        "lstm-bert-bidirectional-attention, epoch 30",
        "lstm|`odd`<b>, epoch 30",
        "tfidf-logistic",
    ]


def test_the_forest_shows_both_baselines_with_their_scores(forest):
    always = SCORES.query("model == 'always-hateful' and protocol == 'stratified-10'")["f1_tuned"].iloc[0]
    assert f"always hateful ({always:.3f})".replace("(0", "(") in forest
    assert any(text.startswith("TF-IDF logistic regression (.") for text in forest)


def test_the_forest_says_how_many_folds_there_were(forest):
    assert "F1 under 4-fold cross-validation (stratified-10), folds pooled" in forest


def test_the_forest_draws_the_intervals_of_the_table():
    chart = forest_plot(SCORES).to_dict()
    rows = {row["name"]: row for data in chart["datasets"].values() for row in data if "f1_tuned_low" in row}
    expected = SCORES[
        SCORES["seed"].isna() & (SCORES["model"] == "tfidf-logistic") & (SCORES["protocol"] == "stratified-10")
    ]
    for name in ("f1_tuned", "f1_tuned_low", "f1_tuned_high"):
        assert rows["tfidf-logistic"][name] == pytest.approx(expected[name].item())
    assert rows["always-hateful"]["collapsed"]


def test_the_sweep_has_a_panel_per_protocol_and_marks_collapsed_runs(tmp_path):
    chart = learning_rate_plot(SCORES)
    shown, _ = save_and_read(chart, tmp_path)
    assert {"(balanced-random-700)", "comments (balanced-first-700)", "finetune-bert", "2e-5", "1e-4"} <= set(shown)
    assert "Balanced with the first non-hateful comments, 700 training" in shown
    runs = [row for data in chart.to_dict()["datasets"].values() for row in data if row.get("collapsed")]
    assert len(runs) == 2
    # Calling everything hateful on 27 of 80.
    assert {round(row["f1"], 6) for row in runs} == {round(2 * 27 / (80 + 27), 6)}


@pytest.mark.parametrize("plot", [forest_plot, learning_rate_plot])
def test_a_picture_of_nothing_says_so(plot, tmp_path):
    chart = plot(SCORES[SCORES["model"].eq("tfidf-logistic") & SCORES["protocol"].ne("stratified-10")])
    assert save_and_read(chart, tmp_path)[0][0].startswith("No model was")


def test_marks_tell_their_interval():
    rows = [row for data in forest_plot(SCORES).to_dict()["datasets"].values() for row in data if "interval" in row]
    shown = next(row for row in rows if row["name"] == "tfidf-logistic")
    assert shown["interval"] == with_interval(shown["f1_tuned"], shown["f1_tuned_low"], shown["f1_tuned_high"])


def test_a_model_at_one_rate_is_no_sweep():
    one = experiment().assign(model=lambda frame: frame["model"].replace("tfidf-logistic", "other"))
    rate = [settings["learning_rate"] for settings in one["settings"]]
    only = one[pd.Series(rate, one.index).eq(2e-5)].assign(model="finetune-once")
    chart = learning_rate_plot(scored(pd.concat([one, only]), 5)).to_dict()
    assert {row["series"] for data in chart["datasets"].values() for row in data if "series" in row} == {
        "finetune-bert"
    }
