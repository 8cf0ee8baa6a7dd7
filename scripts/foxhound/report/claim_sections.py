"""The report's first table: what the notes claim, and what became of it."""

from typing import Any

import pandas as pd

from foxhound.markdown import NOTHING, escape, number, table, with_interval
from foxhound.replication.claim_tests import FAILS, HOLDS, IMPOSSIBLE, NOT_RUN, UNDECIDED
from foxhound.report.score_tables import metric

ABOUT = """\
Each claim has a rule, and the rule has the last word: a direction is decided by a paired permutation test
(Holm-adjusted over all claims, 5 % level), a size by a 95 % interval. *Cannot be told apart* means that this corpus is
too small to say. *Measured* is a difference in F1 unless the evidence below says otherwise. The rules are in
resources/claims.yaml."""
MARKS = {HOLDS: "**holds**", FAILS: "**fails**", IMPOSSIBLE: "**impossible as printed**"}
COUNTED = {
    HOLDS: ("holds", "hold"),
    FAILS: ("fails", "fail"),
    UNDECIDED: ("is undecided", "are undecided"),
    IMPOSSIBLE: ("is impossible as printed", "are impossible as printed"),
    NOT_RUN: ("was not run", "were not run"),
}
"""verdict -> what one claim does, and several."""


def count_verdicts(claims: pd.DataFrame) -> str:
    """Return the verdicts in a sentence: `Of 25 claims, 7 hold, 4 fail, 14 are undecided.`

    Args:
        claims: table `claims`.
    """
    verdicts = claims.drop_duplicates("id")["verdict"].tolist()
    counts = {verdict: verdicts.count(verdict) for verdict in COUNTED}
    parts = [f"{count} {COUNTED[verdict][count > 1]}" for verdict, count in counts.items() if count]
    return f"Of {len(verdicts)} claim{'s' if len(verdicts) > 1 else ''}, {', '.join(parts)}."


def verdict_sections(claims: pd.DataFrame, checked: pd.DataFrame) -> list[str]:
    """Verdicts, a row per claim.

    Args:
        claims: table `claims`.
        checked: what `published_table` gives.
    """
    rows = checked.set_index("id")
    body = []
    for _, tests in claims.groupby("id", sort=False):
        first = tests.iloc[0]
        figures = [metric(rows.loc[name], "f1") for name in filter(None, first["published"].split(", "))]
        body.append(
            [
                escape(first["claim"]),
                "; ".join(figures) or NOTHING,
                "; ".join(measured(test) for _, test in tests.iterrows()),
                MARKS.get(first["verdict"], first["verdict"]),
            ]
        )
    return [
        "## Verdicts",
        count_verdicts(claims),
        ABOUT,
        table(("Claim", "F1 published", "Measured", "Verdict"), body),
    ]


def measured(test: "pd.Series[Any]") -> str:
    """The estimate of one test with its interval and adjusted p value; a dash where it was not run."""
    if test["test_verdict"] == NOT_RUN:
        return NOTHING
    if pd.isna(test["low"]):
        return f"{test['estimate']:.5g}"
    found = with_interval(test["estimate"], test["low"], test["high"])
    return found if pd.isna(test["p_adjusted"]) else f"{found}, p {number(test['p_adjusted'])}"


def evidence_sections(claims: pd.DataFrame) -> list[str]:
    """Every test behind the verdicts, and why a claim is tested the way it is."""
    body = []
    for _, test in claims.iterrows():
        size = str(test["n"]) if test["n"] else NOTHING
        body.append([escape(test["id"]), escape(test["tested"]), measured(test), size, test["test_verdict"]])
    reasons = claims.dropna(subset="why").drop_duplicates("id")
    return [
        "## Evidence behind the verdicts",
        table(("Claim", "Tested", "Measured", "n", "Verdict of the test"), body),
        *(f"**{escape(one['id'])}**: {escape(one['why'])}" for _, one in reasons.iterrows()),
    ]
