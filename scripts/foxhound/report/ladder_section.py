"""Write the report's section on what more training comments are likely to be worth."""

from collections import defaultdict

import pandas as pd

from foxhound.evaluation.data_ladder import METRICS, SEEDS, SIZES, WIDEST
from foxhound.evaluation.score_views import BALANCING, rate_text
from foxhound.markdown import escape, number, table, with_interval

ABOUT = f"""\
What doubling the largest training set is likely to be worth to a model, from its scores on draws of {SIZES} sizes or
more and {SEEDS} seeds or more at each. An inverse power law is fitted to the runs' scores; the 95 % interval covers
seeds and draws of this corpus, and how fast such a curve may flatten: one that begins at .000 says that nothing may be
left to gain. On simulated curves of that shape it holds the true gain in 93 to 99 % of cases, and in 83 % or more where
the curve is flat and scores at small sizes scatter more. Another shape that flattens faster gains less. *Cannot say*
stands with its reason, such as an interval wider than {number(WIDEST)}."""
NAMES = {"f1": "F1", "auroc": "AUROC"}


def ladder_section(ladder: pd.DataFrame) -> list[str]:
    """Return a row per model of which something can be said, and a line per reason why of others nothing can.

    Args:
        ladder: table `ladder`.
    """
    title = "## What more training comments are worth"
    if ladder.empty:
        return [title, "Cannot say: no model was trained on draws that differ in nothing but their size."]
    rows, silent = [], defaultdict(list)
    for _, of_model in ladder.fillna({"reason": ""}).groupby(["rebalance", "model", "learning_rate"], dropna=False):
        by_metric = of_model.set_index("metric").loc[list(METRICS)]
        first, reasons = by_metric.iloc[0], by_metric["reason"].unique()
        if len(reasons) == 1 and reasons[0]:
            rate = "" if pd.isna(first["learning_rate"]) else f", rate {rate_text(first['learning_rate'])}"
            silent[reasons[0]].append(f"{escape(first['model'])}{rate} ({BALANCING[first['rebalance']].lower()})")
            continue
        names = [escape(first["model"]), rate_text(first["learning_rate"]), BALANCING[first["rebalance"]]]
        counts = [f"{first['train']} to {2 * first['train']}", str(first["sizes"]), str(first["seeds"])]
        rows.append([*names, *counts, *(_gain(row) for _, row in by_metric.iterrows())])
    header = ("Model", "Learning rate", "Draws", "Training comments", "Sizes", "Seeds")
    gains = [f"Gain in {NAMES[metric]}" for metric in METRICS]
    lines = [f"- Cannot say, as {escape(reason)}: {', '.join(models)}." for reason, models in sorted(silent.items())]
    return [title, ABOUT, *([table((*header, *gains), rows)] if rows else []), *(["\n".join(lines)] if lines else [])]


def _gain(row: pd.Series) -> str:
    if row["reason"]:
        return f"cannot say: {escape(row['reason'])}"
    return with_interval(row["gain"], row["gain_low"], row["gain_high"])
