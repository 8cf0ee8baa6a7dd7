import numpy as np
import pandas as pd
import pytest
from foxhound.errors import FoxhoundError
from foxhound.evaluation.bootstrap import METRICS, tail
from foxhound.evaluation.proportions import Confusion, confusion_intervals
from foxhound.evaluation.scoring import COLUMNS, combine_predictions, score_confusion, score_labels, score_predictions
from hypothesis import assume, given
from hypothesis import strategies as st
from made_up import COMMENTS, IDS, LABELS, experiment, guesses, predictions
from reference_metrics import by_scikit_learn, calibration_error
from scipy.stats import hmean
from sklearn import metrics

COUNT = st.integers(0, 2000)


def both(scores: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return the row of the only run, and the row over seeds."""
    return scores[scores["seed"].notna()].iloc[0], scores[scores["seed"].isna()].iloc[0]


@given(COUNT, COUNT, COUNT, COUNT)
def test_confusion_scores_follow_their_definitions(tp, fp, fn, tn):
    assume(tp + fp + fn + tn)
    found = score_confusion(tp, fp, fn, tn)
    assert found["accuracy"] == pytest.approx((tp + tn) / (tp + fp + fn + tn))
    assert found["precision"] == pytest.approx(tp / (tp + fp) if tp + fp else 0)
    assert found["recall"] == pytest.approx(tp / (tp + fn) if tp + fn else 0)
    assert found["f1"] == pytest.approx(hmean([found["precision"], found["recall"]]) if tp else 0)
    mirrored = score_confusion(tn, fn, fp, tp)
    assert found["macro_f1"] == pytest.approx((found["f1"] + mirrored["f1"]) / 2)


@pytest.mark.parametrize("counts", [(0, 0, 0, 0), (1, -1, 2, 3)])
def test_an_impossible_confusion_table_is_refused(counts):
    with pytest.raises(FoxhoundError, match="tp, fp, fn, tn"):
        score_confusion(*counts)


def test_points_equal_scikit_learn():
    p = np.random.default_rng(5).random(COMMENTS)
    found = score_labels(LABELS, p)
    expected = by_scikit_learn(LABELS, p) | {"ece": calibration_error(LABELS, p)}
    assert {name: found[name] for name in METRICS} == pytest.approx(expected, abs=1e-12)
    assert found["tp"] + found["fp"] == (p >= 0.5).sum() == round(found["share_hateful_predicted"] * COMMENTS)


def test_a_half_is_hateful():
    assert score_labels(np.array([1, 0]), np.array([0.5, 0.4999]))["f1"] == 1


def test_one_class_and_constant_scores():
    assert np.isnan(score_labels(np.zeros(4, int), np.linspace(0, 1, 4))["auroc"])
    assert score_labels(np.array([0, 1]), np.array([0.3, 0.3]))["auroc"] == 0.5


def test_folds_are_pooled_before_they_are_scored():
    p = guesses(2)
    frame = predictions(p)
    run, over = both(score_predictions(frame.sample(frac=1, random_state=0), 50, 0))
    pooled = metrics.f1_score(LABELS, p >= 0.5)
    averaged = np.mean(
        [metrics.f1_score(one["label"], one["p_hateful"] >= 0.5) for _, one in frame.groupby("fold_or_split")]
    )
    assert run["f1"] == over["f1"] == pytest.approx(pooled)
    assert abs(pooled - averaged) > 1e-4
    assert run["protocol"] == "stratified-10"
    assert run["n"] == COMMENTS


def test_ranking_is_averaged_over_folds_that_differ_in_level():
    """Models of different folds differ in level: pooled, that looks like lack of skill."""
    fold = np.arange(COMMENTS) % 4
    p = np.clip(guesses(2) / 2 + 0.12 * fold, 0, 1).astype(np.float32)
    run, over = both(score_predictions(predictions(p).sample(frac=1, random_state=0), 50, 0))
    for name, score in (("auroc", metrics.roc_auc_score), ("average_precision", metrics.average_precision_score)):
        mean = np.mean([score(LABELS[fold == one], p[fold == one]) for one in range(4)])
        assert run[name] == over[name] == pytest.approx(mean)
        assert abs(mean - score(LABELS, p)) > 0.03
    assert run["ranked_folds"] == over["ranked_folds"] == 4


def test_whoever_knows_only_the_fold_has_an_auroc_of_a_half_exactly():
    """Under folds of whole articles that is article-only, which pooled had .352: the more hate elsewhere, the less here."""
    generator = np.random.default_rng(0)
    article = np.arange(600) % 6
    labels = (generator.random(600) < np.linspace(0.1, 0.6, 6)[article]).astype(np.int8)
    p = np.array([labels[article != one].mean() for one in article], np.float32)
    ids = [f"c{number}" for number in range(600)]
    folds = [f"p/fold-{one:02d}" for one in article]
    frame = predictions(p, id=ids, label=labels, fold_or_split=folds)
    run, over = both(score_predictions(frame, 200, 0, dict(zip(ids, article.astype(str), strict=True))))
    assert metrics.roc_auc_score(labels, p) < 0.4
    for row in (run, over):
        for kind in ("", "_cluster"):
            assert [row["auroc"], row[f"auroc{kind}_low"], row[f"auroc{kind}_high"]] == [0.5] * 3
        assert row["collapsed"]


def test_folds_of_one_class_are_left_out_of_the_ranking_and_counted():
    fold = np.arange(COMMENTS) % 4
    labels = np.where(fold == 1, 0, LABELS).astype(np.int8)
    p = guesses(4)
    run, over = both(score_predictions(predictions(p, label=labels), 50, 0))
    ranked = [metrics.roc_auc_score(labels[fold == one], p[fold == one]) for one in (0, 2, 3)]
    assert run["auroc"] == over["auroc"] == pytest.approx(np.mean(ranked))
    assert run["ranked_folds"] == over["ranked_folds"] == 3
    assert run["auroc_low"] < run["auroc"] < run["auroc_high"]
    none = predictions(p, label=np.zeros(COMMENTS, np.int8))
    run, _ = both(score_predictions(none, 50, 0))
    assert np.isnan(run["auroc"]) and np.isnan(run["auroc_low"]) and run["ranked_folds"] == 0


def test_intervals_are_percentiles_of_scores_of_resamples():
    p = guesses(3)
    run, _ = both(score_predictions(predictions(p), 2000, 0))
    generator = np.random.default_rng(99)
    folds, naive = [np.flatnonzero(np.arange(COMMENTS) % 4 == fold) for fold in range(4)], []
    for _ in range(250):
        rows = generator.integers(0, COMMENTS, COMMENTS)
        own = [generator.choice(fold, len(fold)) for fold in folds]
        auroc = np.mean([metrics.roc_auc_score(LABELS[fold], p[fold]) for fold in own])
        naive.append([metrics.f1_score(LABELS[rows], p[rows] >= 0.5), auroc])
    expected = np.percentile(naive, [2.5, 97.5], axis=0)
    for column, name in enumerate(("f1", "auroc")):
        assert [run[f"{name}_low"], run[f"{name}_high"]] == pytest.approx(expected[:, column], abs=0.02)


def test_the_bootstrap_of_f1_agrees_with_wilsons_interval():
    table = Confusion(198, 139, 236, 947)
    labels = np.repeat([1, 0, 1, 0], table).astype(np.int8)
    p = np.repeat([0.9, 0.9, 0.1, 0.1], table).astype(np.float32)
    ids = [f"c{number}" for number in range(sum(table))]
    run, _ = both(
        score_predictions(predictions(p, id=ids, label=labels, fold_or_split="stratified-10/fold-01"), 1000, 0)
    )
    assert [run["f1_low"], run["f1_high"]] == pytest.approx(confusion_intervals(table)["f1"], abs=0.005)


def test_the_row_over_seeds_is_mean_and_spread():
    frames = [predictions(guesses(seed), seed=seed) for seed in (1, 2, 3)]
    scores = score_predictions(pd.concat(frames), 100, 0)
    runs, over = scores[scores["seed"].notna()], scores[scores["seed"].isna()].iloc[0]
    assert len(runs) == over["seeds"] == 3
    for name in (*METRICS, "tp", "share_hateful_predicted", "ranked_folds"):
        assert over[name] == pytest.approx(runs[name].mean())
    assert over["f1_sd"] == pytest.approx(runs["f1"].std(ddof=1))
    assert runs["f1_sd"].isna().all()


def test_identical_seeds_are_no_more_certain_than_one():
    frames = [predictions(guesses(1), seed=seed) for seed in (1, 2, 3)]
    scores = score_predictions(pd.concat(frames), 300, 0)
    assert scores["f1_low"].nunique() == scores["f1_high"].nunique() == 1


def test_several_seeds_have_an_interval_of_these_models_too_and_a_wider_one():
    skills = (0.1, 0.2, 0.3)
    frames = [predictions(guesses(1, skill), seed=seed) for seed, skill in enumerate(skills)]
    scores = score_predictions(pd.concat(frames), 1000, 0)
    runs, over = scores[scores["seed"].notna()], scores[scores["seed"].isna()].iloc[0]
    assert runs["f1_fixed_low"].isna().all()
    naive = []
    generator = np.random.default_rng(5)
    for _ in range(300):
        rows = generator.integers(0, COMMENTS, COMMENTS)
        naive.append(np.mean([metrics.f1_score(LABELS[rows], guesses(1, skill)[rows] >= 0.5) for skill in skills]))
    assert [over["f1_fixed_low"], over["f1_fixed_high"]] == pytest.approx(np.percentile(naive, [2.5, 97.5]), abs=0.02)
    assert over["f1_low"] < over["f1_fixed_low"] - 0.02 and over["f1_fixed_high"] + 0.02 < over["f1_high"]
    one = score_predictions(frames[0], 50, 0)
    assert one["f1_fixed_low"].isna().all()


def test_draws_may_differ_from_seed_to_seed():
    frames = [
        predictions(
            guesses(seed)[:60],
            id=[f"x{seed * 30 + row:03d}" for row in range(60)],
            seed=seed,
            fold_or_split=f"s/draw-{seed}",
        )
        for seed in (1, 2)
    ]
    for frame in frames:
        frame["label"] = frame["id"].map(lambda name: int(name[1:]) % 2)
    scores = score_predictions(pd.concat(frames), 200, 0)
    assert scores["n"].tolist() == [60, 60, 60]
    alone = score_predictions(frames[0], 200, 0)
    assert scores.iloc[0]["auroc_low"] == pytest.approx(alone.iloc[0]["auroc_low"])


def test_collapse_is_seen_per_run_and_over_seeds():
    constant = np.full(COMMENTS, 0.2, np.float32)
    frames = [predictions(constant, seed=1), predictions(guesses(1), seed=2), predictions(constant, "dead")]
    scores = score_predictions(pd.concat(frames), 20, 0)
    found = scores.set_index(["model", scores["seed"].fillna(0)])["collapsed"].to_dict()
    assert found == {
        ("dead", 1): True,
        ("dead", 0): True,
        ("some-model", 1): True,
        ("some-model", 2): False,
        ("some-model", 0): False,
    }


def test_settings_tell_models_apart_and_come_back_whole():
    frames = [
        predictions(guesses(seed), settings={"family": "finetune", "learning_rate": rate})
        for seed, rate in ((1, 1e-5), (2, 1e-4), (3, float("nan")))
    ]
    scores = score_predictions(pd.concat(frames), 20, 0)
    rates = [settings["learning_rate"] for settings in scores["settings"]]
    assert rates == [1e-4, 1e-4, 1e-5, 1e-5, None, None]
    assert list(scores.columns) == list(COLUMNS)


def test_scores_do_not_depend_on_what_else_is_scored():
    alone = score_predictions(predictions(guesses(1)), 100, 0)
    together = score_predictions(pd.concat([predictions(guesses(2), "another"), predictions(guesses(1))]), 100, 0)
    pd.testing.assert_frame_equal(alone, together[together["model"] == "some-model"].reset_index(drop=True))


def test_combined_files_score_as_one_frame():
    frame = experiment()
    files = [combine_predictions([one]) for _, one in frame.groupby("model")]
    expected = score_predictions(frame, 20, 0)
    pd.testing.assert_frame_equal(score_predictions(combine_predictions(files), 20, 0), expected)


def test_scores_do_not_depend_on_which_file_comes_first():
    late = predictions(guesses(1)[60:], "late", id=IDS[60:], label=LABELS[60:], fold_or_split="b/draw-1")
    files = [combine_predictions([one]) for one in (late, predictions(guesses(2)))]
    scores = [score_predictions(combine_predictions(several), 50, 0) for several in (files, files[::-1])]
    first, second = (one.sort_values(["model", "seed"], ignore_index=True).drop(columns="settings") for one in scores)
    pd.testing.assert_frame_equal(first, second, check_categorical=False)


def test_a_missing_fold_is_named():
    short = predictions(guesses(1), "short").query("fold_or_split != 'stratified-10/fold-02'")
    with pytest.raises(FoxhoundError, match=r"(?s)short.*lack 1 of 4 values of fold_or_split: stratified-10/fold-02"):
        score_predictions(pd.concat([predictions(guesses(1)), short]), 20, 0)


def test_a_missing_comment_is_named():
    short = predictions(guesses(1), "short").query("id != 'comment-007'")
    with pytest.raises(FoxhoundError, match=r"(?s)short.*lack 1 of 120 values of id: comment-007"):
        score_predictions(pd.concat([predictions(guesses(1)), short]), 20, 0)


def test_a_comment_scored_twice_is_named():
    frame = predictions(guesses(1))
    with pytest.raises(FoxhoundError, match=r"(?s)twice \(1 rows\).*stratified-10.*some-model.*comment-003"):
        score_predictions(pd.concat([frame, frame.iloc[[3]]]), 20, 0)


def test_a_comment_with_two_labels_is_named():
    other = predictions(guesses(1), "other", label=np.where(np.arange(COMMENTS) == 5, 1 - LABELS, LABELS))
    with pytest.raises(FoxhoundError, match=r"(?s)two labels.*comment-005"):
        score_predictions(pd.concat([predictions(guesses(1)), other]), 20, 0)


@pytest.mark.parametrize("value", [-0.1, 1.5, np.nan])
def test_a_probability_out_of_range_is_named(value):
    p = guesses(1)
    p[8] = value
    with pytest.raises(FoxhoundError, match=r"(?s)between 0 and 1.*comment-008"):
        score_predictions(predictions(p), 20, 0)


def test_nothing_to_score():
    with pytest.raises(FoxhoundError, match="no predictions"):
        score_predictions(predictions(guesses(1)).iloc[:0], 20, 0)


def test_a_run_that_ranks_no_better_than_chance_is_collapsed_too():
    noise = np.random.default_rng(0).random(COMMENTS).astype(np.float32)
    frames = [predictions(noise, "noise"), predictions(guesses(1, skill=0.3), "skilled")]
    rows = score_predictions(pd.concat(frames), 200, 0).drop_duplicates("model").set_index("model")
    assert rows["collapsed"].to_dict() == {"noise": True, "skilled": False}
    assert not rows["one_class"].any()


def test_intervals_over_articles_are_those_of_resampled_articles():
    p, article = guesses(3), np.arange(COMMENTS) // 15
    threads = {name: f"article {number}" for name, number in zip(IDS, article, strict=True)}
    run, over = both(score_predictions(predictions(p).sample(frac=1, random_state=0), 2000, 0, threads))
    generator, naive = np.random.default_rng(99), []
    for _ in range(600):
        rows = np.concatenate([np.flatnonzero(article == one) for one in generator.integers(0, 8, 8)])
        naive.append(metrics.f1_score(LABELS[rows], p[rows] >= 0.5))
    expected = np.quantile(naive, [tail(8), 1 - tail(8)])
    assert [run["f1_cluster_low"], run["f1_cluster_high"]] == pytest.approx(expected, abs=0.02)
    assert [over["f1_cluster_low"], over["f1_cluster_high"]] == [run["f1_cluster_low"], run["f1_cluster_high"]]


def test_one_article_gives_no_interval_over_articles():
    run, _ = both(score_predictions(predictions(guesses(3)), 50, 0, dict.fromkeys(IDS, "the only one")))
    assert np.isnan(run["f1_cluster_low"])


def test_intervals_over_users_are_those_of_resampled_users_and_nobody_unknown_is_the_same():
    p, user = guesses(3), np.arange(COMMENTS) // 10
    known = user < 8
    users = {name: f"user {number}" if here else None for name, number, here in zip(IDS, user, known, strict=True)}
    run, over = both(score_predictions(predictions(p).sample(frac=1, random_state=0), 2000, 0, None, users))
    cluster = np.where(known, user, 1000 + np.arange(COMMENTS))
    groups = [np.flatnonzero(cluster == one) for one in np.unique(cluster)]
    generator, naive = np.random.default_rng(99), []
    for _ in range(600):
        rows = np.concatenate([groups[one] for one in generator.integers(0, len(groups), len(groups))])
        naive.append(metrics.f1_score(LABELS[rows], p[rows] >= 0.5))
    expected = np.quantile(naive, [tail(len(groups)), 1 - tail(len(groups))])
    assert [run["f1_user_low"], run["f1_user_high"]] == pytest.approx(expected, abs=0.02)
    assert [over["f1_user_low"], over["f1_user_high"]] == [run["f1_user_low"], run["f1_user_high"]]
    assert np.isnan(run["f1_cluster_low"])


def test_where_nobody_knows_who_wrote_there_is_no_interval_over_users():
    run, _ = both(score_predictions(predictions(guesses(3)), 50, 0, None, dict.fromkeys(IDS)))
    assert np.isnan(run["f1_user_low"])


def test_the_tuned_f1_is_that_of_thresholds_from_the_other_folds():
    p = guesses(2, skill=0.3) / 2
    run, over = both(score_predictions(predictions(p), 200, 0))
    assert run["f1_tuned"] > run["f1"] + 0.2
    assert run["f1_tuned_low"] <= run["f1_tuned"] <= run["f1_tuned_high"]
    assert over["f1_tuned"] == run["f1_tuned"]
    assert 0.1 < run["threshold"] < 0.4


def test_a_draw_without_a_validation_part_has_no_chosen_threshold():
    """It once took the threshold that promised the most by the model's own probabilities, and called all hateful."""
    drawn = {"fold_or_split": "balanced-random-700/draw-1"}
    run, over = both(score_predictions(predictions(guesses(2), **drawn), 50, 0))
    for row in (run, over):
        assert row[["f1_tuned", "f1_tuned_low", "f1_tuned_high", "threshold"]].isna().all()
        assert row["f1_low"] < row["f1"] < row["f1_high"]
