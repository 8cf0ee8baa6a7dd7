"""Compare the models of an experiment in pairs, by the primary measure of each protocol."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple, cast

import numpy as np
import pandas as pd

from foxhound.evaluation.bootstrap import THRESHOLD, cluster_weights, ratio
from foxhound.evaluation.common_draws import Block, common_draws
from foxhound.evaluation.paired_tests import (
    LEVEL,
    Pair,
    difference_interval,
    p_value,
    permuted_differences,
    step_down,
    step_down_levels,
    swaps,
)
from foxhound.evaluation.power import NEEDED, needed_to_decide
from foxhound.evaluation.score_views import last_epochs, over_seeds
from foxhound.evaluation.thresholds import held_out_thresholds
from foxhound.evaluation.units import COMMENT, resampled_units
from foxhound.names import ALARMS, AUROC, DRAWS, DUMMIES, TUNED, learning_rate_name

PERMUTATIONS, FEW_PERMUTATIONS = 10_000, 1000
MODELS, KNOW_NOTHING = "models", "know nothing"
"""Families of comparisons: those of models with each other, and all in which one of the two knows nothing."""
RUN = ("model", "learning_rate", "protocol", "epoch", "seed")
COLUMNS = (
    *("protocol", "part", "draws", "family", "measure", "unit", "model_a", "model_b", "epoch_a", "epoch_b", "seeds"),
    *("comments", "units", "difference", "difference_low", "difference_high", "p", "p_adjusted", *NEEDED),
)


def letters(names: Sequence[str], different: set[frozenset[str]]) -> dict[str, str]:
    """Return a compact letter display (Piepho 2004, insert and absorb).

    Models that share a letter show no significant difference.

    Args:
        names: best first; the first letter goes to the best group.
        different: the pairs that differ.
    """
    groups = {frozenset(names)}
    for pair in combinations(names, 2):
        if frozenset(pair) in different:
            split = {
                part
                for group in groups
                for part in ([group - {name} for name in pair] if group >= {*pair} else [group])
            }
            groups = {group for group in split if not any(group < larger for larger in split)}
    place = {name: number for number, name in enumerate(names)}
    ordered = sorted(groups, key=lambda group: sorted(place[name] for name in group))
    marks = [chr(ord("a") + number) if number < 26 else f"[{number + 1}]" for number in range(len(ordered))]
    return {name: "".join(mark for mark, group in zip(marks, ordered, strict=True) if name in group) for name in names}


def model_names(frame: pd.DataFrame) -> pd.Series:
    """Return the model of each row, with its learning rate where the frame holds several of that model."""
    models, rates = frame["model"].astype(str), frame["learning_rate"].astype(float)
    several = rates.groupby(models).transform("nunique") > 1
    return models + rates.map(lambda rate: "" if pd.isna(rate) else f", rate {learning_rate_name(rate)}").where(
        several, ""
    )


class Candidate(NamedTuple):
    """A model (and learning rate) under one protocol and part, after its last epoch.

    runs: seed -> its decision on each comment of the corpus, or its probability for AUROC; nan where it scores none.
    outsider: it is a dummy, an alarm, or collapsed, and so no member of the family of models.
    """

    epoch: int
    outsider: bool
    runs: dict[int, np.ndarray]


def collapsed_models(scores: pd.DataFrame) -> set[tuple[str, str, str]]:
    """Return protocol, part and name of every model that has collapsed under all seeds by its last epoch.

    Args:
        scores: table `scores`.
    """
    rows = last_epochs(over_seeds(scores))
    found = set()
    for (protocol, part), group in rows.groupby(["protocol", "part"]):
        names = model_names(group)[group["collapsed"].astype(bool)]
        found |= {(str(protocol), str(part), str(name)) for name in names}
    return found


def _candidates(
    frame: pd.DataFrame, measure: str, comments: int, collapsed: set[str]
) -> Iterator[tuple[str, Candidate]]:
    """Yield each model under one protocol and part by its name."""
    for name, rows in frame.groupby(model_names(frame)):
        outsider = rows["model"].iloc[0] in (*DUMMIES, *ALARMS) or name in collapsed
        runs = {}
        for seed, run in rows.groupby("seed"):
            values = np.full(comments, np.nan)
            cut = run["threshold"] if measure == TUNED else THRESHOLD
            values[run["row"]] = run["p_hateful"] if measure == AUROC else run["p_hateful"] >= cut
            runs[int(str(seed))] = values
        yield str(name), Candidate(int(rows["epoch"].iloc[0]), outsider, runs)


def _matched(by_a: dict[int, np.ndarray], by_b: dict[int, np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return pairs of runs of two models on the same comments, those of equal seeds.

    A model that ran once, as a baseline does on folds, is paired with every run of the other.
    """
    if 1 in (len(by_a), len(by_b)):
        couples = [(a, b) for a in by_a.values() for b in by_b.values()]
    else:
        couples = [(by_a[seed], by_b[seed]) for seed in sorted(by_a.keys() & by_b.keys())]
    return [(a, b) for a, b in couples if (np.isnan(a) == np.isnan(b)).all()]


def _pairs(a: Candidate, b: Candidate, seeds: frozenset[int] | None, labels: np.ndarray) -> list[Pair]:
    """Return two models' predictions on the same comments, of these seeds if any are named."""
    by_seed = [{seed: run for seed, run in one.runs.items() if seeds is None or seed in seeds} for one in (a, b)]
    pairs = []
    for run_a, run_b in _matched(*by_seed):
        scored = np.flatnonzero(~np.isnan(run_a))
        pairs.append(Pair(scored, labels[scored], run_a[scored], run_b[scored]))
    return pairs


def compare(
    predictions: pd.DataFrame,
    comments: pd.DataFrame,
    protocols: Mapping[str, Mapping[str, Any]],
    collapsed: set[tuple[str, str, str]],
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Compare every pair of models under every protocol and part, by the protocol's primary measure.

    Dummies, alarms and collapsed models know nothing of the comments. Their comparisons are a family of their own, so
    that adding one changes no verdict on two models.

    Args:
        predictions: columns id, label, p_hateful, fold_or_split, protocol, part, seed, epoch, model, learning_rate.
        comments: of the whole corpus: columns id, label, thread and user.
        protocols: protocol -> its facts, as `experiment.protocols.describe_protocols` returns them.
        collapsed: as `collapsed_models` returns them.
        draws: resamples behind each interval.
        seed: of resamples and permutations.

    Returns:
        A row per pair, columns COLUMNS; `difference` is model_b minus model_a. p values are adjusted (`step_down`)
        within a protocol, part, set of draws and family. Under draws models are compared on those that they share
        (`common_draws`), which `draws` names. NEEDED is how many comments would decide an undecided pair
        (foxhound/evaluation/power.py; null for AUROC). Pairs without a run on the same comments are left out.
    """
    comments = comments.sort_values("id").reset_index(drop=True)
    rows = pd.Series(comments.index, comments["id"])
    # The last epoch is chosen without looking at any score.
    last = predictions.groupby(["protocol", "part", "model", "learning_rate"], dropna=False)["epoch"].transform("max")
    predictions = predictions[predictions["epoch"] == last].reset_index(drop=True)
    predictions = predictions.assign(row=predictions["id"].map(rows), threshold=held_out_thresholds(predictions, RUN))
    tables = []
    for place_of, frame in predictions.groupby(["protocol", "part"], observed=True):
        protocol, part = map(str, cast(tuple[str, str], place_of))
        facts = protocols[protocol]
        of_part = {name for where, within, name in collapsed if (where, within) == (protocol, part)}
        candidates = dict(_candidates(frame, facts["primary"], len(comments), of_part))
        if facts["protocol_kind"] == DRAWS:
            blocks = common_draws({name: candidate.runs for name, candidate in candidates.items()})
        else:
            blocks = [Block("", frozenset(), tuple(candidates))]
        for block in blocks:
            chosen = {name: candidates[name] for name in block.models}
            table = _compare_block(chosen, block, comments, facts, draws, seed)
            tables.append(table.assign(protocol=protocol, part=part)[list(COLUMNS)])
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)


def _compare_block(
    candidates: Mapping[str, Candidate],
    block: Block,
    comments: pd.DataFrame,
    facts: Mapping[str, Any],
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Compare all pairs of these models, in two families."""
    labels, measure = comments["label"].to_numpy(), facts["primary"]
    unit, units = resampled_units(comments, facts["grouped_by"])
    tosses, weights = swaps(units.max() + 1, PERMUTATIONS, seed), cluster_weights(units, draws, seed)
    rows: list[dict[str, Any]] = []
    tested, permuted = [], []
    for (a, one), (b, other) in combinations(candidates.items(), 2):
        pairs = _pairs(one, other, block.seeds or None, labels)
        if not pairs:
            continue
        observed, drawn = permuted_differences(pairs, tosses, units, measure)
        scored = np.unique(np.concatenate([pair.rows for pair in pairs]))
        drawn_units = len(np.unique(units[scored]))
        low, high = difference_interval(pairs, weights, seed, measure, drawn_units)
        about = {"draws": block.draws, "measure": measure, "unit": unit, "model_a": a, "model_b": b}
        about["family"] = KNOW_NOTHING if one.outsider or other.outsider else MODELS
        counts = {"seeds": len(pairs), "comments": len(scored), "units": drawn_units}
        numbers = {"difference": observed, "difference_low": low, "difference_high": high}
        epochs = {"epoch_a": one.epoch, "epoch_b": other.epoch}
        rows.append(about | epochs | counts | numbers | {"p": p_value(observed, drawn)})
        tested.append(pairs)
        permuted.append(drawn)
    columns = [name for name in COLUMNS if name not in ("protocol", "part", "p_adjusted", *NEEDED)]
    table = pd.DataFrame(rows, columns=columns)
    adjusted, levels = np.empty(len(table)), np.empty(len(table))
    for family in (MODELS, KNOW_NOTHING):
        members = np.flatnonzero(table["family"] == family)
        if len(members):
            together = table["difference"].to_numpy()[members], np.stack([permuted[member] for member in members])
            adjusted[members], levels[members] = step_down(*together), step_down_levels(*together, LEVEL)
    table = table.assign(p_adjusted=adjusted)
    if measure == AUROC:
        return table.assign(**dict.fromkeys(NEEDED, pd.Series(pd.NA, table.index, "Int64")))
    levels[adjusted <= LEVEL] = np.nan
    plain = swaps(len(labels), FEW_PERMUTATIONS, seed)
    inflation = np.ones(len(table))
    if unit != COMMENT:
        for place in np.flatnonzero(np.isfinite(levels)):
            apart = permuted_differences(tested[place], plain)[1]
            inflation[place] = max(1.0, float(ratio(permuted[place].var(), apart.var(), 1.0)))
    return table.join(needed_to_decide(tested, table, levels.tolist(), inflation.tolist(), seed))
