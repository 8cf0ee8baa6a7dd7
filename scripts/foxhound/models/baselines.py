"""Run baselines: what a score has to beat before it means anything."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.utils.class_weight import compute_sample_weight

from foxhound.compute.model_costs import log_cost


def _column(name: str) -> FunctionTransformer:
    return FunctionTransformer(_take, kw_args={"name": name})


def _take(frame: pd.DataFrame, name: str) -> Any:
    return np.stack(frame[name].to_list()) if name == "pooled" else frame[name].to_numpy()


def _logistic(seed: int, **options: Any) -> LogisticRegression:
    return LogisticRegression(class_weight="balanced", max_iter=2000, random_state=seed, **options)


def tfidf_logistic(seed: int) -> BaseEstimator:
    """Build logistic regression, class weights balanced, on word 1-2 grams and character 2-4 grams (across words)."""
    grams = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char", ngram_range=(2, 4), sublinear_tf=True),
    )
    return make_pipeline(_column("text"), grams, _logistic(seed))


def pooled_logistic(seed: int) -> BaseEstimator:
    """Build logistic regression on the mean of the encoder's token vectors."""
    return make_pipeline(_column("pooled"), StandardScaler(), _logistic(seed, C=0.01))


def pooled_mlp(seed: int) -> BaseEstimator:
    """Build one hidden layer of 100 on the mean token vector: "a couple of linear layers", as published.

    It takes class weights comment by comment, when it is fitted.
    """
    layers = MLPClassifier((100,), alpha=1.0, max_iter=60, random_state=seed)
    return make_pipeline(_column("pooled"), StandardScaler(), layers)


def name_only(column: str) -> BaseEstimator:
    """Build logistic regression on the article or the user alone: a leakage alarm, as it never reads the comment."""
    grid = FunctionTransformer(_as_grid)
    return make_pipeline(_column(column), grid, OneHotEncoder(handle_unknown="ignore"), LogisticRegression())


def _as_grid(values: np.ndarray) -> np.ndarray:
    return np.asarray(values).reshape(-1, 1)


BASELINES: dict[str, Callable[[int], BaseEstimator]] = {
    "always-hateful": lambda seed: DummyClassifier(strategy="constant", constant=1),
    "never-hateful": lambda seed: DummyClassifier(strategy="constant", constant=0),
    "tfidf-logistic": tfidf_logistic,
    "pooled-logistic": pooled_logistic,
    "pooled-mlp": pooled_mlp,
    "article-only": lambda seed: name_only("thread"),
    "user-only": lambda seed: name_only("user"),
}


def fit_baseline(name: str, comments: pd.DataFrame, train: np.ndarray, seed: int) -> BaseEstimator:
    """Fit baseline `name` on the rows at `train`; columns as for `run_baseline`."""
    model = BASELINES[name](seed)
    labels = comments["label"].to_numpy()[train]
    weights = {}
    if name == "pooled-mlp":  # has no option for it, unlike logistic regression
        weights["mlpclassifier__sample_weight"] = compute_sample_weight("balanced", labels)
    return model.fit(comments.iloc[train], labels, **weights)


def probability_of_hateful(model: BaseEstimator, comments: pd.DataFrame) -> np.ndarray:
    """Return what a fitted baseline says of comments, (comments,)."""
    positive = list(model.classes_).index(1)
    probabilities: np.ndarray = model.predict_proba(comments)[:, positive]
    return probabilities


def run_baseline(name: str, comments: pd.DataFrame, train: np.ndarray, scored: np.ndarray, seed: int) -> np.ndarray:
    """Fit baseline `name` on the rows at `train` and return the probability of hateful at `scored`.

    Args:
        comments: columns label, and whatever the baseline reads: text, thread, user, or pooled (a vector per row).

    Returns:
        (scored,) float32. What that cost is logged.
    """
    for column in ("thread", "user"):
        if column in comments:
            # Numbered as they come: pseudonyms sort otherwise in another folder, and sums then end in other bits.
            comments = comments.assign(**{column: pd.factorize(comments[column].fillna(""))[0]})
    start = time.perf_counter()
    model = fit_baseline(name, comments, train, seed)
    fitted = time.perf_counter()
    probabilities = probability_of_hateful(model, comments.iloc[scored]).astype(np.float32)
    milliseconds = 1000 * (time.perf_counter() - fitted) / max(1, len(scored))
    log_cost(fitted - start, milliseconds, count_weights(model))
    return probabilities


def count_weights(model: BaseEstimator) -> int:
    """Return how many numbers a fitted model keeps: coefficients, and the weight of each term it knows."""
    steps = [model, *(step for _, step in getattr(model, "steps", ()))]
    steps += [part for step in steps for _, part in getattr(step, "transformer_list", ())]
    kept = [getattr(step, name, None) for step in steps for name in ("coef_", "idf_", "coefs_", "mean_", "scale_")]
    arrays = [array for one in kept if one is not None for array in (one if isinstance(one, list) else [one])]
    return sum(np.size(array) for array in arrays)
