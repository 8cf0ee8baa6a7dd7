"""Write the report's tables of scores: ours by family and protocol, and the published ones."""

from typing import Any, cast

import pandas as pd

from foxhound.evaluation.score_views import baseline_row, protocol_titles, rate_text, standing_rows
from foxhound.evaluation.scoring import ARTICLES, FIXED, USERS
from foxhound.markdown import NOTHING, escape, number, table, with_interval
from foxhound.names import ALWAYS, DRAWS, MEASURE_WORDS, STRATIFIED, TFIDF
from foxhound.replication.printed_digits import FIGURES
from foxhound.replication.printed_tables import MEANINGS
from foxhound.replication.published import CONFUSION, accusation, other_published
from foxhound.report.leak_alarms import alarm_sentence, leak_alarms

SCORE_HEADER = (
    *("Model", "Learning rate", "Epoch", "Accuracy", "Precision", "Recall", "F1", "F1, interval over users"),
    *("F1, interval over articles", "Seeds", "F1, threshold chosen", "Macro F1", "AUROC", "Average precision"),
    *("Brier", "ECE"),
    *("Collapsed runs", "F1 published", "TF-IDF logistic", "Always hateful"),
)


def score_sections(rows: pd.DataFrame, checked: pd.DataFrame, standings: pd.DataFrame) -> list[str]:
    """Return a table per family and, within it, per protocol and part.

    The last two columns hold the primary measure of the baselines, over the same draws as the row.

    Args:
        rows: what `over_seeds` returns.
        checked: what `published_table` returns.
        standings: table `standings`.
    """
    standing = standing_rows(rows, standings)
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
            primary = group["primary"].iloc[0]
            cells = []
            for _, row in group.iterrows():
                beside = [baseline_row(standing, protocol, part, model, row["draws"]) for model in (TFIDF, ALWAYS)]
                cells.append([*score_cells(row, checked), *(metric(baseline, primary) for baseline in beside)])
            by = f"Compare by {MEASURE_WORDS[primary]}: that of the baselines is in the last two columns."
            notes = [by, ranking_note(group), alarm_note(rows, protocol, part)]
            sections += [
                f"### {titles[protocol]}, {escape(part)} part, n = {group['n'].max():.0f}",
                " ".join(filter(None, notes)),
                table(SCORE_HEADER, cells),
            ]
    return sections


def metric(row: pd.Series | None, name: str) -> str:
    """Return a metric of a row of scores with its interval; a dash where there is no such row or no such metric."""
    return NOTHING if row is None else with_interval(row[name], row[f"{name}_low"], row[f"{name}_high"])


def score_cells(row: pd.Series, checked: pd.DataFrame) -> list[str]:
    """Return the cells of one row over seeds, up to and including the published figure."""
    published = [metric(result, "f1") for _, result in checked.iterrows() if same_experiment(row, result)]
    return [
        escape(row["model"]),
        rate_text(row["learning_rate"]),
        str(row["epoch"]) if row["epoch"] else NOTHING,
        *(metric(row, name) for name in ("accuracy", "precision", "recall", "f1")),
        *(over_clusters(row, kind) for kind in (USERS, ARTICLES)),
        seeds_cell(row),
        *(metric(row, name) for name in ("f1_tuned", "macro_f1", "auroc", "average_precision", "brier", "ece")),
        f"{int(row['collapsed_runs'])} of {row['seeds']}",
        "; ".join(published) or NOTHING,
    ]


def over_clusters(row: pd.Series, kind: str) -> str:
    """Return F1 with its interval over articles or users; a dash where there is one only, or nobody knows which."""
    low, high = row[f"f1{kind}_low"], row[f"f1{kind}_high"]
    return NOTHING if pd.isna(low) else with_interval(row["f1"], low, high)


def seeds_cell(row: pd.Series) -> str:
    """Return how many seeds there were; of several, mean and standard deviation of F1, and these models' interval."""
    if row["seeds"] == 1:
        return "1"
    these = f"[{number(row[f'f1{FIXED}_low'])}, {number(row[f'f1{FIXED}_high'])}]"
    return f"{int(row['seeds'])}: {number(row['f1'])} ± {number(row['f1_sd'])}; these models {these}"


def ranking_note(rows: pd.DataFrame) -> str:
    """Say how many folds AUROC and average precision are means of, where some hold one class only."""
    folds, ranked = rows["folds"].iloc[0], rows["ranked_folds"].iloc[0]
    if pd.isna(folds) or ranked == folds:
        return ""
    return f"AUROC and average precision: mean of {ranked:.0f} of {folds} folds; the others hold one class only."


def alarm_note(rows: pd.DataFrame, protocol: str, part: str) -> str:
    """Return the leakage alarm of a protocol; nothing where there is none."""
    return alarm_sentence(rows, protocol, part) if leak_alarms(rows, protocol, part).raised else ""


def same_experiment(row: pd.Series, published: pd.Series) -> bool:
    """Say whether a published result has the model, protocol and number of epochs of a row of scores.

    A published split that held out one part only matches our one held-out part, whatever either calls it. The published
    word vectors were pretrained: a model on vectors of the corpus's own is another one.
    """
    if row["family"] != published["family"] or row["architecture"] != published["model"]:
        return False
    if row["epoch"] != published["epochs"]:
        return False
    if row["family"] == "lstm":
        title = row["context"] == "title"
        pooled = row["protocol_kind"] == STRATIFIED
        replicated = row["embedding"] == published["embedding"] and row["vectors"] != "own"
        return bool(pooled and replicated and title == published["title"])
    balanced = row["protocol_kind"] == DRAWS and row["rebalance"] != "none"
    one_part = 0 in (published["validation"], published["test"])
    same_part = one_part or row["part"] == published["evaluated_on"]
    return bool(balanced and row["train"] == published["train"] and same_part)


def balancing_section(rows: pd.DataFrame) -> list[str]:
    """Return F1 at .5 under random balancing beside that under the published `first` one, and over which draws."""
    draws = rows[rows["protocol_kind"].eq(DRAWS) & rows["part"].eq("test")]
    draws = draws.assign(rate=draws["learning_rate"].map(rate_text))
    cells = []
    for name, group in draws.groupby(["train", "model", "rate", "epoch"]):
        train, model, rate, epoch = cast(tuple[int, str, str, int], name)
        random, first = (group[group["rebalance"] == kind] for kind in ("random", "first"))
        names = [f"{train:.0f}", escape(model), rate, str(epoch) if epoch else NOTHING]
        cells += [
            [*names, metric(row, "f1"), row["draws"], metric(other, "f1"), other["draws"]]
            for _, row in random.iterrows()
            for _, other in first.iterrows()
        ]
    if not cells:
        return []
    about = (
        "The published experiment kept the first non-hateful comments in file order instead of random ones. They "
        "come from few articles, so the article reveals the label: compare the baseline article-only, which never "
        "reads a comment."
    )
    header = ("Training comments", "Model", "Learning rate", "Epoch")
    return [
        "## Balancing: random or first",
        about,
        table((*header, "F1, random", "Draws", "F1, first", "Draws"), cells),
    ]


def picked_section(picked: pd.DataFrame) -> list[str]:
    """Return the selection optimism of choosing the epoch on the scored comments, as was published."""
    cells = []
    for _, row in picked[picked["part"] == "test"].iterrows():
        epochs = f"{row['epoch_best']} of {row['epoch_last']}"
        names = [escape(row["model"]), rate_text(row["learning_rate"]), escape(row["protocol"]), str(row["seeds"])]
        cells.append(
            [*names, epochs, *(metric(row, name) for name in ("f1_last", "f1_best", "f1_elsewhere", "optimism"))]
        )
    if not cells:
        return []
    about = (
        "The published experiment picked the epoch by its score on the test set. Beside F1 at the last epoch stand F1 "
        "at the epoch that is best on the scored comments themselves, and F1 where each fold (or draw) takes the epoch "
        "that is best on the others. The difference of these two is the selection optimism of picking on the test set, "
        "and a little more, as the others are fewer; with fewer than five folds or draws it is not shown. All at a "
        "threshold of .5, as published."
    )
    header = ("Model", "Learning rate", "Protocol", "Seeds", "Best epoch", "F1, last epoch")
    picked_header = ("F1, picked on the test set", "F1, picked elsewhere", "Selection optimism")
    return ["## Selection optimism", about, table((*header, *picked_header), cells)]


def published_sections(checked: pd.DataFrame, published: dict[str, Any]) -> list[str]:
    """Return the published figures recomputed, with a verdict each; then figures of other papers."""
    results = []
    for _, row in checked.iterrows():
        counts = " / ".join(str(row[name]) for name in CONFUSION)
        cells = [metric(row, name) for name in FIGURES]
        results.append([escape(row["id"]), str(row["n_claimed"]), str(row["n"]), counts, *cells, verdict(row)])
    figures = ("Accuracy", "Precision", "Recall", "F1")
    others = []
    for paper in other_published(published):
        cells = [with_interval(paper.get(name), paper[name + "_low"], paper[name + "_high"]) for name in FIGURES]
        others.append([escape(paper["model"]), escape(paper["who"]), escape(paper["protocol"]), *cells])
    for paper in published.get("prior_work", []):
        cells = [with_interval(paper.get(name), None, None) for name in FIGURES]
        others.append([escape(paper["model"]), "quoted second-hand", "Gao & Huang 2017", *cells])
    return [
        "## Published figures, recomputed",
        "Confusion tables are solved from the printed digits of the published experiment, and every figure is "
        "recomputed from them by the code that scores our own models. Intervals: Wilson; for F1 by way of "
        "tp / (tp + fp + fn) (Lam et al. 2023).",
        table(("Result", "n claimed", "n solved", "tp / fp / fn / tn", *figures, "Verdict"), results),
        "### Other published figures",
        "Where the size of the test set is known, the interval spans all confusion tables whose figures print as "
        "these.",
        table(("Model", "Source", "Protocol", *figures), others),
    ]


def verdict(row: pd.Series) -> str:
    """Return what arithmetic says about a published row."""
    if row["impossible_as_printed"]:
        return f"**impossible as printed**: {accusation(row.to_dict())}"
    if row["meaning"] != MEANINGS[0]:
        return f"not of the hateful class: {row['meaning']}"
    return f"scored on {row['n']}, not {row['n_claimed']}" if row["n_differs"] else "possible as claimed"
