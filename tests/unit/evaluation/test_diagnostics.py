import numpy as np
import pandas as pd
import pytest
from foxhound.evaluation.bootstrap import resampling_weights
from foxhound.evaluation.diagnostics import (
    ARTICLES,
    CALIBRATION,
    PRECISION_RECALL,
    RECALLS,
    article_table,
    calibration_table,
    precision_at_recalls,
    precision_recall_table,
)
from foxhound.evaluation.pooled_runs import main_runs
from foxhound.evaluation.proportions import Confusion, confusion_intervals
from foxhound.tables import table_schema, write_table
from made_up import COMMENTS, IDS, LABELS, experiment, guesses, predictions
from runs_on_disk import runs_of
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, f1_score, precision_recall_curve

THREADS = np.array([f"article {number % 3}" for number in range(COMMENTS)])


def wilson_by_hand(k: float, n: float, z: float = 1.959964) -> list[float]:
    centre, spread = k / n + z * z / (2 * n), z * np.sqrt(k / n * (1 - k / n) / n + z * z / (4 * n * n))
    return [(centre - spread) / (1 + z * z / n), (centre + spread) / (1 + z * z / n)]


def test_bins_equal_scikit_learns_calibration_curve(tmp_path):
    p = np.random.default_rng(1).random(COMMENTS).astype(np.float32)
    table = calibration_table(runs_of(predictions(p), tmp_path))
    share, mean = calibration_curve(LABELS, p, n_bins=10, strategy="uniform")
    assert table["share_hateful"].to_numpy() == pytest.approx(share)
    assert table["mean_probability"].to_numpy() == pytest.approx(mean)
    assert table["n"].tolist() == np.histogram(p, np.linspace(0, 1, 11))[0].tolist()
    for _, row in table.iterrows():
        expected = wilson_by_hand(row["share_hateful"] * row["n"], row["n"])
        assert [row["share_hateful_low"], row["share_hateful_high"]] == pytest.approx(expected, abs=1e-6)


def test_empty_bins_have_no_row_and_certainty_is_in_the_last(tmp_path):
    p = np.where(np.arange(COMMENTS) < 20, 1.0, 0.35).astype(np.float32)
    table = calibration_table(runs_of(predictions(p), tmp_path))
    assert table[["bin", "n"]].to_numpy().tolist() == [[3, 100], [9, 20]]


def test_more_seeds_do_not_narrow_a_bins_interval(tmp_path):
    one = calibration_table(runs_of(predictions(guesses(1)), tmp_path / "1"))
    three = pd.concat([predictions(guesses(1), seed=seed) for seed in (1, 2, 3)])
    pd.testing.assert_frame_equal(
        calibration_table(runs_of(three, tmp_path / "3")).drop(columns="seeds"), one.drop(columns="seeds")
    )


def test_intervals_hold_the_probability_of_a_calibrated_model(tmp_path):
    generator, inside = np.random.default_rng(2), []
    for place in range(30):
        p = generator.random(2000).astype(np.float32)
        frame = predictions(p, id=[f"c{n:04d}" for n in range(2000)], label=(generator.random(2000) < p).astype(np.int8),
                            fold_or_split="f/fold-01")  # fmt: skip
        table = calibration_table(runs_of(frame, tmp_path / str(place), sorted(frame["id"])))
        inside += table["mean_probability"].between(table["share_hateful_low"], table["share_hateful_high"]).tolist()
    assert len(inside) == 300
    assert np.mean(inside) == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize("decimals", [1, 2, 16])
def test_precision_at_a_recall_is_that_of_the_highest_threshold_with_it(decimals):
    generator = np.random.default_rng(decimals)
    labels = generator.permutation(np.repeat([0, 1], [50, 100]))  # .07 * 100 is more than 7
    p = np.clip(generator.normal(0.4 + 0.2 * labels, 0.2), 0, 1).round(decimals)
    weights = np.c_[np.ones(150), resampling_weights(150, 10, 0)]
    found = precision_at_recalls(labels, p, weights)
    for column in range(11):
        copied = np.repeat(np.arange(150), weights[:, column].astype(int))
        precision, recall, thresholds = precision_recall_curve(labels[copied], p[copied])
        for place, wanted in enumerate(RECALLS):
            highest = np.flatnonzero(recall[:-1] >= wanted - 1e-9)[-1]
            assert thresholds[highest] == thresholds[recall[:-1] >= wanted - 1e-9].max()
            assert found[place, column] == pytest.approx(precision[highest])


def test_without_hateful_comments_there_is_no_precision(tmp_path):
    assert np.isnan(precision_at_recalls(np.zeros(4), np.linspace(0, 1, 4), np.ones((4, 2)))).all()
    none = predictions(guesses(1), label=np.zeros(COMMENTS, np.int8))
    assert precision_recall_table(runs_of(none, tmp_path), 10, 0).empty


def test_the_band_holds_the_curve_and_the_baseline_is_a_line(tmp_path):
    table = precision_recall_table(main_runs(runs_of(experiment(), tmp_path)), 200, 0)
    assert table.groupby("model").size().unique().tolist() == [100]
    always = table[table["model"] == "always-hateful"]
    assert always["precision"].to_numpy() == pytest.approx(LABELS.mean())
    assert table["share_hateful"].to_numpy() == pytest.approx(LABELS.mean())
    assert (table["precision_low"] <= table["precision_high"]).all()
    assert table["precision"].between(table["precision_low"] - 0.02, table["precision_high"] + 0.02).mean() > 0.97
    lstm = table[table["model"] == "lstm|`odd`<b>"]
    assert set(lstm["epoch"]) == {30}


def test_articles_are_scored_apart(tmp_path):
    p = guesses(5)
    table = article_table(runs_of(predictions(p), tmp_path), THREADS).set_index("thread")
    for article, row in table.iterrows():
        here = article == THREADS
        labels, said = LABELS[here], p[here] >= 0.5
        counts = [(labels & said).sum(), (~labels.astype(bool) & said).sum(), (labels & ~said).sum()]
        table_of = Confusion(*map(int, counts), int(here.sum() - sum(counts)))
        expected = confusion_intervals(table_of)
        assert (row["n"], row["hateful"]) == (here.sum(), labels.sum())
        assert row["f1"] == pytest.approx(f1_score(labels, said, zero_division=0.0))
        assert row["accuracy"] == pytest.approx(accuracy_score(labels, said))
        assert [row["f1_low"], row["f1_high"]] == pytest.approx(expected["f1"])
        assert [row["accuracy_low"], row["accuracy_high"]] == pytest.approx(expected["accuracy"])


def test_seeds_are_averaged_within_an_article(tmp_path):
    frame = pd.concat([predictions(guesses(seed), seed=seed) for seed in (1, 2)])
    both = article_table(runs_of(frame, tmp_path / "b"), THREADS)
    alone = [article_table(runs_of(predictions(guesses(seed)), tmp_path / str(seed)), THREADS) for seed in (1, 2)]
    for name in ("n", "hateful", "f1", "accuracy"):
        assert both[name].to_numpy() == pytest.approx((alone[0][name] + alone[1][name]).to_numpy() / 2)
    assert both["seeds"].tolist() == [2, 2, 2]


def test_tables_fit_their_schemas(tmp_path):
    for folder, runs in (("some", main_runs(runs_of(experiment(), tmp_path))), ("none", {})):
        tables = {
            "calibration": (calibration_table(runs), CALIBRATION),
            "precision_recall": (precision_recall_table(runs, 5, 0), PRECISION_RECALL),
            "articles": (article_table(runs, np.resize(THREADS, len(IDS))), ARTICLES),
        }
        for name, (table, columns) in tables.items():
            write_table(table, tmp_path / folder / f"{name}.parquet", name, {})
            assert list(table.columns) == list(columns) == table_schema(name).names
            assert table.empty == (folder == "none")
