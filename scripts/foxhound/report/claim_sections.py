"""Write the verdicts on the claims of the published experiment, and the evidence behind them."""

from typing import Any

import pandas as pd

from foxhound.evaluation.paired_tests import LEVEL
from foxhound.markdown import NOTHING, escape, p_value, table, with_interval
from foxhound.replication.claim_tests import FAILS, HOLDS, IMPOSSIBLE, NOT_RUN, UNDECIDED, without_runs
from foxhound.report.published_figures import recomputed_sections
from foxhound.report.score_tables import metric

TITLE = "The published experiment"
ABOUT = f"""\
The *published experiment* is a student experiment on the Fox News User Comments that this project replicates. A rule
decides each of its claims. That one model beats another holds by a paired permutation test, and fails by a significant
difference the other way, or by a difference that lies below the margin, the smallest that matters (`claims.margin` in
config.yaml). A claim about a size is decided by how far its interval lies from the bound. All of these share one
correction (Holm, over all tests of all claims, {100 * LEVEL:.0f} % level); the 95 % intervals beside them are
uncorrected. That runs collapse is decided by exact intervals over runs, which count as independent, and are not
corrected: fewer than 6 cannot show what most runs do. *Undecided* means that this corpus is too small to decide, or
that the runs in brackets are too few. *Measured* is a difference in F1 at chosen thresholds unless the evidence below
says otherwise. The rules are in resources/claims.yaml."""
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
    verdicts = claims.drop_duplicates("id")["verdict"].map(without_runs).tolist()
    counts = {verdict: verdicts.count(verdict) for verdict in COUNTED}
    parts = [f"{count} {COUNTED[verdict][count > 1]}" for verdict, count in counts.items() if count]
    return f"Of {len(verdicts)} claim{'s' if len(verdicts) > 1 else ''}, {', '.join(parts)}."


def published_sections(claims: pd.DataFrame, checked: pd.DataFrame, published: dict[str, Any]) -> list[str]:
    """Return the section on the published experiment: verdicts, the evidence behind them, its figures recomputed.

    Args:
        claims: table `claims`.
        checked: what `published_table` returns.
        published: what `load_published` returns.
    """
    parts = [*verdict_sections(claims, checked), *evidence_sections(claims), *recomputed_sections(checked, published)]
    return [f"## {TITLE}", *parts]


def verdict_sections(claims: pd.DataFrame, checked: pd.DataFrame) -> list[str]:
    """Return the verdicts, a row per claim that was tested, and the names of the others in a line.

    Args:
        claims: table `claims`.
        checked: what `published_table` returns.
    """
    rows = checked.set_index("id")
    cells, silent = [], []
    for name, tests in claims.groupby("id", sort=False):
        first = tests.iloc[0]
        if first["verdict"] == NOT_RUN:
            silent.append(escape(name))
            continue
        figures = [metric(rows.loc[name], "f1") for name in filter(None, first["published"].split(", "))]
        cells.append(
            [
                escape(first["claim"]),
                "; ".join(figures) or NOTHING,
                "; ".join(measured(test) for _, test in tests.iterrows()),
                MARKS.get(first["verdict"], first["verdict"]),
            ]
        )
    left_out = [f"Not run, as this experiment lacks their models: {', '.join(silent)}."] if silent else []
    return [
        "### Verdicts",
        count_verdicts(claims),
        *([table(("Claim", "F1 published", "Measured", "Verdict"), cells)] if cells else []),
        *left_out,
        ABOUT,
    ]


def measured(test: "pd.Series[Any]") -> str:
    """Return the estimate of one test with its interval and adjusted p value; a dash where it was not run."""
    if test["test_verdict"] == NOT_RUN:
        return NOTHING
    if pd.isna(test["low"]):
        return f"{test['estimate']:.5g}"
    estimate = with_interval(test["estimate"], test["low"], test["high"])
    return estimate if pd.isna(test["p_adjusted"]) else f"{estimate}, p {p_value(test['p_adjusted'])}"


def evidence_sections(claims: pd.DataFrame) -> list[str]:
    """Return every test behind the verdicts, and why those that ran are made the way they are."""
    cells = []
    for _, test in claims[claims["test_verdict"] != NOT_RUN].iterrows():
        size = str(test["n"]) if test["n"] else NOTHING
        cells.append([escape(test["id"]), escape(test["tested"]), measured(test), size, test["test_verdict"]])
    reasons = claims[claims["test_verdict"] != NOT_RUN].dropna(subset="why")
    return [
        "### Evidence behind the verdicts",
        table(("Claim", "Tested", "Measured", "n", "Verdict of the test"), cells),
        *(f"**{escape(claim['id'])}**: {escape(claim['why'])}" for _, claim in reasons.iterrows()),
    ]
