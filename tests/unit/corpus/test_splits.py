import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from foxhound.corpus.loading import load_comments
from foxhound.corpus.split_sizes import TEST, TRAIN, VALIDATION
from foxhound.corpus.splits import (
    balance,
    draw_partition,
    fold_assignment,
    fold_partition,
)
from foxhound.errors import FoxhoundError
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedKFold

ROOT = Path(__file__).parents[3]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text())
GROUP = st.sampled_from([None, "thread", "user"])
SEED = st.integers(0, 2**32 - 1)
LABELS = st.lists(st.integers(0, 1), min_size=20, max_size=80)


def comments(labels: list[int]) -> pd.DataFrame:
    """Return made-up comments of eight users on six articles."""
    rows = np.arange(len(labels))
    return pd.DataFrame(
        {
            "id": [f"comment-{row:03d}" for row in rows],
            "label": np.array(labels, np.int8),
            "thread": [f"thread-{row % 6}" for row in rows],
            "user": [f"user-{row * row % 8}" for row in rows],
        }
    )


def demo() -> pd.DataFrame:
    return load_comments(ROOT / CONFIG["corpus"]["fallback"], CONFIG["corpus"])


@settings(deadline=None, max_examples=40)
@given(LABELS, st.integers(2, 3), GROUP, SEED)
def test_every_comment_is_scored_in_one_fold_and_trains_the_others(labels, folds, group, seed):
    assume(folds <= sum(labels) <= len(labels) - folds)
    frame = comments(labels)
    assignment = fold_assignment(frame, {"folds": folds, "group": group, "seed": seed})
    scored = []
    for fold in range(folds):
        partition = fold_partition(frame, assignment, fold)
        assert partition["id"].tolist() == frame["id"].tolist()
        assert set(partition["part"]) <= {TRAIN, TEST}
        scored += partition["id"][partition["part"] == TEST].tolist()
        if group:
            test = partition["part"].to_numpy() == TEST
            assert not set(frame[group][test]) & set(frame[group][~test])
    assert sorted(scored) == frame["id"].tolist()


@settings(deadline=None, max_examples=25)
@given(LABELS, st.integers(2, 5), SEED)
def test_folds_have_like_shares_of_hateful_comments(labels, folds, seed):
    assume(folds <= sum(labels) <= len(labels) - folds)
    frame = comments(labels)
    assignment = fold_assignment(frame, {"folds": folds, "seed": seed})
    hateful = [frame["label"][assignment == fold].sum() for fold in range(folds)]
    sizes = np.bincount(assignment, minlength=folds)
    assert max(hateful) - min(hateful) <= 1
    assert max(sizes) - min(sizes) <= 1


def test_folds_are_those_of_scikit_learn():
    frame = comments([1, 0, 0] * 20)
    splits = StratifiedKFold(5, shuffle=True, random_state=7).split(frame, frame["label"])
    assignment = fold_assignment(frame, {"folds": 5, "seed": 7})
    for fold, (_, test) in enumerate(splits):
        assert np.flatnonzero(assignment == fold).tolist() == test.tolist()


def test_the_seed_draws_the_folds():
    frame = comments([1, 0, 0] * 20)
    first, again, other = (fold_assignment(frame, {"folds": 5, "seed": seed}) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_as_many_folds_as_articles_leave_one_out_each():
    frame = demo()
    definition = CONFIG["protocols"]["leave-one-article-out"]
    assert frame["thread"].nunique() == definition["folds"]
    assignment = fold_assignment(frame, definition)
    assert frame["thread"].groupby(assignment).nunique().tolist() == [1] * definition["folds"]


def test_fewer_comments_of_a_class_than_folds_are_refused():
    with pytest.raises(FoxhoundError) as refused:
        fold_assignment(comments([1] * 3 + [0] * 30), {"folds": 10, "seed": 0})
    for part in ("10 folds", "only 3", "`folds`", "at most 3", "config.yaml"):
        assert part in str(refused.value)


@pytest.mark.parametrize("group", ["thread", "user"])
def test_fewer_groups_than_folds_are_refused(group):
    frame = comments([1, 0] * 20)
    with pytest.raises(FoxhoundError, match=group):
        fold_assignment(frame, {"folds": 10, "group": group, "seed": 0})


@given(LABELS, SEED)
def test_balanced_comments_are_all_hateful_ones_and_as_many_others(labels, seed):
    array = np.array(labels)
    hateful = array.sum()
    for rebalance in ("random", "first"):
        chosen = balance(array, rebalance, np.random.default_rng(seed))
        assert array[chosen].sum() == hateful
        assert len(chosen) == hateful + min(hateful, len(array) - hateful)
        assert (np.diff(chosen) > 0).all()
    assert balance(array, "none", np.random.default_rng(seed)).tolist() == list(range(len(array)))


def test_first_takes_the_first_others_and_random_does_not():
    labels = np.array([0] * 30 + [1] * 5 + [0] * 30)
    first = balance(labels, "first", np.random.default_rng(1))
    assert first.tolist() == [0, 1, 2, 3, 4, 30, 31, 32, 33, 34]
    drawn = [balance(labels, "random", np.random.default_rng(seed)) for seed in range(20)]
    others = np.concatenate([chosen[labels[chosen] == 0] for chosen in drawn])
    assert (others > 34).mean() == pytest.approx(0.5, abs=0.15)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(20, 60),
    st.integers(20, 60),
    st.sampled_from(["random", "first", "none"]),
    st.integers(4, 18),
    st.sampled_from([0, 4, 7]),
    st.integers(4, 13),
    SEED,
)
def test_a_draw_has_the_asked_sizes_both_classes_and_no_comment_twice(
    hateful, others, rebalance, train, validation, test, seed
):
    frame = comments([1] * hateful + [0] * others)
    available = 2 * hateful if others >= hateful else hateful + others
    assume(train + validation + test <= available - 2)
    sizes = {TRAIN: train, VALIDATION: validation, TEST: test}
    partition = draw_partition(frame, {"rebalance": rebalance, **sizes}, seed)
    assert not partition["id"].duplicated().any()
    assert partition["part"].value_counts().to_dict() == {part: size for part, size in sizes.items() if size}
    labels = partition.merge(frame, on="id")
    assert len(labels) == len(partition)
    assert (labels.groupby("part")["label"].nunique() == 2).all()


@settings(deadline=None, max_examples=20)
@given(st.integers(10, 40), SEED)
def test_a_draw_of_everything_loses_no_comment(hateful, seed):
    frame = comments([1, 0] * hateful)
    definition = {"rebalance": "random", "train": 2 * hateful - 8, "validation": 4, "test": 4}
    partition = draw_partition(frame, definition, seed)
    assert sorted(partition["id"]) == frame["id"].tolist()
    assert partition["part"].value_counts().to_dict() == {TRAIN: 2 * hateful - 8, VALIDATION: 4, TEST: 4}


def test_the_seed_draws_the_split():
    frame = comments([1, 0, 0] * 30)
    definition = {"rebalance": "random", "train": 30, "validation": 0, "test": 10}
    first, again, other = (draw_partition(frame, definition, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert set(first["id"]) != set(other["id"])


def test_a_draw_keeps_file_order_within_each_part():
    partition = draw_partition(
        comments([1, 0] * 40), {"rebalance": "none", "train": 30, "validation": 10, "test": 20}, 3
    )
    for _, part in partition.groupby("part"):
        assert part["id"].is_monotonic_increasing


def test_a_small_corpus_shrinks_the_counts_in_proportion(caplog):
    with caplog.at_level(logging.WARNING):
        partition = draw_partition(
            comments([1, 0] * 50), {"rebalance": "random", "train": 700, "validation": 0, "test": 300}, 1
        )
    assert partition["part"].value_counts().to_dict() == {TRAIN: 70, TEST: 30}
    assert "takes 1000 comments" in caplog.text
    assert "has 100" in caplog.text


def test_a_corpus_too_small_for_its_parts_is_refused():
    with pytest.raises(FoxhoundError) as refused:
        draw_partition(comments([1, 0] * 5), {"rebalance": "random", "train": 700, "validation": 0, "test": 170}, 1)
    for part in ("at least 4", "has 10", "config.yaml", "`protocols`"):
        assert part in str(refused.value)


@pytest.mark.parametrize("name", ["balanced-random-700", "balanced-first-700"])
def test_the_shipped_draws_work_on_the_demo_corpus(name):
    partition = draw_partition(demo(), CONFIG["protocols"][name], 1)
    assert set(partition["part"]) == {TRAIN, TEST}


def test_a_draw_that_leaves_one_comment_over():
    frame = comments([1, 0] * 10)
    partition = draw_partition(frame, {"rebalance": "random", "train": 10, "validation": 0, "test": 9}, 1)
    assert partition["part"].value_counts().to_dict() == {TRAIN: 10, TEST: 9}


@given(st.integers(10, 60), st.integers(2, 5), st.integers(0, 9))
def test_contiguous_blocks_are_equal_and_leave_the_rest_unused(comments, folds, seed):
    frame = pd.DataFrame(
        {"id": [f"c{row}" for row in range(comments)], "label": [0, 1] * (comments // 2) + [0] * (comments % 2)}
    )
    definition = {"folds": folds, "contiguous": True, "seed": seed}
    assignment = fold_assignment(frame, definition)
    size, left = divmod(comments, folds)
    assert np.bincount(assignment + 1, minlength=folds + 1).tolist() == [left] + [size] * folds
    partition = fold_partition(frame, assignment, 0)
    assert len(partition) == folds * size
    assert (partition["part"] == "test").sum() == size
    assert (fold_assignment(frame, definition | {"seed": seed + 1}) != assignment).any()


def test_the_published_blocks_have_152_comments_of_fox_news():
    frame = pd.DataFrame({"id": [f"c{row}" for row in range(1528)], "label": [1] * 435 + [0] * 1093})
    assignment = fold_assignment(frame, {"folds": 10, "contiguous": True, "seed": 0})
    assert set(np.bincount(assignment[assignment >= 0])) == {152}
    assert (assignment < 0).sum() == 8
