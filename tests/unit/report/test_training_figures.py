import altair as alt
import numpy as np
import pandas as pd
import pytest
from chart_reading import rows_with, save_and_read, strings_under
from foxhound.evaluation.epoch_curves import epoch_table
from foxhound.report.training_figures import collapse_plot, ladder_plot, learning_curve_plot
from made_up import experiment, guesses, predictions, scored
from runs_on_disk import runs_of

NAME = "odd\n'] + alert(1) + ['"


SIZES = {"large": 700, "small-5": 100}


def swept() -> pd.DataFrame:
    """Return a model on draws of two sizes, two rates, two seeds and two epochs, which swings between classes at the larger rate."""
    frames = []
    for name, size in SIZES.items():
        for seed in (1, 2):
            where = {"fold_or_split": f"{name}/draw-{seed}", "seed": seed}
            frames.append(predictions(guesses(seed + size, comments=80), "tfidf-logistic", **where))
            for rate in (1e-5, 1e-4):
                tuned = {"family": "finetune", "learning_rate": rate}
                for epoch in (2, 3):
                    p = guesses(size + epoch + seed, comments=80)
                    if rate == 1e-4:
                        p = np.full(80, 0.9 if epoch == 2 else 0.1, np.float32)
                    frames.append(predictions(p, NAME, settings=tuned, epoch=epoch, **where))
    return pd.concat(frames, ignore_index=True)


SCORES = scored(experiment())
SWEPT = scored(
    swept(), protocols={name: {"rebalance": "random", "train": size, "validation": 0} for name, size in SIZES.items()}
)


@pytest.fixture(scope="module")
def epochs(tmp_path_factory) -> pd.DataFrame:
    return epoch_table(runs_of(experiment(), tmp_path_factory.mktemp("runs")), 20, 0)


def test_each_lstm_has_a_panel_with_all_its_epochs(epochs, tmp_path):
    shown, spec = save_and_read(learning_curve_plot(epochs, SCORES), tmp_path)
    assert {"lstm-bert-bidirectional-", "attention", "lstm|`odd`<b>", "F1", "epoch"} <= set(shown)
    found = {(row["name"], row["epoch"]): row for row in rows_with(spec, "epoch", "f1_low")}
    lstm = epochs[epochs["model"].str.startswith("lstm")]
    assert len(found) == len(lstm) == 4
    for _, row in lstm.iterrows():
        for field in ("f1", "f1_low", "f1_high"):
            assert found[row["model"], row["epoch"]][field] == pytest.approx(row[field], abs=1e-4)
    assert "F1 at .5 after every epoch under 4-fold cross-validation (stratified-10), folds pooled" in shown
    levels = {round(row["level"], 4) for row in rows_with(spec, "level")}
    sticks = SCORES[SCORES["protocol"].eq("stratified-10") & SCORES["seed"].isna() & SCORES["epoch"].eq(0)]
    assert levels == set(sticks["f1"].round(4))


def test_the_ladder_has_a_panel_per_rate_and_the_scores_of_the_last_epoch(tmp_path):
    shown, spec = save_and_read(ladder_plot(SWEPT), tmp_path)
    assert {"learning rate 1e-5", "learning rate 1e-4", "training comments", "100", "700"} <= set(shown)
    found = rows_with(spec, "series", "train", "f1_low")
    assert sorted((row["train"], row["epoch"], row["seeds"]) for row in found) == [(100, 3, 2)] * 2 + [(700, 3, 2)] * 2
    means = SWEPT[SWEPT["seed"].isna() & SWEPT["epoch"].eq(3)]
    assert sorted(row["f1"] for row in found) == pytest.approx(sorted(means["f1"]))
    sticks = SWEPT[SWEPT["seed"].isna() & SWEPT["model"].eq("tfidf-logistic")]
    assert {row["f1"] for row in rows_with(spec, "place") if "series" not in row} == set(sticks["f1"])


def test_a_split_of_another_kind_is_not_on_the_ladder():
    other = SWEPT.assign(rebalance=SWEPT["rebalance"].where(SWEPT["train"] == 700, "first"))
    assert "several sizes" in str(ladder_plot(other).to_dict())


def test_every_run_and_epoch_of_a_sweep_is_a_mark_and_swings_are_crosses(tmp_path):
    shown, spec = save_and_read(collapse_plot(SWEPT), tmp_path)
    assert {"Balanced at random, 700 training comments (large)", "learning rate", "1e-5", "1e-4"} <= set(shown)
    marks = rows_with(spec, "series", "share")
    assert len(marks) == 2 * 2 * 2 * 2
    collapsed = [row for row in marks if row["constant"]]
    assert {(row["rate"], row["epoch"], row["share"]) for row in collapsed} == {("1e-4", 2, 1), ("1e-4", 3, 0)}
    assert {(row["low"], row["high"]) for row in collapsed} == {(0, 1)}
    # Runs beside each other, and no mark at another rate's place.
    assert len({row["place"] for row in collapsed}) == 2
    assert all(0.7 < row["place"] / 1e-4 < 1.4 for row in collapsed)


def test_panels_hold_at_most_as_many_models_as_there_are_colours(tmp_path):
    many = pd.concat(
        [SWEPT.assign(model=SWEPT["model"].replace(NAME, f"model-{number:02d}")) for number in range(9)],
        ignore_index=True,
    )
    many = many.drop_duplicates(["model", "protocol", "epoch", "seed", "f1", "f1_low"])
    shown, _ = save_and_read(collapse_plot(many), tmp_path)
    assert shown.count("Balanced at random, 700 training comments (large)") == 2
    shown, _ = save_and_read(ladder_plot(many), tmp_path)
    assert shown.count("learning rate 1e-5") == 2


@pytest.mark.parametrize("plot", [ladder_plot, collapse_plot])
def test_names_are_never_part_of_an_expression(plot, tmp_path):
    shown, spec = save_and_read(plot(SWEPT), tmp_path)
    assert "odd '] + alert(1) + ['" in shown
    for key in ("expr", "signal", "filter", "test", "condition", "calculate"):
        assert not [text for text in strings_under(spec, key) if "alert" in text]


def test_pictures_of_nothing_say_so(epochs, tmp_path):
    some = SCORES[SCORES["model"] == "tfidf-logistic"]
    charts: list[alt.TopLevelMixin] = [
        learning_curve_plot(epochs, some),
        learning_curve_plot(epochs[epochs["epoch"] != 15], SCORES),
        learning_curve_plot(epochs.iloc[:0], SCORES),
        ladder_plot(some),
        collapse_plot(some),
    ]
    for chart in charts:
        shown, _ = save_and_read(chart, tmp_path)
        assert len(shown) == 1
        assert shown[0].startswith("No ")
