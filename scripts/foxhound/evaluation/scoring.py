"""Compute every metric, once and from predictions only; the hateful class is the positive one."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals
from sklearn import config_context, metrics

from foxhound.errors import FoxhoundError
from foxhound.evaluation.bootstrap import (
    METRICS,
    THRESHOLD,
    TUNED,
    Samples,
    calibration_bins,
    mean_of_these_seeds,
    mean_over_seeds,
    percentile_intervals,
    resampling_weights,
    weighted_metrics,
    weights_within_folds,
)
from foxhound.evaluation.thresholds import held_out_thresholds
from foxhound.names import DRAW

COUNTS = ("n", "tp", "fp", "fn", "tn")
GROUP = ["model", "settings", "protocol", "part", "epoch"]
SCORED = (*METRICS, TUNED)
ENDS = ("_low", "_high")
FIXED, ARTICLES, USERS = "_fixed", "_cluster", "_user"
"""Kinds of intervals beside that over comments (and seeds): these trained models alone, over articles, over users."""
COLUMNS = (
    *GROUP,
    *("seed", "seeds", *COUNTS),
    *(
        name + suffix
        for name in SCORED
        for suffix in ("", *(kind + end for kind in ("", FIXED, ARTICLES, USERS) for end in ENDS), "_sd")
    ),
    *("ranked_folds", "threshold", "share_hateful_predicted", "one_class", "collapsed"),
)
EXAMPLES = 5  # rows that an error message shows


def score_confusion(tp: float, fp: float, fn: float, tn: float) -> dict[str, float]:
    """Return accuracy, precision, recall, F1 and macro F1 of a confusion table; 0 where they would divide by 0.

    Raises:
        FoxhoundError: a count is negative, or all are 0.
    """
    counts = [tp, fp, fn, tn]
    if min(counts) < 0 or sum(counts) == 0:
        raise FoxhoundError(f"Confusion table tp, fp, fn, tn = {counts}: counts must be 0 or more, and not all 0.")
    labels, predicted = [1, 0, 1, 0], [1, 1, 0, 0]
    shared: dict[str, Any] = {"labels": [0, 1], "sample_weight": counts, "zero_division": 0.0}
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(labels, predicted, **shared)
    return {
        "accuracy": float(metrics.accuracy_score(labels, predicted, sample_weight=counts)),
        "precision": float(precision[1]),
        "recall": float(recall[1]),
        "f1": float(f1[1]),
        "macro_f1": float(np.mean(f1)),
    }


def expected_calibration_error(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the mean distance, over ten equal-width bins, between probability and share of hateful comments.

    Guo et al. 2017, section 2, for the probability of the hateful class. Arrays of shape (comments,).
    """
    gaps = np.bincount(calibration_bins(probabilities), weights=probabilities - labels)
    return float(np.abs(gaps).sum() / len(labels))


def score_labels(labels: np.ndarray, probabilities: np.ndarray, folds: np.ndarray | None = None) -> dict[str, float]:
    """Return counts and every metric of one set of comments, arrays of shape (comments,).

    Args:
        folds: number of each comment's fold. AUROC and average precision are means over the folds with both classes,
            as models of different folds differ in level (Forman and Scholz 2010).

    Returns:
        The names in COUNTS and METRICS, `ranked_folds` (how many have both classes) and `share_hateful_predicted`.
        AUROC and average precision are nan where no fold has both classes; AUROC is .5 for a constant score.
    """
    predicted = probabilities >= THRESHOLD
    tn, fp, fn, tp = metrics.confusion_matrix(labels, predicted, labels=[0, 1]).ravel().tolist()
    pieces = np.zeros(len(labels), int) if folds is None else folds
    ranked = [own for own in (pieces == piece for piece in np.unique(pieces)) if len(np.unique(labels[own])) == 2]
    ranking = {"auroc": metrics.roc_auc_score, "average_precision": metrics.average_precision_score}
    return {
        **{"n": len(labels), "tp": tp, "fp": fp, "fn": fn, "tn": tn},
        **score_confusion(tp, fp, fn, tn),
        **{
            name: float(np.mean([score(labels[own], probabilities[own]) for own in ranked])) if ranked else np.nan
            for name, score in ranking.items()
        },
        "ranked_folds": len(ranked),
        "brier": float(metrics.brier_score_loss(labels, probabilities, pos_label=1)),
        "ece": expected_calibration_error(labels, probabilities),
        "share_hateful_predicted": (tp + fp) / len(labels),
    }


def combine_predictions(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Return one frame of all predictions, small enough for a few million rows.

    Text becomes categorical, and the settings structs become their JSON text: as Python dictionaries they
    would take a hundred times the memory of the rest.
    """
    text = ["id", "fold_or_split", "part", "model", "settings"]
    frames = [frame.assign(settings=_settings_text(frame["settings"])) for frame in frames]
    columns = {
        name: union_categoricals([frame[name].astype("category") for frame in frames])
        if name in text
        else pd.concat([frame[name] for frame in frames], ignore_index=True)
        for name in frames[0].columns
    }
    return pd.DataFrame(columns)


def _settings_text(settings: pd.Series) -> pd.Series:
    if isinstance(settings.dtype, pd.CategoricalDtype):
        return settings
    known: dict[tuple[Any, ...], str] = {}
    texts = []
    for values in settings:
        key = tuple(values.values())
        if key not in known:
            # pandas spells a null number nan, which JSON has not.
            known[key] = json.dumps({name: None if pd.isna(value) else value for name, value in values.items()})
        texts.append(known[key])
    return pd.Series(texts, index=settings.index, dtype="category")


def check_predictions(frame: pd.DataFrame) -> None:
    """Refuse predictions that cannot be pooled: see `score_predictions`. Needs the column `protocol`."""
    where = ["protocol", "part", "model", "settings", "seed", "epoch"]
    invalid = frame[~frame["p_hateful"].between(0, 1)]
    _refuse(invalid, [*where, "id"], "p_hateful is not between 0 and 1")
    _refuse(frame[frame.duplicated([*where, "id"])], [*where, "id"], "the same comment is scored twice")
    answers = frame.drop_duplicates(["id", "label"])
    _refuse(answers[answers.duplicated("id", keep=False)], ["id", "label", "model"], "a comment has two labels")
    # Draws differ from seed to seed by design; folds have to cover the protocol, whatever the model.
    pooled = frame[~frame["fold_or_split"].astype(str).str.contains("/" + DRAW, regex=False)]
    for (protocol, part), scored in pooled.groupby(["protocol", "part"], observed=True):
        for column in ("fold_or_split", "id") if part == "test" else ("fold_or_split",):
            expected = set(scored[column])
            seen = scored.groupby(where[2:], observed=True)[column].unique()
            for run, values in seen[seen.map(len) < len(expected)].items():
                lacking = sorted(expected - set(values))
                examples = ", ".join(map(str, lacking[:EXAMPLES])) + (", ..." if len(lacking) > EXAMPLES else "")
                named = dict(zip(where[2:], cast(tuple[Any, ...], run), strict=True))
                raise FoxhoundError(
                    f"Predictions of {named} under {protocol!r} ({part}) lack "
                    f"{len(lacking)} of {len(expected)} values of {column}: {examples}. "
                    "Part of a protocol cannot be scored. Delete these predictions and run Snakemake again."
                )


def _refuse(rows: pd.DataFrame, columns: list[str], problem: str) -> None:
    if len(rows):
        examples = "\n".join(f"  {row}" for row in rows[columns].head(EXAMPLES).astype(str).to_dict("records"))
        raise FoxhoundError(
            f"Predictions cannot be scored: {problem} ({len(rows)} rows):\n{examples}\n"
            "Delete the predictions of the models named here and run Snakemake again."
        )


def _score_runs(
    runs: list[tuple[int, pd.DataFrame]], clusters: Mapping[str, np.ndarray], draws: int, seed: int
) -> Iterator[dict[str, Any]]:
    """Score each run (a seed and its predictions) of one model, then all of them together.

    `clusters` holds for ARTICLES and USERS, where they are known, the cluster of each comment, by the comment's number.
    """
    universe = np.unique(np.concatenate([run["id"].to_numpy() for _, run in runs]))
    shared_weights = resampling_weights(len(universe), draws, seed)
    drawn = {kind: _numbered(numbers[universe]) for kind, numbers in clusters.items()}
    drawn = {kind: numbers for kind, numbers in drawn.items() if numbers.any()}
    units = {kind: int(numbers.max()) + 1 for kind, numbers in drawn.items()}
    points, shared, collapses = [], [], []
    clustered: dict[str, list[Samples]] = {kind: [] for kind in drawn}
    for run_seed, run in runs:
        # In the order of ids, so that a resample draws the same comments whatever the model.
        run = run.sort_values("id")
        labels = run["label"].to_numpy().astype(np.int64)
        probabilities = run["p_hateful"].to_numpy().astype(np.float64)
        thresholds = None if run["threshold"].isna().any() else run["threshold"].to_numpy()
        folds = _numbered(run["fold_or_split"].astype(str).to_numpy())
        arrays = labels, probabilities
        point = score_labels(*arrays, folds) | _tuned(*arrays, thresholds)
        rows = np.searchsorted(universe, run["id"].to_numpy())
        # A draw is one piece, and is resampled as a whole.
        within = weights_within_folds(tuple(folds.tolist()), draws, seed) if folds.any() else None
        whole = len(rows) == len(universe)
        weights = shared_weights if whole else shared_weights[rows]
        shared.append(weighted_metrics(*arrays, weights, thresholds, folds, within))
        own: Samples = shared[-1]
        if not whole:
            own = weighted_metrics(*arrays, resampling_weights(len(rows), draws, seed), thresholds, folds, within)
        points.append(point)
        bounds = _bounds(own)
        for kind, numbers in drawn.items():
            weights = resampling_weights(units[kind], draws, seed)[numbers[rows]]
            clustered[kind].append(weighted_metrics(*arrays, weights, thresholds, folds))
            bounds |= _bounds(clustered[kind][-1], kind, units[kind])
        one_class = point["share_hateful_predicted"] in (0, 1)
        chance = bounds["auroc_low"] <= 0.5 <= bounds["auroc_high"]
        collapses.append({"one_class": one_class, "collapsed": one_class or chance})
        yield {"seed": run_seed, "seeds": 1, **point, **bounds, **collapses[-1]}
    means = {name: float(np.mean([point[name] for point in points])) for name in points[0]}
    spread = {
        name + "_sd": float(np.std([point[name] for point in points], ddof=1)) if len(points) > 1 else np.nan
        for name in SCORED
    }
    bounds = _bounds(mean_over_seeds(shared))
    if len(points) > 1:
        bounds |= _bounds(mean_of_these_seeds(shared), FIXED)
    for kind, several in clustered.items():
        bounds |= _bounds(mean_over_seeds(several), kind, units[kind])
    collapse = {name: all(of_seed[name] for of_seed in collapses) for name in collapses[0]}
    yield {"seed": None, "seeds": len(points), **means, **spread, **bounds, **collapse}


def _numbered(names: np.ndarray) -> np.ndarray:
    """Return the number of each name among those that occur, from 0 without gaps."""
    return np.unique(names, return_inverse=True)[1]


def _tuned(labels: np.ndarray, probabilities: np.ndarray, thresholds: np.ndarray | None) -> dict[str, float]:
    """Return F1 at the thresholds that were chosen, and their mean; nan where none could be."""
    if thresholds is None:
        return {TUNED: np.nan, "threshold": np.nan}
    f1 = metrics.f1_score(labels, probabilities >= thresholds, zero_division=0.0)
    return {TUNED: float(f1), "threshold": float(thresholds.mean())}


def _bounds(samples: Samples, kind: str = "", units: int | None = None) -> dict[str, float]:
    ends = percentile_intervals(samples, units).items()
    return {name + kind + suffix: end for name, both in ends for suffix, end in zip(ENDS, both, strict=True)}


def add_protocol_facts(scores: pd.DataFrame, protocols: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return the scores with what each row's protocol is: the columns `protocol_kind` to `primary` of table `scores`.

    Args:
        scores: what `score_predictions` returns.
        protocols: protocol -> its facts, as `experiment.protocols.describe_protocols` returns them.
    """
    facts = pd.DataFrame([protocols[name] for name in scores["protocol"]], index=scores.index)
    return pd.concat([scores, facts.astype({"folds": "Int32", "train": "Int32"})], axis=1)


def _cluster_numbers(ids: pd.Index, clusters: Mapping[str, str | None]) -> np.ndarray:
    """Return the number of each comment's cluster; one of its own for a comment without any."""
    names = ids.map(clusters).to_series(index=ids)
    return pd.factorize(names.where(names.notna(), "no cluster, " + ids.to_series().astype(str)))[0]


def score_predictions(
    predictions: pd.DataFrame,
    draws: int,
    seed: int,
    threads: Mapping[str, str] | None = None,
    users: Mapping[str, str | None] | None = None,
) -> pd.DataFrame:
    """Return every metric of every run, and of every model over its seeds, with 95 % bootstrap intervals.

    A run is one (model, settings, protocol, part, epoch, seed). Folds are pooled before they are scored, as an F1
    averaged over folds is biased; AUROC and average precision are means over folds, as pooled ones mix models of
    different levels (Forman and Scholz 2010, SIGKDD Explorations 12(1)). With draws each seed has its own.

    Args:
        predictions: table `predictions`, or what `combine_predictions` made of several.
        draws: bootstrap resamples of the comments, for instance 1000.
        seed: of the bootstrap.
        threads: comment id -> its article, for the intervals over articles.
        users: comment id -> who wrote it, for the intervals over users; None where nobody knows.

    Returns:
        COLUMNS: a row per run, and per model a row over its seeds, where `seed` is null, `seeds` says how
        many, counts and metrics are means over seeds, and `<metric>_sd` is their standard deviation (null for one
        seed). `<metric>_low` and `_high` end the interval over comments, and over seeds where there are several;
        `_fixed_low` and `_fixed_high` that over comments for these trained models alone (null for one seed). Those over
        articles (`_cluster_low`, `_cluster_high`) and over users (`_user_low`, `_user_high`) are null where there is
        one only. AUROC and average precision are resampled within folds, and averaged over `ranked_folds`. `f1_tuned`
        is F1 at a threshold chosen without the labels it is scored on (`held_out_thresholds`), `threshold` its mean;
        both are null in a draw without a validation part. A
        run is `collapsed` when it predicts one class only (`one_class`) or the interval of its AUROC holds .5.

    Raises:
        FoxhoundError: nothing to score, a probability outside [0, 1], a comment with two labels, a comment
            scored twice in one run, or a run that lacks folds or comments which others have.
    """
    if predictions.empty:
        raise FoxhoundError("There are no predictions to score. Select at least one model in config.yaml.")
    frame = combine_predictions([predictions])
    frame["protocol"] = frame["fold_or_split"].map(lambda name: name.partition("/")[0])
    check_predictions(frame)
    frame["threshold"] = held_out_thresholds(frame)
    # Comments are numbered by their ids, so that a resample does not depend on which file came first.
    names = frame["id"].cat.categories.sort_values()
    frame["id"] = frame["id"].cat.set_categories(names)
    known = {ARTICLES: threads, USERS: users}
    clusters = {kind: _cluster_numbers(names, found) for kind, found in known.items() if found and any(found.values())}
    frame["id"] = frame["id"].cat.codes
    groups = frame.groupby(GROUP, observed=True, sort=True)
    found: dict[Any, list[dict[str, Any]]] = {name: [] for name in groups.groups}
    # Protocol by protocol, so that weights within its folds are drawn once.
    for name in sorted(found, key=lambda key: key[GROUP.index("protocol")]):
        about = dict(zip(GROUP, name, strict=True)) | {"settings": json.loads(name[1])}
        runs = [(int(cast(int, run_seed)), run) for run_seed, run in groups.get_group(name).groupby("seed", sort=True)]
        # The predictions were checked above: scikit-learn's own checks would take a fifth of the time.
        with config_context(assume_finite=True, skip_parameter_validation=True):
            found[name] = [about | row for row in _score_runs(runs, clusters, draws, seed)]
    scores = pd.DataFrame([row for rows in found.values() for row in rows], columns=list(COLUMNS))
    kinds = {"seed": "Int32", "epoch": "int32", "seeds": "int32"} | dict.fromkeys((*COUNTS, "ranked_folds"), "float64")
    return scores.astype(kinds)
