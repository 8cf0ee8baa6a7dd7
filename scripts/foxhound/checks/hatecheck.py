"""Score models on HateCheck, which tells knowledge of hate from knowledge of words (Röttger et al. 2021, ACL).

Its cases test 29 functions, most of them with templates that are filled in for seven groups. A sentence filled in for
seven groups is not seven independent cases, so that intervals are over templates.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from foxhound.corpus.readers import read_raw
from foxhound.errors import FoxhoundError
from foxhound.evaluation.bootstrap import cluster_weights

COLUMNS = ("functionality", "case_id", "test_case", "label_gold", "target_ident", "templ_id")
LABELS = {"hateful": 1, "non-hateful": 0}
ALL = "all cases"


def read_cases(path: str | Path) -> pd.DataFrame:
    """Return the cases: function, text, label (1 hateful), target (empty where there is none), template.

    Raises:
        FoxhoundError: the file is damaged, lacks a column, or has an unknown label.
    """
    raw = read_raw(path, "csv")
    if missing := [name for name in COLUMNS if name not in raw]:
        raise FoxhoundError(f"{path}: not HateCheck's cases: no column {missing[0]!r}. Columns: {', '.join(COLUMNS)}.")
    if unknown := sorted(set(raw["label_gold"]) - set(LABELS)):
        raise FoxhoundError(f"{path}: label {unknown[0]!r} is neither of {', '.join(LABELS)}.")
    # A few cases come from no template: each counts as one.
    template = raw["templ_id"].where(raw["templ_id"] != "", "case " + raw["case_id"])
    return pd.DataFrame(
        {
            "function": raw["functionality"],
            "text": raw["test_case"],
            "label": raw["label_gold"].map(LABELS).astype(int),
            "target": raw["target_ident"],
            "template": template,
        }
    )


def _groups(cases: pd.DataFrame) -> Iterator[tuple[str, str, int | None, np.ndarray]]:
    """Yield kind, name, label and rows of everything that gets an accuracy of its own."""
    label = cases["label"].to_numpy()
    yield "all", ALL, None, np.ones(len(cases), bool)
    for function in dict.fromkeys(cases["function"]):
        rows = (cases["function"] == function).to_numpy()
        yield "function", function, int(label[rows][0]), rows
    for target in sorted(set(cases["target"]) - {""}):
        for gold in (1, 0):
            yield "target", target, gold, (cases["target"] == target).to_numpy() & (label == gold)


def score_cases(cases: pd.DataFrame, hateful: Mapping[str, np.ndarray], draws: int, seed: int) -> pd.DataFrame:
    """Return the table `hatecheck`: accuracy per function and per target group, with 95 % intervals over templates.

    Args:
        cases: from `read_cases`.
        hateful: model -> whether it calls each case hateful, shape (cases,).
        draws, seed: of the bootstrap.

    Returns:
        kind (all, function, target or gap), name, label (of the cases; null for all), model, n, templates, accuracy,
        low, high. A row of the kind `gap` holds the largest difference in false-positive rate between two target
        groups, on the functions that test all groups. These two were chosen on the same data, and the interval does not
        allow for that choice.
    """
    codes, _ = pd.factorize(cases["template"])
    weights = cluster_weights(codes, draws, seed)
    common = _tested_on_all_groups(cases)
    rows = []
    for model, decisions in hateful.items():
        right = (decisions == (cases["label"] == 1).to_numpy()).astype(np.float64)
        false_positives = {}
        for kind, name, label, members in _groups(cases):
            rows.append(_row(kind, name, label, model, cases[members], *_accuracy(right, weights, members)))
            if kind == "target" and label == 0 and (members & common).any():
                accuracy, samples = _accuracy(right, weights, members & common)
                false_positives[name] = 1 - accuracy, 1 - samples
        ordered = sorted(false_positives, key=lambda name: false_positives[name][0])
        if len(ordered) > 1:
            lowest, highest = ordered[0], ordered[-1]
            (low, low_samples), (high, high_samples) = false_positives[lowest], false_positives[highest]
            both = cases[cases["target"].isin([lowest, highest]) & (cases["label"] == 0) & common]
            rows.append(
                _row("gap", f"{highest} minus {lowest}", 0, model, both, high - low, high_samples - low_samples)
            )
    return pd.DataFrame(rows).astype({"label": "Int8"})


def _tested_on_all_groups(cases: pd.DataFrame) -> np.ndarray:
    """Say of each case whether its function tests all groups: reclaimed slurs, for instance, are cases of some only."""
    targeted = cases[cases["target"] != ""]
    groups = targeted.groupby("function")["target"].nunique()
    functions = groups.index[groups == targeted["target"].nunique()]
    return cases["function"].isin(functions).to_numpy()


def _accuracy(right: np.ndarray, weights: np.ndarray, members: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the accuracy on the cases `members`, and its resamples (nan where a resample holds none of them)."""
    chosen = weights[members]
    with np.errstate(invalid="ignore"):
        samples = right[members] @ chosen / chosen.sum(axis=0)
    return float(right[members].mean()), samples


def _row(
    kind: str, name: str, label: int | None, model: str, cases: pd.DataFrame, value: float, samples: np.ndarray
) -> dict[str, Any]:
    """Return a row of the table, with a percentile interval (Wilson's where all cases agree)."""
    templates = cases["template"].nunique()
    low, high = np.nanpercentile(samples, [2.5, 97.5])
    if low == high and value in (0, 1) and kind != "gap":  # all resamples agree, and yet the next template may not
        low, high = stats.binomtest(int(value) * templates, templates).proportion_ci(method="wilson")
    return {
        "kind": kind, "name": name, "label": label, "model": model,
        "n": len(cases), "templates": templates, "accuracy": value, "low": low, "high": high,
    }  # fmt: skip
