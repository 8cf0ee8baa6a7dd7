"""Views of the scores table for figures and report: rows over seeds, their names, their yardsticks."""

import re

import pandas as pd

from foxhound.names import rate_name

# A split is named after how it balances and how many comments train; every other protocol pools folds.
BALANCED = re.compile(r"balanced-(?P<rebalance>random|first|none)-(?P<train>\d+)")
RUN = ["model", "settings_key", "protocol", "part", "epoch"]


def flatten(scores: pd.DataFrame) -> pd.DataFrame:
    """The scores table with a column per settings field, and `settings_key` to tell settings apart."""
    fields = pd.DataFrame(scores["settings"].tolist(), index=scores.index)
    return scores.drop(columns="settings").join(fields).assign(settings_key=scores["settings"].map(repr))


def over_seeds(scores: pd.DataFrame) -> pd.DataFrame:
    """The rows over seeds, flattened, with `collapsed_runs`: how many seeds predict one class only."""
    rows = flatten(scores)
    runs = rows[rows["seed"].notna()]
    collapsed = runs.groupby(RUN)["collapsed"].sum().rename("collapsed_runs")
    return rows[rows["seed"].isna()].join(collapsed, on=RUN)


def main_protocol(scores: pd.DataFrame) -> str:
    """The fold protocol under which most models were scored; the first by name among equals."""
    pooled = scores[~scores["protocol"].str.fullmatch(BALANCED)]
    models = pooled.groupby("protocol")["model"].nunique()
    return "" if models.empty else str(models.idxmax())


def latest_epochs(rows: pd.DataFrame) -> pd.DataFrame:
    """For each model the rows of its largest epoch: a choice made without looking at any score."""
    last = rows.groupby([name for name in RUN if name != "epoch"])["epoch"].transform("max")
    return rows[rows["epoch"] == last]


def yardstick(rows: pd.DataFrame, protocol: str, part: str, model: str) -> pd.Series | None:
    """The row over seeds of a baseline under this protocol and part, or None where it was not run."""
    found = rows[(rows["protocol"] == protocol) & (rows["part"] == part) & (rows["model"] == model)]
    return None if found.empty else found.iloc[0]


def rate_text(learning_rate: float | None) -> str:
    """1e-4, or a dash for a model without a learning rate in its settings."""
    return "–" if learning_rate is None or pd.isna(learning_rate) else rate_name(float(learning_rate))


def row_names(rows: pd.DataFrame) -> pd.Series:
    """A name per row: the model, its epoch if it has any, and its learning rate where several were run."""
    several = rows.groupby("model")["learning_rate"].transform("nunique") > 1
    rates = rows["learning_rate"].map(rate_text)
    names = rows["model"] + rows["epoch"].map(lambda epoch: f", epoch {epoch}" if epoch else "")
    return names.where(~several, names + ", rate " + rates)
