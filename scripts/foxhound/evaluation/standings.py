"""Score models on the draws that all of them share, so that a table compares like with like."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from foxhound.evaluation.common_draws import common_draws
from foxhound.evaluation.scoring import COLUMNS, GROUP, add_protocol_facts, score_predictions
from foxhound.names import DRAWS

MODEL = ["model", "settings"]


def score_common_draws(
    predictions: pd.DataFrame,
    protocols: Mapping[str, Mapping[str, Any]],
    draws: int,
    seed: int,
    threads: Mapping[str, str] | None = None,
    users: Mapping[str, str | None] | None = None,
    scored: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return every metric of every model under draws, at its last epoch, over each set of draws that models share.

    Args:
        predictions: what `combine_predictions` returns.
        protocols: protocol -> its facts, as `experiment.protocols.describe_protocols` returns them.
        draws, seed, threads, users: as `score_predictions` takes them.
        scored: what it returned for these predictions. A model that has no other draws is not scored once more.

    Returns:
        The rows over seeds of `score_predictions`, with the protocol's facts, and in `draws` what the rows are over
        (foxhound/evaluation/common_draws.py).
    """
    protocol = predictions["fold_or_split"].astype(str).str.partition("/")[0]
    tables = []
    for name, facts in protocols.items():
        frame = predictions[protocol == name]
        if facts["protocol_kind"] != DRAWS or frame.empty:
            continue
        frame = frame[frame["epoch"] == frame.groupby(MODEL, observed=True)["epoch"].transform("max")]
        numbers = frame.groupby(MODEL, observed=True).ngroup().astype(str)
        seeds = {str(number): set(own) for number, own in frame["seed"].groupby(numbers)}
        for block in common_draws(seeds):
            whole = {one for one in block.models if scored is not None and seeds[one] == set(block.seeds)}
            others = numbers.isin({*block.models} - whole) & frame["seed"].isin(block.seeds)
            parts = [] if scored is None else [_already(scored, name, frame[numbers.isin(whole)])]
            parts += [score_predictions(frame[others], draws, seed, threads, users)] if others.any() else []
            rows = pd.concat(parts, ignore_index=True)
            rows = rows.sort_values(GROUP, key=lambda column: column.map(_sortable), kind="stable", ignore_index=True)
            tables.append(rows[rows["seed"].isna()].copy().assign(draws=block.draws))
    if not tables:
        return pd.DataFrame(columns=[*COLUMNS, "draws"]).assign(**dict.fromkeys(next(iter(protocols.values()), {})))
    return add_protocol_facts(pd.concat(tables, ignore_index=True), protocols)


def _already(scored: pd.DataFrame, protocol: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows over seeds of the models, at the epochs, that a frame of predictions holds."""
    wanted = set(zip(*(frame[name].astype(str) for name in (*MODEL, "epoch")), strict=True))
    rows = scored[scored["protocol"].eq(protocol) & scored["seed"].isna()]
    keys = zip(rows["model"], rows["settings"].map(_sortable), rows["epoch"].astype(str), strict=True)
    return rows[[key in wanted for key in keys]]


def _sortable(value: Any) -> Any:
    """Return settings as the text that predictions are sorted by."""
    return json.dumps(value) if isinstance(value, dict) else value
