"""Say under which protocols the article or the user alone tells hateful comments from others: the leakage alarm."""

from typing import NamedTuple

import pandas as pd

from foxhound.evaluation.score_views import baseline_row
from foxhound.markdown import with_interval
from foxhound.names import ALARMS

CHANCE = 0.5  # AUROC of whoever knows nothing


class Alarms(NamedTuple):
    """What the baselines that never read a comment reveal under one protocol and part.

    raised: baseline -> its AUROC with its interval, where that lies above chance.
    silent: those whose interval does not.
    unchecked: those that were not run, or have no AUROC.
    """

    raised: dict[str, str]
    silent: dict[str, str]
    unchecked: list[str]


def leak_alarms(rows: pd.DataFrame, protocol: str, part: str) -> Alarms:
    """Ask the AUROC (mean of folds) of each baseline that never reads a comment.

    Accuracy at .5 would not tell: where few comments are hateful, knowing their authors lifts few above .5.

    Args:
        rows: what `over_seeds` returns.
    """
    alarms = Alarms({}, {}, [])
    for name in ALARMS:
        row = baseline_row(rows, protocol, part, name)
        if row is None or pd.isna(row["auroc_low"]):
            alarms.unchecked.append(name)
            continue
        told = alarms.raised if row["auroc_low"] > CHANCE else alarms.silent
        told[name] = with_interval(row["auroc"], row["auroc_low"], row["auroc_high"])
    return alarms


def alarm_sentence(rows: pd.DataFrame, protocol: str, part: str) -> str:
    """Return what `leak_alarms` finds in a sentence or two."""
    alarms = leak_alarms(rows, protocol, part)
    sentences = [
        f"**Leakage alarm**: {name}, which never reads a comment, has an AUROC of {auroc}."
        for name, auroc in alarms.raised.items()
    ]
    if not alarms.raised and alarms.silent:
        sentences.append(f"No leakage alarm by {' or '.join(alarms.silent)}.")
    if alarms.unchecked:
        sentences.append(f"Leakage not checked by {' or '.join(alarms.unchecked)}, which did not run.")
    return " ".join(sentences)
