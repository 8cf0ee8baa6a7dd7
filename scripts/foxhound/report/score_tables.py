"""The report's tables of scores: ours by family and protocol, and the published ones."""

from typing import Any, cast

import pandas as pd

from foxhound.evaluation.score_views import baseline_row, protocol_titles, rate_text
from foxhound.markdown import NOTHING, escape, number, table, with_interval
from foxhound.names import ALWAYS, DRAWS, STRATIFIED, TFIDF
from foxhound.replication.published import CONFUSION, FIGURES, other_published

SCORE_HEADER = (
    *("Model", "Rate", "Epoch", "Accuracy", "Precision", "Recall", "F1", "F1, interval over articles"),
    *("F1 over seeds: mean ± sd", "F1, threshold chosen", "Macro F1", "AUROC", "Average precision", "Brier", "ECE"),
    *("Collapsed runs", "F1 published", "F1 of TF-IDF logistic", "F1 of always hateful"),
)


def score_sections(rows: pd.DataFrame, checked: pd.DataFrame) -> list[str]:
    """A table per family and, within it, per protocol and part."""
    draws = rows["protocol_kind"].eq(DRAWS)
    titles = protocol_titles(rows, "`")
    word2vec = rows["embedding"].eq("word2vec")
    families = {
        "LSTM on BERT embeddings": rows["family"].eq("lstm") & ~word2vec,
        "LSTM on word2vec": rows["family"].eq("lstm") & word2vec,
        "Fine-tuning on draws": rows["family"].eq("finetune") & draws,
        "Fine-tuning under folds": rows["family"].eq("finetune") & ~draws,
        "Ensembles": rows["family"].eq("ensemble"),
        "Baselines": rows["family"].eq("baseline"),
    }
    sections = []
    for title, chosen in families.items():
        if not chosen.any():
            continue
        sections.append(f"## {title}")
        for name, group in rows[chosen].groupby(["protocol", "part"]):
            protocol, part = cast(tuple[str, str], name)
            group = group.sort_values(["model", "learning_rate", "epoch"])
            yardsticks = [baseline_row(rows, protocol, part, model) for model in (TFIDF, ALWAYS)]
            beside = [metric(one, "f1") for one in yardsticks]
            sections.append(f"### {titles[protocol]}, {escape(part)} part, n = {group['n'].max():.0f}")
            body = [[*score_cells(row, checked), *beside] for _, row in group.iterrows()]
            sections.append(table(SCORE_HEADER, body))
    return sections


def metric(row: pd.Series | None, name: str) -> str:
    """A metric of a row of scores with its interval; a dash where there is no such row."""
    return NOTHING if row is None else with_interval(row[name], row[f"{name}_low"], row[f"{name}_high"])


def score_cells(row: pd.Series, checked: pd.DataFrame) -> list[str]:
    """The cells of one row over seeds, up to and including the published figure."""
    seeds = "1 seed" if row["seeds"] == 1 else f"{number(row['f1'])} ± {number(row['f1_sd'])} ({row['seeds']} seeds)"
    twins = [
        metric(one, "f1") for _, one in checked[checked.apply(lambda one: same_experiment(row, one), axis=1)].iterrows()
    ]
    return [
        escape(row["model"]),
        rate_text(row["learning_rate"]),
        str(row["epoch"]) if row["epoch"] else NOTHING,
        *(metric(row, name) for name in ("accuracy", "precision", "recall", "f1")),
        over_articles(row),
        seeds,
        *(metric(row, name) for name in ("f1_tuned", "macro_f1", "auroc", "average_precision", "brier", "ece")),
        f"{int(row['collapsed_runs'])} of {row['seeds']}",
        "; ".join(twins) or NOTHING,
    ]


def over_articles(row: pd.Series) -> str:
    """F1 with its interval over articles; a dash where there is one article only."""
    low, high = row["f1_cluster_low"], row["f1_cluster_high"]
    return NOTHING if pd.isna(low) else with_interval(row["f1"], low, high)


def same_experiment(row: pd.Series, published: pd.Series) -> bool:
    """Whether a published result has the model, protocol and number of epochs of a row of scores.

    A published split that held out one part only matches our one held-out part, whatever either calls it.
    """
    if row["family"] != published["family"] or row["architecture"] != published["model"]:
        return False
    if row["epoch"] != published["epochs"]:
        return False
    if row["family"] == "lstm":
        title = row["context"] == "title"
        pooled = row["protocol_kind"] == STRATIFIED
        return bool(pooled and row["embedding"] == published["embedding"] and title == published["title"])
    balanced = row["protocol_kind"] == DRAWS and row["rebalance"] != "none"
    one_part = 0 in (published["validation"], published["test"])
    same_part = one_part or row["part"] == published["evaluated_on"]
    return bool(balanced and row["train"] == published["train"] and same_part)


def balancing_section(rows: pd.DataFrame) -> list[str]:
    """F1 under random balancing beside F1 under the notes' `first` balancing, for models run under both."""
    draws = rows[rows["protocol_kind"].eq(DRAWS) & rows["part"].eq("test")]
    draws = draws.assign(rate=draws["learning_rate"].map(rate_text))
    body = []
    for name, group in draws.groupby(["train", "model", "rate", "epoch"]):
        train, model, rate, epoch = cast(tuple[int, str, str, int], name)
        random, first = (group[group["rebalance"] == kind] for kind in ("random", "first"))
        names = [f"{train:.0f}", escape(model), rate, str(epoch) if epoch else NOTHING]
        body += [
            [*names, metric(one, "f1"), metric(other, "f1")]
            for _, one in random.iterrows()
            for _, other in first.iterrows()
        ]
    if not body:
        return []
    about = (
        "The notes kept the first non-hateful comments in file order instead of random ones. They come "
        "from few articles, so the article gives the label away: compare the article-only baseline, which "
        "never reads a comment."
    )
    return [
        "## Balancing: random or first",
        about,
        table(("Training comments", "Model", "Rate", "Epoch", "F1, random", "F1, first"), body),
    ]


def picked_section(picked: pd.DataFrame) -> list[str]:
    """What choosing the epoch on the scored comments adds, which the notes did."""
    body = []
    for _, row in picked[picked["part"] == "test"].iterrows():
        epochs = f"{row['epoch_best']} of {row['epoch_last']}"
        names = [escape(row["model"]), rate_text(row["learning_rate"]), escape(row["protocol"]), str(row["seeds"])]
        body.append(
            [*names, epochs, *(metric(row, name) for name in ("f1_last", "f1_best", "f1_elsewhere", "optimism"))]
        )
    if not body:
        return []
    about = (
        "The notes picked the epoch by its score on the test set. Beside the last epoch: the one that is best on the "
        "scored comments themselves, and what is left where each fold (or draw) takes the epoch that is best on the "
        "others. The difference between the two is what picking on the test set makes up."
    )
    header = ("Model", "Rate", "Protocol", "Seeds", "Best epoch", "F1, last epoch", "F1, picked on the test set")
    return [
        "## What picking an epoch is worth",
        about,
        table((*header, "F1, picked elsewhere", "Made up"), body),
    ]


def published_sections(checked: pd.DataFrame, published: dict[str, Any]) -> list[str]:
    """The notes' figures recomputed, with a verdict each; then figures of other papers."""
    body = []
    for _, row in checked.iterrows():
        counts = " / ".join(str(row[name]) for name in CONFUSION)
        cells = [metric(row, name) for name in FIGURES]
        body.append([escape(row["id"]), str(row["n_claimed"]), str(row["n"]), counts, *cells, verdict(row)])
    header = (
        "Result",
        "n claimed",
        "n found",
        "tp / fp / fn / tn",
        "Accuracy",
        "Precision",
        "Recall",
        "F1",
        "Verdict",
    )
    others = []
    for one in other_published(published):
        cells = [with_interval(one.get(name), one[name + "_low"], one[name + "_high"]) for name in FIGURES]
        others.append([escape(one["model"]), escape(one["who"]), escape(one["protocol"]), *cells])
    for one in published.get("prior_work", []):
        cells = [with_interval(one.get(name), None, None) for name in FIGURES]
        others.append([escape(one["model"]), "quoted second-hand", "Gao & Huang 2017", *cells])
    return [
        "## Published figures of the notes, recomputed",
        "Confusion tables are solved from the printed digits; every figure is recomputed from them by the "
        "code that scores our own models. Intervals: Wilson; for F1 Wilson's by way of tp / (tp + fp + fn) "
        "(Lam et al. 2023).",
        table(header, body),
        "### Other published figures",
        "Where the size of the test set is known, the interval spans all confusion tables that round to the "
        "printed figures.",
        table(("Model", "Source", "Protocol", "Accuracy", "Precision", "Recall", "F1"), others),
    ]


def verdict(row: pd.Series) -> str:
    """What arithmetic says about a published row."""
    if row["impossible_as_printed"]:
        predicted = f"{row['tp']} of {row['tp'] + row['fp']} predicted hateful"
        needs = f"needs {row['smallest_n']} comments or more, not {row['n_claimed']}"
        return f"**impossible as printed**: {predicted}; {needs}"
    return f"scored on {row['n']}, not {row['n_claimed']}" if row["n_differs"] else "possible as claimed"
