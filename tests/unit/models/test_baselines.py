import numpy as np
import pandas as pd
import pytest
from foxhound.models.baselines import BASELINES, run_baseline
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score

# 60 rounds are the baseline's definition, not a number to converge in
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

TRAIN, SCORED = np.arange(90), np.arange(90, 120)
RATES = {"calm": 0.1, "mixed": 0.4, "angry": 0.7}
READERS = [name for name in BASELINES if not name.endswith("hateful")]


@pytest.fixture(scope="module")
def comments() -> pd.DataFrame:
    """Make up comments: hateful ones say "vermin" or "scum", and articles differ in how many there are."""
    generator = np.random.default_rng(3)
    threads = generator.choice(list(RATES), 120)
    labels = (generator.random(120) < [RATES[thread] for thread in threads]).astype(np.int8)
    filler = ["they", "came", "voted", "again", "in", "town", "last", "week"]
    slurs = np.where(labels == 1, generator.choice(["vermin", "scum"], 120), "neighbours")
    texts = [" ".join([*generator.permutation(filler)[:5], slur]) for slur in slurs]
    pooled = generator.normal(size=(120, 6)) + np.outer(labels, [1.5, -1.5, 0, 0, 0, 0])
    users = [f"{thread}-user-{row % 3}" for row, thread in enumerate(threads)]
    return pd.DataFrame(
        {"text": texts, "label": labels, "thread": threads, "user": users, "pooled": list(pooled.astype("f4"))}
    )


def run(name: str, comments: pd.DataFrame, scored: np.ndarray = SCORED, seed: int = 1) -> np.ndarray:
    return run_baseline(name, comments, TRAIN, scored, seed)


def truth(comments: pd.DataFrame) -> np.ndarray:
    return comments["label"].to_numpy()[SCORED]


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_gives_a_probability_per_scored_comment(name, comments):
    probabilities = run(name, comments)
    assert probabilities.dtype == np.float32
    assert probabilities.shape == SCORED.shape
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    assert (probabilities == run(name, comments)).all()


@pytest.mark.parametrize(("name", "value"), [("always-hateful", 1), ("never-hateful", 0)])
def test_constant_baselines_are_constant(name, value, comments):
    assert (run(name, comments) == value).all()


@pytest.mark.parametrize("name", ["tfidf-logistic", "pooled-logistic", "pooled-mlp"])
def test_a_baseline_that_reads_beats_one_that_does_not(name, comments):
    probabilities = run(name, comments)
    assert roc_auc_score(truth(comments), probabilities) > 0.9
    assert (
        f1_score(truth(comments), probabilities >= 0.5)
        > f1_score(truth(comments), run("always-hateful", comments) >= 0.5) + 0.1
    )


@pytest.mark.parametrize("name", READERS)
def test_no_baseline_sees_the_labels_of_scored_comments(name, comments):
    changed = comments.assign(label=np.where(np.isin(np.arange(120), SCORED), 1 - comments["label"], comments["label"]))
    np.testing.assert_array_equal(run(name, changed), run(name, comments))


@pytest.mark.parametrize("name", READERS)
def test_a_scored_comment_does_not_change_another(name, comments):
    np.testing.assert_allclose(run(name, comments, SCORED[::-3]), run(name, comments)[::-3], atol=1e-6)


@pytest.mark.parametrize("name", READERS)
def test_training_labels_decide(name, comments):
    flipped = comments.assign(label=1 - comments["label"])
    assert np.corrcoef(run(name, comments), run(name, flipped))[0, 1] < -0.5


def test_tfidf_is_word_and_character_grams_into_balanced_logistic_regression(comments):
    texts, labels = comments["text"].to_numpy(), comments["label"].to_numpy()
    grams = [
        TfidfVectorizer(analyzer="word", ngram_range=(1, 2), sublinear_tf=True).fit(texts[TRAIN]),
        TfidfVectorizer(analyzer="char", ngram_range=(2, 4), sublinear_tf=True).fit(texts[TRAIN]),
    ]
    train, scored = (hstack([gram.transform(texts[rows]) for gram in grams]) for rows in (TRAIN, SCORED))
    share = labels[TRAIN].mean()
    weights = np.where(labels[TRAIN] == 1, 0.5 / share, 0.5 / (1 - share))
    model = LogisticRegression(max_iter=5000, tol=1e-8).fit(train, labels[TRAIN], sample_weight=weights)
    np.testing.assert_allclose(run("tfidf-logistic", comments), model.predict_proba(scored)[:, 1], atol=1e-3)


def test_the_article_alone_gives_every_comment_of_an_article_one_probability(comments):
    probabilities = pd.Series(run("article-only", comments)).groupby(comments["thread"].to_numpy()[SCORED])
    assert (probabilities.nunique() == 1).all()
    rates = comments.iloc[TRAIN].groupby("thread")["label"].mean()
    assert probabilities.first().sort_values().index.tolist() == rates.sort_values().index.tolist()
    np.testing.assert_allclose(probabilities.first(), rates, atol=0.1)


def test_the_article_alone_never_reads_the_comment(comments):
    other = comments.assign(text="the same", pooled=[np.zeros(6)] * 120)
    np.testing.assert_array_equal(run("article-only", other), run("article-only", comments))


def test_an_article_that_was_not_trained_on_has_a_probability(comments):
    other = comments.copy()
    other.loc[SCORED[0], "thread"] = "new"
    probabilities, known = run("article-only", other), run("article-only", comments)
    assert known.min() < probabilities[0] < known.max()
    np.testing.assert_array_equal(probabilities[1:], known[1:])


def test_the_user_alone_is_read_by_the_user_alarm_and_may_be_unknown(comments):
    users = comments.assign(user=np.where(comments["label"] == 1, "loud", "quiet"), text="", thread="")
    users.loc[users.index[SCORED[0]], "user"] = None
    probabilities = run("user-only", users)
    assert ((probabilities > 0.5) == (users["user"].to_numpy()[SCORED] == "loud"))[1:].all()
    assert 0 < probabilities[0] < 1


@pytest.mark.parametrize("name", ["pooled-logistic", "pooled-mlp", "tfidf-logistic"])
def test_classes_weigh_alike_in_every_family(name, comments):
    """Of vectors and texts that say nothing, .5 is to be learned and not the share of hateful comments."""
    generator = np.random.default_rng(0)
    blank = comments.assign(
        label=(np.arange(120) % 5 == 0).astype(np.int8),
        text=[" ".join(generator.permutation(["red", "green", "blue", "white", "black", "grey"])) for _ in range(120)],
        pooled=list(generator.normal(0, 0.05, (120, 6)).astype("f4")),
    )
    assert run(name, blank).mean() == pytest.approx(0.5, abs=0.1)
