"""Write the report's tables of scores: ours by family and protocol, and the published ones."""

from typing import cast

import pandas as pd

from foxhound.evaluation.score_views import baseline_row, protocol_titles, rate_text, standing_rows
from foxhound.evaluation.scoring import ARTICLES, FIXED, USERS
from foxhound.markdown import NOTHING, escape, number, table, with_interval
from foxhound.names import ALWAYS, DRAWS, MEASURE_WORDS, STRATIFIED, TFIDF
from foxhound.report.leak_alarms import alarm_sentence, leak_alarms

METRICS_TITLE = "All metrics"
SCORE_HEADER = ("Model", "Learning rate", "Epoch")
METRICS_HEADER = (
    *("Accuracy", "Precision", "Recall", "F1", "F1, interval over users"),
    *("F1, interval over articles", "Seeds", "F1, threshold chosen", "Macro F1", "AUROC", "Average precision"),
    *("Brier", "ECE", "Collapsed runs"),
)
PUBLISHED_HEADER = ("F1 published",)
BASELINE_HEADER = ("TF-IDF logistic", "Always hateful")


def score_sections(rows: pd.DataFrame, checked: pd.DataFrame | None, standings: pd.DataFrame) -> list[str]:
    """Return the section of all metrics: a table per family, protocol and part.

    Beside each model stand the two baselines in the primary measure, over the same draws as the row.

    Args:
        rows: what `over_seeds` returns.
        checked: what `published_table` returns; None on another corpus than the published one.
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
    published = PUBLISHED_HEADER if checked is not None else ()
    header = (*SCORE_HEADER, *BASELINE_HEADER, *METRICS_HEADER, *published)
    sections = []
    for title, chosen in families.items():
        for name, group in rows[chosen].groupby(["protocol", "part"]):
            protocol, part = cast(tuple[str, str], name)
            group = group.sort_values(["model", "learning_rate", "epoch"])
            primary = group["primary"].iloc[0]
            cells = []
            for _, row in group.iterrows():
                beside = [baseline_row(standing, protocol, part, model, row["draws"]) for model in (TFIDF, ALWAYS)]
                names, scores = score_cells(row, checked)
                cells.append([*names, *(metric(baseline, primary) for baseline in beside), *scores])
            by = f"Compare by {MEASURE_WORDS[primary]}: that of the baselines is beside the model."
            notes = [by, ranking_note(group), alarm_note(rows, protocol, part)]
            sections += [
                f"### {title}: {titles[protocol]}, {escape(part)} part, n = {group['n'].max():.0f}",
                " ".join(filter(None, notes)),
                table(header, cells),
            ]
    return [f"## {METRICS_TITLE}", *sections] if sections else []


def metric(row: pd.Series | None, name: str) -> str:
    """Return a metric of a row of scores with its interval; a dash where there is no such row or no such metric."""
    return NOTHING if row is None else with_interval(row[name], row[f"{name}_low"], row[f"{name}_high"])


def score_cells(row: pd.Series, checked: pd.DataFrame | None) -> tuple[list[str], list[str]]:
    """Return what a row over seeds is of, and its scores with the published figure, if there are any."""
    published = []
    if checked is not None:
        figures = [metric(result, "f1") for _, result in checked.iterrows() if same_experiment(row, result)]
        published = ["; ".join(figures) or NOTHING]
    names = [
        escape(row["model"]),
        rate_text(row["learning_rate"]),
        str(row["epoch"]) if row["epoch"] else NOTHING,
    ]
    return names, [
        *(metric(row, name) for name in ("accuracy", "precision", "recall", "f1")),
        *(over_clusters(row, kind) for kind in (USERS, ARTICLES)),
        seeds_cell(row),
        *(metric(row, name) for name in ("f1_tuned", "macro_f1", "auroc", "average_precision", "brier", "ece")),
        f"{int(row['collapsed_runs'])} of {row['seeds']}",
        *published,
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
    """Return F1 at .5 under random balancing beside that under `first`, and over which draws."""
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
        "Random non-hateful comments, or the first ones in file order. The first come from few articles, so that the "
        "article reveals the label: compare the baseline article-only, which never reads a comment."
    )
    header = ("Training comments", "Model", "Learning rate", "Epoch")
    return [
        "## Balancing: random or first",
        about,
        table((*header, "F1, random", "Draws", "F1, first", "Draws"), cells),
    ]


def picked_section(picked: pd.DataFrame) -> list[str]:
    """Return the selection optimism of choosing the epoch on the scored comments."""
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
        "What picking the epoch by its score on the test set adds to a score. Beside F1 at the last epoch stand F1 at "
        "the epoch that is best on the scored comments themselves, and F1 where each fold (or draw) takes the epoch "
        "that is best on the others. The difference of these two is the selection optimism of picking on the test set, "
        "and a little more, as the others are fewer; with fewer than five folds or draws it is not shown. All at a "
        "threshold of .5."
    )
    header = ("Model", "Learning rate", "Protocol", "Seeds", "Best epoch", "F1, last epoch")
    picked_header = ("F1, picked on the test set", "F1, picked elsewhere", "Selection optimism")
    return ["## Selection optimism", about, table((*header, *picked_header), cells)]
