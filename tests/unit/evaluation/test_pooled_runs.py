import numpy as np
import pandas as pd
import pytest
from foxhound.errors import FoxhoundError
from foxhound.evaluation.pooled_runs import Group, common_epochs, load_runs, main_runs
from foxhound.evaluation.score_views import main_protocol
from made_up import COMMENTS, FOLD_NAMES, IDS, LABELS, guesses, misnamed, predictions, scored
from runs_on_disk import runs_of, write_runs

LSTM = {"family": "lstm", "learning_rate": 1e-3}


def epochs_of(last: int, **columns) -> pd.DataFrame:
    return pd.concat(
        [predictions(guesses(epoch), "m", epoch=epoch, settings=LSTM, **columns) for epoch in range(1, last + 1)]
    )


def test_folds_are_pooled_in_the_order_of_ids(tmp_path):
    frame = epochs_of(3).sample(frac=1, random_state=0)
    ((group, (run,)),) = runs_of(frame, tmp_path).items()
    assert group == Group("stratified-10", "test", "m", 1e-3)
    assert (run.seed, run.epochs.tolist()) == (1, [1, 2, 3])
    assert run.comments.tolist() == list(range(COMMENTS))
    assert run.labels.tolist() == LABELS.tolist()
    assert run.pieces.tolist() == FOLD_NAMES.tolist()
    assert np.array_equal(run.probabilities, np.stack([guesses(epoch) for epoch in (1, 2, 3)]))
    assert np.array_equal(run.at(np.array([3])), guesses(3)[None])


def test_losses_are_those_of_every_training_job(tmp_path):
    (run,) = next(iter(runs_of(epochs_of(2), tmp_path).values()))
    assert sorted(run.losses.tolist()) == [[1, 2], [11, 12], [21, 22], [31, 32]]
    (baseline,) = next(iter(runs_of(predictions(guesses(1)), tmp_path / "b").values()))
    assert baseline.losses.shape == (0, 1)


def test_parts_rates_and_seeds_are_told_apart(tmp_path):
    part = np.where(np.arange(COMMENTS) % 5 == 0, "validation", "test")
    frames = []
    for seed in (2, 1):
        where = {"seed": seed, "epoch": 1, "part": part, "fold_or_split": f"s/draw-{seed}"}
        for rate in (1e-4, 1e-5):
            tuned = {"family": "finetune", "learning_rate": rate}
            frames.append(predictions(guesses(seed), "m", settings=tuned, **where))
    runs = runs_of(pd.concat(frames), tmp_path)
    assert list(runs) == [Group("s", part, "m", rate) for part in ("test", "validation") for rate in (1e-5, 1e-4)]
    assert all([run.seed for run in several] == [1, 2] for several in runs.values())
    assert {len(run.comments) for run in runs[Group("s", "validation", "m", 1e-5)]} == {24}


def test_only_epochs_that_all_folds_trained_are_pooled(tmp_path):
    frame = epochs_of(3)
    short = frame[~((frame["fold_or_split"] == "stratified-10/fold-02") & (frame["epoch"] == 3))]
    (run,) = next(iter(runs_of(short, tmp_path).values()))
    assert run.epochs.tolist() == common_epochs([run]).tolist() == [1, 2]
    assert run.losses.shape == (4, 2)


def test_a_comment_that_left_the_corpus_is_named(tmp_path):
    with pytest.raises(FoxhoundError, match=r"comment comment-119 is not in the corpus. Delete"):
        runs_of(predictions(guesses(1)), tmp_path, sorted(IDS)[:-1])


def test_a_missing_fold_is_refused(tmp_path):
    short = predictions(guesses(1), "short").query("fold_or_split != 'stratified-10/fold-02'")
    with pytest.raises(FoxhoundError, match=r"(?s)short.*seed 1 score 90 of 120 comments.*Part of a protocol"):
        runs_of(pd.concat([predictions(guesses(1)), short]), tmp_path)


def test_a_comment_scored_twice_is_refused(tmp_path):
    paths = write_runs(predictions(guesses(1)), tmp_path)
    with pytest.raises(FoxhoundError, match="score a comment twice"):
        load_runs([*paths, paths[0]], sorted(IDS))


def test_epochs_that_score_different_comments_are_refused(tmp_path):
    with pytest.raises(FoxhoundError, match=r"003\.parquet: not every epoch scores the same"):
        runs_of(epochs_of(2).iloc[:-1], tmp_path)


def test_the_main_runs_are_those_of_the_main_protocol_of_the_scores(tmp_path):
    frame, protocols = misnamed()
    runs = runs_of(frame, tmp_path)
    main = main_runs(runs)
    assert {group.protocol for group in main} == {main_protocol(scored(frame, 5, protocols))} == {"balanced-random-700"}
    assert {group.model for group in main} == {
        "always-hateful", "tfidf-logistic", "lstm-bert-bidirectional-attention", "lstm|`odd`<b>"
    }  # fmt: skip
    assert main_runs({group: several for group, several in runs.items() if group.protocol == "alpha"}) == {}
