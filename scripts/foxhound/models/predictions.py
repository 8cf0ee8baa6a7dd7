"""Build the one table that every model writes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from foxhound.corpus.partition import Partition
from foxhound.tables import table_schema

SETTINGS = [field.name for field in table_schema("predictions").field("settings").type]


def predictions_frame(
    partition: Partition,
    probabilities: dict[int, np.ndarray],
    model: str,
    seed: int,
    settings: dict[str, Any],
    attention: Sequence[np.ndarray] | None = None,
) -> pd.DataFrame:
    """Build the predictions table of one model on one partition.

    Args:
        probabilities: epoch (0 for a model without epochs) -> (scored,) probability of hateful.
        settings: any of the fields of the table's `settings` struct; the others become null.
        attention: per scored comment the weights of its tokens at the last epoch.

    Raises:
        ValueError: a setting is not declared in schemas/tables.yaml, or the number of probabilities differs.
    """
    unknown = set(settings) - set(SETTINGS)
    if unknown:
        raise ValueError(f"settings {sorted(unknown)} are not declared in schemas/tables.yaml")
    scored = partition.comments.iloc[partition.scored]
    frames = [
        pd.DataFrame(
            {
                "id": scored["id"],
                "label": scored["label"],
                "p_hateful": values.astype(np.float32),
                "fold_or_split": partition.name,
                "part": scored["part"],
                "seed": np.int32(seed),
                "epoch": np.int32(epoch),
                "model": model,
                "attention": attention if epoch == max(probabilities) else None,
                "settings": [{name: settings.get(name) for name in SETTINGS}] * len(scored),
            }
        )
        for epoch, values in probabilities.items()
    ]
    return pd.concat(frames, ignore_index=True)
