import pytest
from foxhound.evaluation.score_views import latest_epochs, over_seeds, rate_text, row_names, yardstick
from foxhound.evaluation.scoring import score_predictions
from made_up import experiment

ROWS = over_seeds(score_predictions(experiment(), 20, 0))


def test_collapsed_runs_are_counted_over_seeds():
    tuned = ROWS[ROWS["family"] == "finetune"]
    assert tuned.groupby("learning_rate")["collapsed_runs"].unique().map(list).to_dict() == {
        2e-5: [0],
        1e-4: [1],
    }


def test_the_largest_epoch_is_kept_whatever_it_scored():
    flipped = ROWS.assign(f1=-ROWS["f1"])
    for rows in (ROWS, flipped):
        assert set(latest_epochs(rows)["epoch"]) == {0, 3, 30}
    assert len(latest_epochs(ROWS)) == len(ROWS.drop_duplicates(["model", "settings_key", "protocol"]))


def test_a_yardstick_belongs_to_its_protocol_and_part():
    assert yardstick(ROWS, "balanced-random-700", "test", "always-hateful")["precision"] == pytest.approx(27 / 80)
    assert yardstick(ROWS, "stratified-10", "test", "always-hateful")["precision"] == pytest.approx(1 / 3)
    assert yardstick(ROWS, "stratified-10", "validation", "always-hateful") is None


def test_names_tell_rows_apart():
    rows = latest_epochs(ROWS)[latest_epochs(ROWS)["protocol"] == "balanced-random-700"]
    names = row_names(rows).tolist()
    assert len(set(names)) == len(names)
    assert {"always-hateful", "finetune-bert, epoch 3, rate 1e-4"} <= set(names)


def test_rates_read_as_in_paths():
    assert [rate_text(2e-5), rate_text(None), rate_text(float("nan"))] == ["2e-5", "–", "–"]
