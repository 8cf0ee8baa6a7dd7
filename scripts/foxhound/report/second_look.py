"""List the labels that are most likely wrong, as a file of corrections that people fill in."""

import numpy as np
import pandas as pd

from foxhound.evaluation.calibration import cross_calibrated
from foxhound.evaluation.platt import log_odds
from foxhound.evaluation.score_views import row_names
from foxhound.report.error_browser import MODEL

LISTED = 100
LONGEST = 300  # characters of a comment
COLUMNS = ["id", "column", "value", "reason"]
SECTION = """\
## Labels worth a second look

`second-look.csv`, beside this report, lists the labels that the recommended model doubts most: those of which its
probability, calibrated on other folds, is the lowest. Read them, correct `value` where a label is wrong, and save the
file where config.yaml has the corrections of this corpus (`corpus.corrections`). A value that is left as it is changes
nothing, and only what a change makes stale runs again. A model doubts what is rare as well as what is wrong: correct
what you would have labelled otherwise, and nothing else, or scores will only seem to rise."""


def second_look(comments: pd.DataFrame, predictions: pd.DataFrame, model: str) -> pd.DataFrame:
    """Return the labels that a model doubts most, the most doubtful first.

    Args:
        comments: id, label, and masked: the text that is shown.
        predictions: rows of `read_predictions`, of one fold protocol.
        model: its name.

    Returns:
        COLUMNS, as corrections have them: `value` is the label as it stands. No row where the model is not there.
    """
    own = predictions[predictions["model"] == model].drop(columns="label", errors="ignore")
    if own.empty:
        return pd.DataFrame(columns=COLUMNS)
    names = row_names(own.drop_duplicates(MODEL))
    own = own[own.groupby(MODEL, sort=False, dropna=False).ngroup() == 0]
    own = own.merge(comments[["id", "label"]], on="id").reset_index(drop=True)
    odds = pd.Series(log_odds(cross_calibrated(own)), own["id"]).groupby(level=0).mean()
    known = comments[comments["id"].isin(odds.index)].reset_index(drop=True)
    p = 1 / (1 + np.exp(-odds.reindex(known["id"]).to_numpy()))
    kept = np.where(known["label"] == 1, p, 1 - p)
    first = np.argsort(kept, kind="stable")[:LISTED]
    said = [
        f"{names.iloc[0]}: {share:.2f} that it is hateful. {_line(text)}"
        for share, text in zip(p[first], known["masked"].iloc[first], strict=True)
    ]
    labels = known["label"].iloc[first].astype(int).to_numpy()
    return pd.DataFrame({"id": known["id"].iloc[first].to_numpy(), "column": "label", "value": labels, "reason": said})


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
