"""The report's section on leaks: what a model could know about a scored comment without understanding it."""

from typing import cast

import pandas as pd

from foxhound.evaluation.score_views import baseline_row
from foxhound.markdown import escape, number, table
from foxhound.names import ALARMS
from foxhound.report.score_tables import metric

ABOUT = """\
*Article only* and *user only* never read a comment. The alarm rings where the interval of their accuracy lies above the
share of the larger class: then who wrote, or where, gives the label away, and every score under that protocol is
flattered. Near-duplicates are scored comments whose text (once normalised) or at least four fifths of its words also
train; a model can know those by heart. Shares of scored comments are means over folds or draws."""

EXAMPLES = 3


def leak_sections(rows: pd.DataFrame, leaks: pd.DataFrame) -> list[str]:
    """A row per protocol: the two alarms, and the near-duplicates across its splits.

    Args:
        rows: what `over_seeds` gives.
        leaks: table `leaks`.
    """
    body = []
    for name, group in rows.groupby(["protocol", "part"]):
        protocol, part = cast(tuple[str, str], name)
        alarms = [baseline_row(rows, protocol, part, model) for model in ALARMS]
        one = group.iloc[0]
        larger = max(one["tp"] + one["fn"], one["fp"] + one["tn"]) / one["n"]
        rings = [alarm is not None and alarm["accuracy_low"] > larger for alarm in alarms]
        torn = leaks[(leaks["protocol"] == protocol) & (leaks["part"] == part)]
        rung = ", ".join(alarm for alarm, rang in zip(ALARMS, rings, strict=True) if rang)
        kinds = torn["similarity"] == 1, torn["similarity"] < 1
        body.append(
            [
                f"{escape(protocol)}, {escape(part)}",
                number(larger),
                *(metric(alarm, "accuracy") for alarm in alarms),
                f"**rings: {rung}**" if rung else "silent",
                *(_share(torn[kind], float(one["n"])) for kind in kinds),
            ]
        )
    header = ("Protocol, part", "Larger class", "Accuracy, article only", "Accuracy, user only", "Alarm")
    return [
        "## Leaks",
        ABOUT,
        table((*header, "Same text trains", "Near-duplicate trains"), body),
        *_examples(leaks),
    ]


def _share(torn: pd.DataFrame, scored: float) -> str:
    """How many scored comments have a twin among the training comments: `16 (1.0 %)`."""
    folds = torn["partition"].str.startswith("fold-").all()
    runs = 1 if folds else max(1, torn["partition"].nunique())
    comments = len(torn.drop_duplicates(["partition", "id"])) / runs
    return f"{comments:.3g} ({100 * comments / scored:.1f} %)" if comments else "none"


def _examples(leaks: pd.DataFrame) -> list[str]:
    both = ["--".join(sorted(ids)) for ids in zip(leaks["id"], leaks["train_id"], strict=True)]
    pairs = leaks.assign(pair=both).drop_duplicates("pair").sort_values(["similarity", "id"], ascending=[False, True])
    if pairs.empty:
        return []
    shown = pairs[["id", "train_id", "similarity"]].head(EXAMPLES).to_numpy().tolist()
    named = [f"{escape(a)} and {escape(b)} ({'same' if alike == 1 else number(alike)})" for a, b, alike in shown]
    rest = f" and {len(pairs) - EXAMPLES} more pairs in leaks.parquet" if len(pairs) > EXAMPLES else ""
    return [f"Near-duplicates torn apart by a split: {'; '.join(named)}{rest}."]
