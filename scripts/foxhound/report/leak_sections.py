"""Write the report's section on data leakage: what reveals a scored comment's label without its text."""

from typing import cast

import pandas as pd

from foxhound.evaluation.near_duplicates import contradicting
from foxhound.markdown import NOTHING, escape, number, table
from foxhound.names import ALARMS, DRAW
from foxhound.report.leak_alarms import leak_alarms

ABOUT = """\
The baselines *article only* and *user only* never read a comment. There is a leakage alarm where the interval of their
AUROC (mean of folds) lies above .5: then the article or the user tells something about the label, any model may live on
it, and scores under that protocol are too high for other articles or other users. *Not checked* means that the baseline
was not run, as where the corpus has no such column. Near-duplicates are scored comments whose normalised text, or at
least four fifths of its words, is among the training comments, so that a model may have memorised it. Shares of scored
comments are means over folds or draws."""

EXAMPLES = 3


def leak_sections(rows: pd.DataFrame, leaks: pd.DataFrame, duplicates: pd.DataFrame) -> list[str]:
    """Return a row per protocol: the leakage alarm, and the near-duplicates across its splits.

    Args:
        rows: what `over_seeds` returns.
        leaks, duplicates: tables of these names.
    """
    cells = []
    for name, group in rows.groupby(["protocol", "part"]):
        protocol, part = cast(tuple[str, str], name)
        alarms = leak_alarms(rows, protocol, part)
        found = [f"**{name}**" for name in alarms.raised] + [f"not checked: {name}" for name in alarms.unchecked]
        split = leaks[(leaks["protocol"] == protocol) & (leaks["part"] == part)]
        kinds = split["similarity"] == 1, split["similarity"] < 1
        cells.append(
            [
                f"{escape(protocol)}, {escape(part)}",
                *((alarms.raised | alarms.silent).get(model, NOTHING) for model in ALARMS),
                ", ".join(found) or "none",
                *(_share(split[kind], float(group["n"].iloc[0])) for kind in kinds),
            ]
        )
    header = ("Protocol, part", "AUROC, article only", "AUROC, user only", "Leakage alarm")
    return [
        "## Data leakage",
        ABOUT,
        table((*header, "Same text in training", "Near-duplicate in training"), cells),
        *_examples(leaks),
        _contradictions(duplicates),
    ]


def _share(split: pd.DataFrame, scored: float) -> str:
    """Return how many scored comments have a near-duplicate among the training comments: `16 (1.0 %)`."""
    folds = not split["partition"].str.startswith(DRAW).any()
    runs = 1 if folds else max(1, split["partition"].nunique())
    comments = len(split.drop_duplicates(["partition", "id"])) / runs
    return f"{comments:.3g} ({100 * comments / scored:.1f} %)" if comments else "none"


def _examples(leaks: pd.DataFrame) -> list[str]:
    both = ["--".join(sorted(ids)) for ids in zip(leaks["id"], leaks["train_id"], strict=True)]
    pairs = leaks.assign(pair=both).drop_duplicates("pair").sort_values(["similarity", "id"], ascending=[False, True])
    if pairs.empty:
        return []
    return [f"Near-duplicates on both sides of a split: {_named(pairs, 'train_id', 'leaks')}."]


def _named(pairs: pd.DataFrame, other: str, source: str) -> str:
    """Return the first pairs by their ids, and how many more are in a table."""
    examples = [
        f"{escape(row['id'])} and {escape(row[other])} "
        f"({'same' if row['similarity'] == 1 else number(row['similarity'])})"
        for _, row in pairs.head(EXAMPLES).iterrows()
    ]
    rest = f" and {len(pairs) - EXAMPLES} more pairs in {source}.parquet" if len(pairs) > EXAMPLES else ""
    return "; ".join(examples) + rest


def _contradictions(duplicates: pd.DataFrame) -> str:
    """Return how many near-duplicates of the whole corpus have different labels, and the first of them by their ids."""
    differ = contradicting(duplicates)
    same = int((duplicates["similarity"] == 1).sum())
    counted = (
        f"In the whole corpus {len(duplicates)} pairs of comments are equal or nearly so ({same} with the same text); "
    )
    if differ.empty:
        return counted + "none of them has contradicting labels."
    return (
        f"{counted}{len(differ)} of them ({(differ['similarity'] == 1).sum()} with the same text) have contradicting "
        f"labels, of which no model that reads the text alone can get both right: "
        f"{_named(differ, 'other_id', 'duplicates')}. Look whether one is a mistake (corrections.csv), or whether the "
        "answer depends on what the comment answers to."
    )
