"""Simulate two models on a corpus whose comments depend on each other as those of Fox News do.

Users differ in how often they write hateful comments, and so do articles. A model has a bent of its own for a user and
for an article, so that its mistakes on their comments are alike. Sizes are those of Fox News: 678 users, most with one
comment and one with 56, and ten articles. Parameters were chosen by hand so that the simulation has what was measured
on its 1,528 comments, for pairs of TF-IDF, pooled logistic regression and pooled MLP (benchmarks/README.md).
"""

from typing import NamedTuple

import numpy as np
from foxhound.evaluation.thresholds import thresholds_from_elsewhere
from interval_coverage import COMMENTS_OF_USERS
from scipy.special import expit
from sklearn.model_selection import StratifiedKFold

SHARES = np.repeat([220, 164, 160, 132, 90], 2) / 1532
"""Articles' shares of all comments, in pairs of equal size (Fox News: 246 to 65)."""
FOLDS = 10
HATEFUL = -0.75  # log-odds of an average comment
USER, ARTICLE = 1.3, 0.6  # how far users and articles differ, in log-odds
SIGNAL, SHARED, OWN = 0.7, 1.0, 0.8  # what a score knows of the label; noise of both models; noise of each
USER_SHARED, USER_OWN = 0.4, 1.0  # what scores know of users' log-odds; bent of each model for a user
ARTICLE_SHARED, ARTICLE_OWN, FOLD = 0.2, 0.3, 0.15  # bents for articles; fold models differ in level


class Corpus(NamedTuple):
    """Arrays of shape (comments,): the number of each comment's user, of its article and of its fold; its label."""

    users: np.ndarray
    articles: np.ndarray
    folds: np.ndarray
    labels: np.ndarray


def simulated_corpus(generator: np.random.Generator, by_article: bool) -> tuple[Corpus, np.ndarray]:
    """Return a corpus, in stratified folds or in folds of whole articles, and how hateful each user is in log-odds."""
    sizes = generator.permutation(np.repeat(list(COMMENTS_OF_USERS), list(COMMENTS_OF_USERS.values())))
    users = np.repeat(np.arange(len(sizes)), sizes)
    # Users in a row fill an article in a random order of articles, so that few write under two, as on Fox News.
    order = generator.permutation(len(SHARES))
    ends = np.round(np.cumsum(SHARES[order]) * len(users)).astype(int)
    articles = order[np.searchsorted(ends, np.arange(len(users)), side="right")]
    hateful = generator.normal(0, USER, len(sizes))
    level = np.repeat(generator.normal(0, ARTICLE, len(SHARES) // 2), 2)[articles]
    labels = (generator.random(len(users)) < expit(HATEFUL + hateful[users] + level)).astype(int)
    folds = articles
    if not by_article:
        folds = np.empty(len(users), int)
        splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=int(generator.integers(1 << 30)))
        for fold, (_, scored) in enumerate(splitter.split(labels, labels)):
            folds[scored] = fold
    return Corpus(users, articles, folds, labels), hateful


def simulated_scores(
    generator: np.random.Generator,
    corpus: Corpus,
    hateful: np.ndarray,
    models: int,
    same_articles: bool,
    signals: tuple[float, ...] | None = None,
) -> np.ndarray:
    """Return log-odds of models that rank equally well, shape (models, comments).

    Args:
        hateful: of each user, as `simulated_corpus` returns it.
        same_articles: whether models are equally good under these very articles, though each is better under some: what
            one is for an article, the next is for another of the same size and share of hate. Otherwise they are
            equally good under articles in general.
        signals: what the score of each model knows of the label, if models are to differ.
    """
    users, articles, folds, labels = corpus
    size = len(labels)
    shared = SHARED * generator.normal(size=size) + USER_SHARED * hateful[users]
    shared += generator.normal(0, ARTICLE_SHARED, len(SHARES))[articles]
    bent = generator.normal(0, ARTICLE_OWN, len(SHARES))
    scores = []
    for place in range(models):
        bent = bent.reshape(-1, 2)[:, ::-1].ravel() if same_articles else generator.normal(0, ARTICLE_OWN, len(SHARES))
        own = OWN * generator.normal(size=size) + generator.normal(0, USER_OWN, len(hateful))[users]
        level = bent[articles] + generator.normal(0, FOLD, FOLDS)[folds]
        scores.append((signals[place] if signals else SIGNAL) * labels + shared + own + level)
    return np.stack(scores)


def trained_plainly(scores: np.ndarray) -> np.ndarray:
    """Return probabilities of a model trained without class weights."""
    return expit(scores - 1.2)


def trained_to_certainty(scores: np.ndarray) -> np.ndarray:
    """Return probabilities, ranked alike, of a model with class weights that is far too sure and saturates."""
    return expit(6 * np.tanh(scores / 2))


def decisions(corpus: Corpus, probabilities: np.ndarray) -> np.ndarray:
    """Return which comments are called hateful at thresholds that are chosen on the other folds."""
    return (probabilities >= thresholds_from_elsewhere(corpus.folds, corpus.labels, probabilities)).astype(int)
