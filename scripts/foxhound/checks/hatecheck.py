"""Score models on HateCheck, which tells knowledge of hate from knowledge of words (Röttger et al. 2021, ACL).

Its cases test 29 functions, most of them with templates that are filled in for seven groups, and many templates are
variants of another one (spelled otherwise, negated, quoted). A sentence and its variants for seven groups are not
independent cases, so that intervals are over families of templates, within the functions that HateCheck has.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t

from foxhound.corpus.readers import read_raw
from foxhound.errors import FoxhoundError
from foxhound.evaluation.proportions import cluster_totals, clustered_wilson
from foxhound.files import make_again, sha256

COLUMNS = ("functionality", "case_id", "test_case", "label_gold", "target_ident", "templ_id", "ref_templ_id")
LABELS = {"hateful": 1, "non-hateful": 0}
ALL = "all cases"


def read_cases(path: str | Path, digest: str | None = None) -> pd.DataFrame:
    """Return the cases: function, text, label (1 hateful), target (empty where there is none), family.

    Args:
        digest: SHA-256 of the file, where it is known.

    Raises:
        FoxhoundError: the file is damaged, lacks a column, or has an unknown label.
    """
    if digest and sha256(path) != digest:
        raise FoxhoundError(f"{path}: damaged (it does not fit its checksum). {make_again(path)}")
    raw = read_raw(path, "csv")
    if missing := [name for name in COLUMNS if name not in raw]:
        raise FoxhoundError(f"{path}: not HateCheck's cases: no column {missing[0]!r}. Columns: {', '.join(COLUMNS)}.")
    if unknown := sorted(set(raw["label_gold"]) - set(LABELS)):
        raise FoxhoundError(f"{path}: label {unknown[0]!r} is neither of {', '.join(LABELS)}.")
    origin = dict(zip(raw["templ_id"], raw["ref_templ_id"], strict=True))
    # A case that comes from no template counts as a family.
    family = raw["templ_id"].map(lambda name: _first_template(name, origin))
    family = family.where(raw["templ_id"] != "", "case " + raw["case_id"])
    return pd.DataFrame(
        {
            "function": raw["functionality"],
            "text": raw["test_case"],
            "label": raw["label_gold"].map(LABELS).astype(int),
            "target": raw["target_ident"],
            "family": family,
        }
    )


def _first_template(name: str, origin: Mapping[str, str]) -> str:
    """Return the template that a template is a variant of, or a variant of a variant."""
    seen = {name}
    while (before := origin.get(name)) and before not in seen:
        seen.add(name := before)
    return name


def _groups(cases: pd.DataFrame) -> Iterator[tuple[str, str, int | None, np.ndarray]]:
    """Yield kind, name, label and rows of everything that gets an accuracy of its own."""
    label = cases["label"].to_numpy()
    yield "all", ALL, None, np.ones(len(cases), bool)
    for function in dict.fromkeys(cases["function"]):
        rows = (cases["function"] == function).to_numpy()
        yield "function", function, int(label[rows][0]), rows
    for target in sorted(set(cases["target"]) - {""}):
        for gold in (1, 0):
            rows = (cases["target"] == target).to_numpy() & (label == gold)
            if rows.any():
                yield "target", target, gold, rows


def score_cases(cases: pd.DataFrame, hateful: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return the table `hatecheck`: accuracy per function and per target group, with 95 % intervals over families.

    Args:
        cases: from `read_cases`.
        hateful: model -> whether it calls each case hateful, shape (cases,).

    Returns:
        kind (all, function, target or gap), name, label (of the cases; null for all), model, n, families, accuracy,
        low, high. A row of the kind `gap` holds the largest difference in false-positive rate between two target
        groups, on the functions that test all groups. These two were chosen on the same data, and the interval does not
        allow for that choice.
    """
    families, functions = (pd.factorize(cases[name])[0] for name in ("family", "function"))
    common = _tested_on_all_groups(cases)
    rows = []
    for model, decisions in hateful.items():
        right = (decisions == (cases["label"] == 1).to_numpy()).astype(np.float64)
        false_positives = {}
        for kind, name, label, members in _groups(cases):
            ends = clustered_wilson(right[members], families[members], functions[members])
            rows.append(_row(kind, name, label, model, cases[members], float(right[members].mean()), ends))
            if kind == "target" and label == 0 and (members & common).any():
                false_positives[name] = 1 - float(right[members & common].mean())
        ordered = sorted(false_positives, key=lambda name: false_positives[name])
        if len(ordered) > 1:
            lowest, highest = ordered[0], ordered[-1]
            several = [(cases["target"] == name).to_numpy() & (cases["label"] == 0).to_numpy() & common
                       for name in (highest, lowest)]  # fmt: skip
            value = false_positives[highest] - false_positives[lowest]
            ends = _difference_interval(value, 1 - right, families, functions, *several)
            rows.append(_row("gap", f"{highest} minus {lowest}", 0, model, cases[several[0] | several[1]], value, ends))
    return pd.DataFrame(rows).astype({"label": "Int8"})


def _difference_interval(
    value: float, wrong: np.ndarray, families: np.ndarray, functions: np.ndarray, one: np.ndarray, other: np.ndarray
) -> tuple[float, float]:
    """Return the 95 % interval of a difference of two shares over families that hold cases of both (Student's t)."""
    numbers = pd.factorize(families[one | other])[0]
    families = np.full(len(families), -1)
    families[one | other] = numbers
    totals = np.zeros(numbers.max() + 1)
    for sign, own in ((1, one), (-1, other)):
        of_own = cluster_totals(wrong[own], families[own], functions[own]) / own.sum()
        totals[: len(of_own)] += sign * of_own
    freedom = max(1, len(totals) - len(np.unique(functions[one | other])))
    half = t.ppf(0.975, freedom) * np.sqrt((totals**2).sum())
    return max(-1.0, float(value - half)), min(1.0, float(value + half))


def _tested_on_all_groups(cases: pd.DataFrame) -> np.ndarray:
    """Say of each case whether its function tests all groups: reclaimed slurs, for instance, are cases of some only."""
    targeted = cases[cases["target"] != ""]
    groups = targeted.groupby("function")["target"].nunique()
    functions = groups.index[groups == targeted["target"].nunique()]
    return cases["function"].isin(functions).to_numpy()


def _row(
    kind: str, name: str, label: int | None, model: str, cases: pd.DataFrame, value: float, ends: tuple[float, float]
) -> dict[str, Any]:
    return {
        "kind": kind, "name": name, "label": label, "model": model, "n": len(cases),
        "families": cases["family"].nunique(), "accuracy": value, "low": ends[0], "high": ends[1],
    }  # fmt: skip
