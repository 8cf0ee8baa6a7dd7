import numpy as np
import pandas as pd
import pytest
from foxhound.corpus.splits import fold_assignment
from foxhound.errors import FoxhoundError
from foxhound.models.ensembles import combine
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

IDS = ["b", "a", "c"]


def member(name: str, p: list[float], seed: int = 1) -> pd.DataFrame:
    rows = {"id": IDS, "label": [1, 0, 1], "p_hateful": np.float32(p), "fold_or_split": "p/fold-01", "part": "test"}
    return pd.DataFrame(rows).assign(seed=seed, model=name)


def test_log_odds_are_averaged_by_hand():
    # log-odds of .8 and .5 are log 4 and 0: their mean is log 2, a probability of 2/3
    made = combine([member("x", [0.8, 0.5, 0.2]), member("y", [0.5, 0.5, 0.5])], stacked=False)
    assert made["id"].tolist() == ["a", "b", "c"]
    assert made["label"].tolist() == [0, 1, 1]
    np.testing.assert_allclose(made["p_hateful"], [1 / 2, 2 / 3, 1 / 3], rtol=1e-6)
    assert made["p_hateful"].dtype == np.float32


def test_a_member_weighs_the_same_however_many_seeds_it_has():
    seeds = pd.concat([member("x", [0.8, 0.5, 0.2], seed) for seed in range(5)])
    one = combine([member("x", [0.8, 0.5, 0.2]), member("y", [0.3, 0.4, 0.9])], stacked=False)
    pd.testing.assert_frame_equal(combine([seeds, member("y", [0.3, 0.4, 0.9])], stacked=False), one)


def test_the_order_of_rows_does_not_matter():
    one, other = member("x", [0.8, 0.5, 0.2]), member("y", [0.3, 0.4, 0.9])
    pd.testing.assert_frame_equal(combine([one, other], stacked=False), combine([one[::-1], other], stacked=False))


def test_a_certain_member_does_not_outvote_the_others():
    others = [member(name, [0.2, 0.2, 0.2]) for name in "abcdefghij"]
    combined = combine([member("sure", [1.0, 0.0, 1.0]), *others], stacked=False)
    assert combined["p_hateful"].between(0.1, 0.5).all()


def test_members_that_score_different_comments_are_refused():
    with pytest.raises(FoxhoundError, match="members x and y score different comments"):
        combine([member("x", [0.8, 0.5, 0.2]), member("y", [0.3, 0.4, 0.9]).iloc[:2]], stacked=False)


def in_folds(name: str, odds: np.ndarray, labels: np.ndarray) -> pd.DataFrame:
    rows = {"id": np.arange(len(odds)).astype(str), "label": labels, "p_hateful": expit(odds).astype(np.float32)}
    folds = [f"p/fold-{number % 4:02d}" for number in range(len(odds))]
    return pd.DataFrame(rows).assign(fold_or_split=folds, part="test", seed=1, model=name)


def test_a_stack_learns_on_other_folds_whom_to_trust():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 2, 800)
    good = generator.normal(labels - 0.5, 1)
    members = [in_folds("good", good, labels), in_folds("loud", generator.normal(0, 6, 800), labels)]
    equal, stacked = (combine(members, stacked=one) for one in (False, True))
    # Noise six times as sure as the one who knows drowns it where both count alike.
    assert roc_auc_score(equal["label"], equal["p_hateful"]) < 0.6
    assert roc_auc_score(stacked["label"], stacked["p_hateful"]) > roc_auc_score(labels, good) - 0.01
    first = stacked["fold_or_split"] == "p/fold-00"
    tables = [member.sort_values(["fold_or_split", "id"]) for member in members]
    odds = np.stack(
        [np.log(table["p_hateful"] / (1 - table["p_hateful"])).clip(-9.2102, 9.2102) for table in tables], axis=1
    )
    other = (tables[0]["fold_or_split"] != "p/fold-00").to_numpy()
    # Noise does not rank the other folds' comments, and so has no weight at all.
    fitted = LogisticRegression(class_weight="balanced").fit(odds[other, :1], tables[0]["label"].to_numpy()[other])
    np.testing.assert_allclose(stacked["p_hateful"][first], fitted.predict_proba(odds[~other, :1])[:, 1], atol=1e-3)


def test_members_that_rank_are_weighed_together():
    generator = np.random.default_rng(1)
    labels = generator.integers(0, 2, 800)
    odds = [generator.normal(labels - 0.5, spread) for spread in (1, 2)]
    made = combine([in_folds(name, one, labels) for name, one in zip("ab", odds, strict=True)], stacked=True)
    best = roc_auc_score(labels, odds[0] / 1 + odds[1] / 4)  # the log-likelihood ratio of the two
    assert roc_auc_score(made["label"], made["p_hateful"]) == pytest.approx(best, abs=0.005)
    assert best > roc_auc_score(labels, odds[0]) + 0.01


def trained_on_noise(generator: np.random.Generator, comments: int, folds: int) -> list[pd.DataFrame]:
    """Return held-out predictions of three ridge regressions on features that say nothing of the labels."""
    labels = generator.permutation(np.arange(comments) % 2)
    fold = np.arange(comments) // 2 % folds
    members = []
    for number, penalty in enumerate((1.0, 10.0, 100.0)):
        features, odds = generator.normal(size=(comments, 20)), np.empty(comments)
        for one in range(folds):
            train = fold != one
            gram = features[train].T @ features[train] + penalty * np.eye(20)
            odds[~train] = features[~train] @ np.linalg.solve(gram, features[train].T @ (2.0 * labels[train] - 1))
        odds /= odds.std()
        frame = in_folds(str(number), odds, labels)
        members.append(frame.assign(fold_or_split=[f"p/fold-{one:02d}" for one in fold]))
    return members


def test_a_stack_of_members_that_learned_noise_knows_nothing():
    """Members of the other folds saw the fold's labels: weights that take the sign of chance would make .55 of it."""
    aurocs = []
    for seed in range(60):
        made = combine(trained_on_noise(np.random.default_rng(seed), 200, 10), stacked=True)
        of_folds = [roc_auc_score(one["label"], one["p_hateful"]) for _, one in made.groupby("fold_or_split")]
        aurocs.append(np.mean(of_folds))
    assert np.mean(aurocs) == pytest.approx(0.5, abs=0.02)


def test_a_stack_of_members_that_know_nothing_knows_nothing():
    """Weights seen on the scored labels would find something in ten members of noise."""
    aurocs = []
    for seed in range(20):
        generator = np.random.default_rng(seed)
        labels = generator.integers(0, 2, 200)
        made = combine([in_folds(str(n), generator.normal(0, 1, 200), labels) for n in range(10)], stacked=True)
        aurocs.append(roc_auc_score(made["label"], made["p_hateful"]))
    assert np.mean(aurocs) < 0.52


def test_a_folds_own_labels_do_not_matter_to_it():
    generator = np.random.default_rng(3)
    labels = generator.integers(0, 2, 200)
    odds = [generator.normal(labels, 1) for _ in range(3)]
    turned = np.where(np.arange(200) % 4 == 0, 1 - labels, labels)
    combined, other = (
        combine([in_folds(str(n), one, truth) for n, one in enumerate(odds)], stacked=True)
        for truth in (labels, turned)
    )
    first = combined["fold_or_split"] == "p/fold-00"
    assert (combined["p_hateful"] == other["p_hateful"])[first].all()
    assert (combined["p_hateful"] != other["p_hateful"])[~first].any()


def test_ensembles_under_folds_of_whole_users_know_nothing_of_users():
    """Labels go by the user alone, whom the features betray: that helps where a user's other comments train."""
    means = {("user", stacked): [] for stacked in (False, True)} | {(None, stacked): [] for stacked in (False, True)}
    for seed in range(25):
        generator = np.random.default_rng(seed)
        user = np.repeat(np.arange(80), 5)
        labels = (generator.random(400) < generator.choice([0.1, 0.7], 80)[user]).astype(int)
        comments = pd.DataFrame({"label": labels, "user": user.astype(str), "thread": ""})
        traits = [generator.normal(size=(80, 15))[user] + generator.normal(0, 0.5, (400, 15)) for _ in range(3)]
        for group in ("user", None):
            fold = fold_assignment(comments, {"folds": 5, "seed": seed, "group": group})
            names = [f"p/fold-{one:02d}" for one in fold]
            members = []
            for number, features in enumerate(traits):
                odds = np.empty(400)
                for one in range(5):
                    fitted = LogisticRegression(C=0.1).fit(features[fold != one], labels[fold != one])
                    odds[fold == one] = fitted.decision_function(features[fold == one])
                members.append(in_folds(str(number), odds, labels).assign(fold_or_split=names))
            for stacked in (False, True):
                made = combine(members, stacked)
                aurocs = [roc_auc_score(one["label"], one["p_hateful"]) for _, one in made.groupby("fold_or_split")]
                means[group, stacked].append(np.mean(aurocs))
    for stacked in (False, True):
        assert np.mean(means["user", stacked]) == pytest.approx(0.5, abs=0.02)
        assert np.mean(means[None, stacked]) > 0.6
