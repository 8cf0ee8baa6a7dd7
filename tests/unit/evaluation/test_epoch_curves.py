import numpy as np
import pandas as pd
import pytest
from foxhound.evaluation.bootstrap import resampling_weights
from foxhound.evaluation.epoch_curves import (
    EPOCHS,
    FEWEST_PIECES,
    PICKED,
    choose_epochs,
    epoch_table,
    f1_under_weights,
    picked_table,
)
from foxhound.evaluation.pooled_runs import Group, Run
from foxhound.evaluation.scoring import score_predictions
from foxhound.tables import read_table, table_schema, write_table
from made_up import COMMENTS, LABELS, experiment, guesses, predictions
from runs_on_disk import runs_of
from sklearn.metrics import f1_score

LSTM = {"family": "lstm", "learning_rate": 1e-3}
FIVE = np.array([f"five/fold-{number % FEWEST_PIECES + 1:02d}" for number in range(COMMENTS)])
KEYS = ["protocol", "part", "model", "learning_rate", "epoch"]


def trained(probabilities: dict[int, np.ndarray], **columns) -> pd.DataFrame:
    """Return predictions of one model after each epoch."""
    return pd.concat(
        [predictions(p, "m", epoch=epoch, settings=LSTM, **columns) for epoch, p in probabilities.items()],
        ignore_index=True,
    )


def test_f1_of_weighted_comments_equals_scikit_learn_on_copied_rows():
    generator = np.random.default_rng(0)
    labels, said = generator.integers(0, 2, 60), generator.integers(0, 2, (3, 60))
    said[2] = 0
    weights = resampling_weights(60, 20, 1)
    found = f1_under_weights(labels, said, weights)
    for draw in range(20):
        copied = np.repeat(np.arange(60), weights[:, draw].astype(int))
        expected = [f1_score(labels[copied], one[copied], zero_division=0.0) for one in said]
        assert found[:, draw] == pytest.approx(expected)


def test_every_epoch_has_the_score_and_interval_of_the_scores_table(tmp_path):
    frame = experiment()
    scores = score_predictions(frame, 200, 3)
    scores = scores[scores["seed"].isna()].copy()
    scores["learning_rate"] = [settings["learning_rate"] for settings in scores["settings"]]
    columns = ["f1", "f1_low", "f1_high", "share_hateful_predicted", "seeds"]
    expected = scores.fillna({"learning_rate": 0}).set_index(KEYS)[columns].sort_index()
    table = epoch_table(runs_of(frame, tmp_path), 200, 3)
    found = table.fillna({"learning_rate": 0}).set_index(KEYS)[columns].sort_index()
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_index_type=False)
    assert list(table.columns) == list(EPOCHS)
    assert table.loc[table["model"].eq("always-hateful"), "one_class"].eq(1).all()
    swept = table[table["learning_rate"].eq(1e-4)]
    assert swept["one_class"].tolist() == [0.5] * len(swept)


def test_the_loss_is_the_mean_over_training_jobs(tmp_path):
    frame = pd.concat([trained({1: guesses(1), 2: guesses(2)}), predictions(guesses(3), "tfidf-logistic")])
    table = epoch_table(runs_of(frame, tmp_path), 10, 0)
    # Four folds, whose files say 1 and 2, 11 and 12, 21 and 22, 31 and 32.
    assert table.set_index("epoch")["loss"].to_dict() == pytest.approx({0: np.nan, 1: 16, 2: 17}, nan_ok=True)


def test_an_epoch_counts_the_seeds_that_trained_it(tmp_path):
    p = {epoch: guesses(epoch) for epoch in (1, 2, 3)}
    frame = pd.concat([trained(p, seed=1), trained({1: guesses(8), 2: guesses(9)}, seed=2)])
    table = epoch_table(runs_of(frame, tmp_path), 50, 0)
    assert table["seeds"].tolist() == [2, 2, 1]
    assert table["f1"].iloc[0] == pytest.approx(np.mean([f1_score(LABELS, one >= 0.5) for one in (p[1], guesses(8))]))
    assert table["f1"].iloc[2] == pytest.approx(f1_score(LABELS, p[3] >= 0.5))
    (row,) = picked_table(runs_of(frame, tmp_path), 50, 0).to_dict("records")
    assert (row["epochs"], row["epoch_last"], row["seeds"]) == (2, 2, 2)


def test_tables_fit_their_schemas(tmp_path):
    runs = runs_of(experiment(), tmp_path)
    for name, table in (("epochs", epoch_table(runs, 5, 0)), ("picked", picked_table(runs, 5, 0))):
        write_table(table, tmp_path / f"{name}.parquet", name, {})
        assert len(read_table(tmp_path / f"{name}.parquet", name)) == len(table) > 0
    assert table_schema("epochs").names == list(EPOCHS)
    assert table_schema("picked").names == list(PICKED)
    for empty, name in ((epoch_table({}, 5, 0), "epochs"), (picked_table({}, 5, 0), "picked")):
        write_table(empty, tmp_path / "empty.parquet", name, {})


def test_the_best_epoch_elsewhere_is_never_chosen_by_the_fold_itself(tmp_path):
    first = FIVE[0] == FIVE
    right, wrong = LABELS.astype(np.float32), (1 - LABELS).astype(np.float32)
    # One fold whose best epoch is the worst of all others, and the other way round: it is given theirs.
    frame = trained({1: np.where(first, right, wrong), 2: np.where(first, wrong, right)}, fold_or_split=FIVE)
    (row,) = picked_table(runs_of(frame, tmp_path), 20, 0).to_dict("records")
    assert row["f1_elsewhere"] == row["f1_best"] == pytest.approx(f1_score(LABELS, np.where(first, wrong, right)))
    assert (row["epoch_elsewhere_min"], row["epoch_elsewhere_max"], row["epoch_last"]) == (2, 2, 2)


def test_choices_equal_those_of_a_loop_over_folds(tmp_path):
    p = {epoch: guesses(epoch + 50) for epoch in range(1, 8)}
    (row,) = picked_table(runs_of(trained(p, fold_or_split=FIVE), tmp_path), 20, 0).to_dict("records")
    said = {epoch: one >= 0.5 for epoch, one in p.items()}
    composed, chosen = np.zeros(COMMENTS, bool), []
    for fold in np.unique(FIVE):
        others = fold != FIVE
        chosen.append(max(said, key=lambda epoch, kept=others: f1_score(LABELS[kept], said[epoch][kept])))
        composed[~others] = said[chosen[-1]][~others]
    assert row["f1_elsewhere"] == pytest.approx(f1_score(LABELS, composed))
    assert (row["epoch_elsewhere_min"], row["epoch_elsewhere_max"]) == (min(chosen), max(chosen))
    best = max(said, key=lambda epoch: f1_score(LABELS, said[epoch]))
    assert (row["epoch_best"], row["epoch_last"], row["epochs"]) == (best, 7, 7)
    assert row["f1_best"] == pytest.approx(f1_score(LABELS, said[best]))
    assert row["f1_last"] == pytest.approx(f1_score(LABELS, said[7]))
    assert row["optimism"] == pytest.approx(row["f1_best"] - row["f1_elsewhere"])


def test_a_draw_takes_the_epoch_that_is_best_on_the_other_draws(tmp_path):
    p = {seed: {epoch: guesses(10 * seed + epoch) for epoch in (1, 2, 3)} for seed in range(1, 6)}
    f1 = pd.DataFrame({seed: {e: f1_score(LABELS, one >= 0.5) for e, one in of.items()} for seed, of in p.items()})
    frames = [trained(of, seed=seed, fold_or_split=f"s/draw-{seed}") for seed, of in p.items()]
    (row,) = picked_table(runs_of(pd.concat(frames), tmp_path), 50, 0).to_dict("records")
    elsewhere = {seed: f1.drop(columns=seed).mean(axis=1).idxmax() for seed in p}
    assert row["f1_elsewhere"] == pytest.approx(np.mean([f1.loc[epoch, seed] for seed, epoch in elsewhere.items()]))
    assert row["f1_best"] == pytest.approx(f1.mean(axis=1).max())
    assert row["seeds"] == 5


@pytest.mark.parametrize("draws", [1, FEWEST_PIECES - 1])
def test_few_draws_have_no_elsewhere(draws, tmp_path):
    frames = [
        trained({1: guesses(seed), 2: guesses(seed + 9)}, seed=seed, fold_or_split=f"s/draw-{seed}")
        for seed in range(1, draws + 1)
    ]
    table = picked_table(runs_of(pd.concat(frames), tmp_path), 20, 0)
    unknown = [name for name in PICKED if "elsewhere" in name or "optimism" in name]
    assert table[unknown].isna().all(axis=None)
    assert table.drop(columns=unknown).notna().all(axis=None)
    write_table(table, tmp_path / "picked.parquet", "picked", {})


def known_optimism(draws: int, corpora: int) -> tuple[float, float]:
    """Return what picking the epoch adds to F1 where the true F1 of every epoch is known, and what is measured.

    Ten epochs, the sixth is the best; 170 comments a draw.
    """
    generator = np.random.default_rng(draws)
    skills = 0.75 - 0.01 * (np.arange(10) - 5.0) ** 2
    true_f1 = 2 * 0.4 * skills / (0.4 * skills + 0.6 * (1 - skills) + 0.4)
    found = []
    for _ in range(corpora):
        runs, calls = [], []
        for seed in range(draws):
            labels, shared = (generator.random(170) < 0.4).astype(np.float32), generator.random(170)
            rows = [
                np.where(
                    np.where(generator.random(170) < 0.5, shared, generator.random(170)) < skill, labels, 1 - labels
                )
                for skill in skills
            ]
            pieces, rows = np.full(170, f"s/draw-{seed}"), np.stack(rows)
            calls.append(rows == 1)
            runs.append(Run(seed, np.arange(1, 11), np.arange(170), labels, pieces, rows, np.empty((0, 10))))
        best, elsewhere = choose_epochs(runs, calls)
        ones = np.ones((170, 1), np.float32)
        f1 = np.stack(
            [f1_under_weights(run.labels, *both)[:, 0] for run, *both in zip(runs, calls, [ones] * draws, strict=True)]
        )
        at_best = f1[:, best].mean()
        chosen = np.mean([f1[place, elsewhere[run.pieces[0]]] for place, run in enumerate(runs)])
        found.append([at_best - true_f1[best], at_best - chosen])
    truth, measured = np.mean(found, axis=0)
    return float(truth), float(measured)


def test_the_optimism_is_near_the_truth_from_five_draws_on_and_not_with_two():
    """So it is not shown for two."""
    truth, measured = known_optimism(FEWEST_PIECES, 400)
    assert truth > 0.008
    assert abs(measured - truth) < 0.004
    truth, measured = known_optimism(2, 400)
    assert measured > truth + 0.002


def test_models_that_trained_one_epoch_pick_nothing(tmp_path):
    assert picked_table(runs_of(pd.concat([predictions(guesses(1)), trained({1: guesses(2)})]), tmp_path), 5, 0).empty


def test_epochs_that_agree_leave_no_optimism(tmp_path):
    (row,) = picked_table(
        runs_of(trained({1: guesses(1), 2: guesses(1)}, fold_or_split=FIVE), tmp_path), 100, 0
    ).to_dict("records")
    assert row["optimism"] == row["optimism_low"] == row["optimism_high"] == 0
    # Ties go to the smaller epoch.
    assert row["epoch_best"] == row["epoch_elsewhere_max"] == 1
    assert row["f1_best_low"] == row["f1_last_low"] < row["f1_last"] < row["f1_last_high"]


def test_where_no_epoch_is_better_picking_looks_better_and_picking_elsewhere_does_not():
    epochs, everyone, found = np.arange(1, 13), np.arange(COMMENTS), []
    for place in range(60):
        p = np.stack([guesses(1000 + 12 * place + epoch) for epoch in epochs])
        run = Run(1, epochs, everyone, LABELS.astype(np.float32), FIVE, p, np.empty((0, 12)))
        found.append(picked_table({Group("five", "test", "m", None): [run]}, 2, 0))
    means = pd.concat(found).mean(numeric_only=True)
    gain = means["f1_best"] - means["f1_last"]
    assert gain > 0.04
    assert abs(means["f1_elsewhere"] - means["f1_last"]) < gain / 3
    assert means["optimism"] > 2 * gain / 3
