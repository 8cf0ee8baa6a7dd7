"""View the scores table as figures and report need it: rows over seeds, their protocols, names and baselines."""

import pandas as pd

from foxhound.evaluation.common_draws import draws_text
from foxhound.names import CONTIGUOUS, DRAWS, GROUPED, learning_rate_name

BALANCING = {
    "random": "Balanced at random",
    "first": "Balanced with the first non-hateful comments",
    "none": "Not balanced",
}
GROUPS = {"thread": "folds of whole articles", "user": "folds with each user in one of them"}
RUN = ["model", "settings_key", "protocol", "part", "epoch"]


def flatten(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the scores table with a column per setting, and `settings_key`, all settings as text."""
    fields = pd.DataFrame(scores["settings"].tolist(), index=scores.index)
    key = scores["settings"].map(repr).rename("settings_key")
    # In one piece: pandas warns where more columns than a hundred lie apart.
    return pd.concat([scores.drop(columns="settings"), fields, key], axis=1).copy()


def over_seeds(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the rows over seeds, flattened, and of each how many seeds collapsed, and under draws which they are.

    Returns:
        Beside the columns of the scores `collapsed_runs`, and `draws` (`1 to 10`; empty under folds).
    """
    rows = flatten(scores)
    # Beside the nulls of rows over seeds, a file gives seeds as floats: draws would be "1.0 to 3.0".
    runs = rows[rows["seed"].notna()].astype({"seed": "int64"}).groupby(RUN)
    facts = {"collapsed_runs": runs["collapsed"].sum(), "draws": runs["seed"].agg(draws_text)}
    over = rows[rows["seed"].isna()].join(pd.DataFrame(facts), on=RUN)
    return over.assign(draws=over["draws"].where(over["protocol_kind"] == DRAWS, ""))


def standing_rows(rows: pd.DataFrame, standings: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that a table may compare: those of folds, and those of draws over draws that models share.

    Args:
        rows: what `over_seeds` returns.
        standings: table `standings`.
    """
    folds = last_epochs(rows[rows["protocol_kind"] != DRAWS])
    return pd.concat([folds, flatten(standings)], ignore_index=True) if len(standings) else folds


def main_protocol(scores: pd.DataFrame) -> str:
    """Return the fold protocol with the most models, the first by name among equals; "" where there is none."""
    return most_models(scores[scores["protocol_kind"] != DRAWS])


def most_models(rows: pd.DataFrame) -> str:
    """Return the protocol with the most models, the first by name among equals; "" where there are no rows."""
    models = rows.groupby("protocol")["model"].nunique()
    return "" if models.empty else str(models.idxmax())


def protocol_titles(rows: pd.DataFrame, quote: str = "") -> dict[str, str]:
    """Return for each protocol what it is, and its name: `3-fold cross-validation (stratified-10)`.

    Args:
        rows: of the scores table.
        quote: stands before and behind the name.
    """
    protocols = rows.drop_duplicates("protocol").set_index("protocol")
    return {str(name): f"{_protocol_words(row)} ({quote}{name}{quote})" for name, row in protocols.iterrows()}


def _protocol_words(row: pd.Series) -> str:
    if row["protocol_kind"] == DRAWS:
        return f"{BALANCING[row['rebalance']]}, {row['train']:.0f} training comments"
    if row["protocol_kind"] == GROUPED:
        return f"{row['folds']:.0f} {GROUPS[row['grouped_by']]}"
    return f"{row['folds']:.0f}-fold cross-validation{', not stratified' if row['protocol_kind'] == CONTIGUOUS else ''}"


def protocol_order(rows: pd.DataFrame) -> list[str]:
    """Return the protocols in the order of panels: draws first, by balancing, the largest first."""
    protocols = rows.drop_duplicates("protocol")
    folds = protocols["protocol_kind"] != DRAWS
    place = protocols["rebalance"].map({name: place for place, name in enumerate(BALANCING)})
    order = protocols.assign(place=place.where(~folds, len(BALANCING)), size=-protocols["train"].where(~folds, 0))
    return order.sort_values(["place", "size", "protocol"])["protocol"].tolist()


def last_epochs(rows: pd.DataFrame) -> pd.DataFrame:
    """Return for each model the rows of its last epoch, which is chosen without looking at any score."""
    last = rows.groupby([name for name in RUN if name != "epoch"])["epoch"].transform("max")
    return rows[rows["epoch"] == last]


def swept_rows(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the flattened rows of test parts of models that were fine-tuned with several learning rates there."""
    rows = flatten(scores)
    tuned = rows[rows["family"].eq("finetune") & rows["learning_rate"].notna() & rows["part"].eq("test")]
    return tuned[tuned.groupby(["protocol", "model"])["learning_rate"].transform("nunique") > 1]


def baseline_row(
    rows: pd.DataFrame, protocol: str, part: str, model: str, draws: str | None = None
) -> pd.Series | None:
    """Return the row over seeds of a baseline under this protocol and part, or None where it was not run.

    Args:
        rows: what `over_seeds` returns, or `standing_rows` where draws are named.
        draws: those that the row is to be over, if it matters.
    """
    matching = rows[(rows["protocol"] == protocol) & (rows["part"] == part) & (rows["model"] == model)]
    if draws is not None:
        matching = matching[matching["draws"] == draws]
    return None if matching.empty else matching.iloc[0]


def rate_text(learning_rate: float | None) -> str:
    """Return `1e-4`, or a dash for a model without a learning rate in its settings."""
    return "–" if learning_rate is None or pd.isna(learning_rate) else learning_rate_name(float(learning_rate))


def row_names(rows: pd.DataFrame) -> pd.Series:
    """Return a name per row: the model, its epoch if it has any, and its learning rate where several were run."""
    several = rows.groupby("model")["learning_rate"].transform("nunique") > 1
    rates = rows["learning_rate"].map(rate_text)
    names = rows["model"] + rows["epoch"].map(lambda epoch: f", epoch {epoch}" if epoch else "")
    return names.where(~several, names + ", rate " + rates)
