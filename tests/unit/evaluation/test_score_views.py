import pandas as pd
import pyarrow.parquet as pq
import pytest
from foxhound.errors import FoxhoundError
from foxhound.evaluation.score_views import (
    baseline_row,
    last_epochs,
    main_protocol,
    over_seeds,
    protocol_order,
    protocol_titles,
    rate_text,
    row_names,
)
from foxhound.experiment.protocols import describe_protocols
from foxhound.tables import read_table, write_table
from made_up import experiment, misnamed, scored

ROWS = over_seeds(scored(experiment()))


def test_collapsed_runs_are_counted_over_seeds():
    tuned = ROWS[ROWS["family"] == "finetune"]
    assert tuned.groupby("learning_rate")["collapsed_runs"].unique().map(list).to_dict() == {
        2e-5: [0],
        1e-4: [1],
    }


def test_draws_are_named_as_in_the_standings_where_scores_come_from_a_file(tmp_path):
    path = tmp_path / "scores.parquet"
    write_table(scored(experiment()), path, "scores", {})
    read = over_seeds(read_table(path, "scores"))
    assert read["draws"].tolist() == ROWS["draws"].tolist() and "1, 2" in {*read["draws"]}


def test_the_last_epoch_is_chosen_whatever_it_scored():
    flipped = ROWS.assign(f1=-ROWS["f1"])
    for rows in (ROWS, flipped):
        assert set(last_epochs(rows)["epoch"]) == {0, 3, 30}
    assert len(last_epochs(ROWS)) == len(ROWS.drop_duplicates(["model", "settings_key", "protocol"]))


def test_a_baseline_belongs_to_its_protocol_and_part():
    assert baseline_row(ROWS, "balanced-random-700", "test", "always-hateful")["precision"] == pytest.approx(27 / 80)
    assert baseline_row(ROWS, "stratified-10", "test", "always-hateful")["precision"] == pytest.approx(1 / 3)
    assert baseline_row(ROWS, "stratified-10", "validation", "always-hateful") is None


def test_names_tell_rows_apart():
    rows = last_epochs(ROWS)[last_epochs(ROWS)["protocol"] == "balanced-random-700"]
    names = row_names(rows).tolist()
    assert len(set(names)) == len(names)
    assert {"always-hateful", "finetune-bert, epoch 3, rate 1e-4"} <= set(names)


def test_rates_read_as_in_paths():
    assert [rate_text(2e-5), rate_text(None), rate_text(float("nan"))] == ["2e-5", "–", "–"]


def test_protocols_are_described_by_their_definitions_and_never_by_their_names():
    frame, protocols = misnamed()
    scores = scored(frame, protocols=protocols)
    assert protocol_titles(scores) == {
        "balanced-random-700": "4-fold cross-validation (balanced-random-700)",
        "alpha": "Balanced at random, 700 training comments (alpha)",
        "stratified-5": "Balanced with the first non-hateful comments, 700 training comments (stratified-5)",
        "beta": "3 folds of whole articles (beta)",
    }
    assert protocol_titles(scores, "`")["beta"] == "3 folds of whole articles (`beta`)"
    assert main_protocol(scores) == "balanced-random-700"
    assert main_protocol(scores[scores["folds"].isna()]) == ""


def test_every_kind_of_protocol_has_words():
    definitions = {
        "a": {"folds": 5, "contiguous": True},
        "b": {"folds": 7, "group": "user"},
        "c": {"rebalance": "none", "train": 1376, "validation": 0},
    }
    rows = pd.DataFrame([{"protocol": name} | facts for name, facts in describe_protocols(definitions).items()])
    assert list(protocol_titles(rows).values()) == [
        "5-fold cross-validation, not stratified (a)",
        "7 folds with each user in one of them (b)",
        "Not balanced, 1376 training comments (c)",
    ]


def test_draws_come_first_balanced_alike_side_by_side_and_the_largest_first():
    draws = {"e": ("first", 100), "a": ("none", 700), "d": ("random", 100), "c": ("random", 700)}
    definitions = {"b": {"folds": 3}} | {
        name: {"rebalance": rebalance, "train": train, "validation": 0} for name, (rebalance, train) in draws.items()
    }
    rows = pd.DataFrame([{"protocol": name} | facts for name, facts in describe_protocols(definitions).items()])
    assert protocol_order(rows) == ["c", "d", "e", "a", "b"]


def test_a_scores_table_without_facts_of_protocols_says_what_to_do(tmp_path):
    path = tmp_path / "scores.parquet"
    write_table(scored(experiment()), path, "scores", {})
    assert main_protocol(read_table(path, "scores")) == "stratified-10"
    table = pq.read_table(path)
    pq.write_table(table.drop_columns(["protocol_kind", "folds"]), path)
    with pytest.raises(
        FoxhoundError, match=r"'protocol_kind' of table 'scores' is not string. Delete it \(rm .*end your"
    ):
        read_table(path, "scores")
