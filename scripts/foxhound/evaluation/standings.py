"""Score models on the draws that all of them share, so that a table compares like with like."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from foxhound.evaluation.common_draws import common_draws
from foxhound.evaluation.scoring import COLUMNS, add_protocol_facts, score_predictions
from foxhound.names import DRAWS

MODEL = ["model", "settings"]


def score_common_draws(
    predictions: pd.DataFrame,
    protocols: Mapping[str, Mapping[str, Any]],
    draws: int,
    seed: int,
    threads: Mapping[str, str] | None = None,
    users: Mapping[str, str | None] | None = None,
) -> pd.DataFrame:
    """Return every metric of every model under draws, at its last epoch, over each set of draws that models share.

    Args:
        predictions: what `combine_predictions` returns.
        protocols: protocol -> its facts, as `experiment.protocols.describe_protocols` returns them.
        draws, seed, threads, users: as `score_predictions` takes them.

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
            shared = frame[numbers.isin(block.models) & frame["seed"].isin(block.seeds)]
            scored = score_predictions(shared, draws, seed, threads, users)
            tables.append(scored[scored["seed"].isna()].assign(draws=block.draws))
    if not tables:
        return pd.DataFrame(columns=[*COLUMNS, "draws"]).assign(**dict.fromkeys(next(iter(protocols.values()), {})))
    return add_protocol_facts(pd.concat(tables, ignore_index=True), protocols)
