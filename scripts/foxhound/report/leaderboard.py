"""Write the leaderboard: every model once, its score under each kind of folds, and what it costs."""

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from foxhound.evaluation.generalisation import (
    BY_ARTICLE,
    BY_USER,
    PRIMARY,
    RANDOM,
    fold_protocols,
    held_out_interval,
    side_by_side,
)
from foxhound.evaluation.pairs import compared_pairs, gain, shared_letters
from foxhound.evaluation.score_views import protocol_titles
from foxhound.markdown import NOTHING, escape, table
from foxhound.names import ALARMS, DUMMIES, TFIDF
from foxhound.report.short_words import Costs, duration, kind_words, rounded, short

TITLE = "Leaderboard"
NOT_GROUPED = (
    "The corpus says neither who wrote a comment nor what it answers to (or the experiment asks for no such folds), so "
    "how these models do on users or articles that they have not seen is unknown: scores there can be much lower."
)


def short_metric(row: "pd.Series[Any] | None", name: str, kind: str) -> str:
    """Return a metric under a kind of folds with its interval, in two decimals; a dash where there is no such row."""
    return NOTHING if row is None else short(*held_out_interval(row, name, kind))


def folds_in_words(rows: pd.DataFrame, group: str) -> str:
    """Return what each kind of folds is: `random: 10-fold cross-validation (stratified-10); by user: 10 folds ...`."""
    titles = protocol_titles(rows, "`")
    return "; ".join(f"*{kind_words(kind, group)}*: {titles[name]}" for kind, name in fold_protocols(rows).items())


def listed_units(protocols: Collection[str], group: str) -> str:
    """Return what the intervals of each kind of folds are over: `comments (random), users (by user)`."""
    units = {RANDOM: "comments", BY_USER: "users", BY_ARTICLE: f"{group}s"}
    return ", ".join(f"{units[kind]} (*{kind_words(kind, group)}*)" for kind in protocols)


def trained_once(rows: pd.DataFrame, protocols: Mapping[str, str], group: str) -> str:
    """Say under which folds every model ran with one seed, where others have several; else nothing."""
    most = {kind: rows.loc[rows["protocol"].eq(name), "seeds"].max() for kind, name in protocols.items()}
    once = [f"*{kind_words(kind, group)}*" for kind, seeds in most.items() if seeds == 1 < max(most.values())]
    return f" One seed {' and '.join(once)}: how much seeds differ shows elsewhere only." if once else ""


def leaderboard(
    rows: pd.DataFrame, comparisons: pd.DataFrame, costs: Costs, keepable: Collection[str], taken: str, group: str
) -> str:
    """Return the table, as Markdown, best at the hardest folds first.

    Args:
        rows: what `over_seeds` returns; there is a fold protocol.
        comparisons: table of this name.
        costs: by name of the model; those that nobody measured have a dash.
        keepable: models (not names) that can be kept.
        taken: name of the recommended one, in bold; may be empty.
        group: what comments that belong together are on: `article` or `thread`.
    """
    protocols = fold_protocols(rows)
    hardest, protocol = list(protocols.items())[-1]
    models = side_by_side(rows)
    pairs = compared_pairs(comparisons, protocol, "test", "")
    letters = shared_letters([model.rows[hardest]["name"] for model in models if hardest in model.rows], pairs)
    cells = []
    for model in models:
        last = model.rows.get(hardest)
        first = next(iter(model.rows.values()))["model"]
        name = escape(model.name)
        more = gain(pairs, last["name"], TFIDF) if last is not None else None
        cost = costs.get(model.name) if first not in DUMMIES else None
        cells.append([
            f"**{name}**" if model.name == taken else name,
            *(short_metric(model.rows.get(kind), PRIMARY, kind) for kind in protocols),
            short_metric(last, "auroc", hardest),
            NOTHING if more is None else short(*more),
            NOTHING if last is None else letters[last["name"]],
            *((duration(cost[0]), rounded(cost[1]), rounded(cost[2])) if cost else (NOTHING,) * 3),
            "yes" if first in keepable else NOTHING if first in (*DUMMIES, *ALARMS) else "no",
        ])  # fmt: skip
    scores = [f"F1, {kind_words(kind, group)}" for kind in protocols]
    header = ("Model", *scores, "AUROC", "Minus TF-IDF", "No significant difference", "Training", "ms a comment", "MB")
    return table((*header, "Can be kept"), cells)


def leaderboard_sections(
    rows: pd.DataFrame,
    comparisons: pd.DataFrame,
    costs: Costs,
    keepable: Collection[str],
    taken: str,
    group: str,
    alarms: Collection[str],
) -> list[str]:
    """Return the heading, how to read the table, leakage alarms if any, and the table.

    Args:
        alarms: sentences.
    """
    protocols = fold_protocols(rows)
    if not protocols:
        return [f"## {TITLE}", "No model of this experiment ran under folds."]
    hardest = kind_words(list(protocols)[-1], group)
    about = (
        "F1 of the hateful class at a threshold chosen on other folds. The 95 % intervals are over what the folds hold "
        f"out: {listed_units(protocols, group)}. The table is ranked *{hardest}*, and AUROC, the difference to TF-IDF "
        "+ logistic regression and the letters are of these folds. Models that share a letter show no significant "
        "difference once all pairs are corrected for, which intervals are not. "
        f"{folds_in_words(rows, group)}.{trained_once(rows, protocols, group)} Time is for one core, and one training "
        "run, without encoding the comments for models that read vectors; megabytes are float32 weights."
    )
    only_random = [NOT_GROUPED] if list(protocols)[-1] == RANDOM else []
    board = leaderboard(rows, comparisons, costs, keepable, taken, group)
    return [f"## {TITLE}", board, about, *only_random, *alarms]
