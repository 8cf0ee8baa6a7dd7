"""Write the report's section on data leakage: what reveals a scored comment's label without its text."""

from typing import cast

import pandas as pd

from foxhound.evaluation.score_views import baseline_row
from foxhound.markdown import escape, number, table
from foxhound.names import ALARMS, DRAW
from foxhound.report.score_tables import metric

ABOUT = """\
The baselines *article only* and *user only* never read a comment. There is a leakage alarm where the interval of their
accuracy lies above the share of the larger class: then the article or the user reveals the label, and every score under
that protocol is too high. Near-duplicates are scored comments whose normalised text, or at least four fifths of its
words, is among the training comments, so that a model may have memorised it. Shares of scored comments are means over
folds or draws."""

EXAMPLES = 3


def leak_sections(rows: pd.DataFrame, leaks: pd.DataFrame) -> list[str]:
    """Return a row per protocol: the leakage alarm, and the near-duplicates across its splits.

    Args:
        rows: what `over_seeds` returns.
        leaks: table `leaks`.
    """
    cells = []
    for name, group in rows.groupby(["protocol", "part"]):
        protocol, part = cast(tuple[str, str], name)
        baselines = {model: baseline_row(rows, protocol, part, model) for model in ALARMS}
        row = group.iloc[0]
        larger = max(row["tp"] + row["fn"], row["fp"] + row["tn"]) / row["n"]
        alarms = [name for name, scores in baselines.items() if scores is not None and scores["accuracy_low"] > larger]
        split = leaks[(leaks["protocol"] == protocol) & (leaks["part"] == part)]
        kinds = split["similarity"] == 1, split["similarity"] < 1
        cells.append(
            [
                f"{escape(protocol)}, {escape(part)}",
                number(larger),
                *(metric(scores, "accuracy") for scores in baselines.values()),
                f"**{', '.join(alarms)}**" if alarms else "none",
                *(_share(split[kind], float(row["n"])) for kind in kinds),
            ]
        )
    header = ("Protocol, part", "Larger class", "Accuracy, article only", "Accuracy, user only", "Leakage alarm")
    return [
        "## Data leakage",
        ABOUT,
        table((*header, "Same text in training", "Near-duplicate in training"), cells),
        *_examples(leaks),
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
    examples = [
        f"{escape(row['id'])} and {escape(row['train_id'])} "
        f"({'same' if row['similarity'] == 1 else number(row['similarity'])})"
        for _, row in pairs.head(EXAMPLES).iterrows()
    ]
    rest = f" and {len(pairs) - EXAMPLES} more pairs in leaks.parquet" if len(pairs) > EXAMPLES else ""
    return [f"Near-duplicates on both sides of a split: {'; '.join(examples)}{rest}."]
