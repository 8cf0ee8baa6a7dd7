import re

import numpy as np
import pandas as pd
import pytest
from foxhound.evaluation.score_views import over_seeds
from foxhound.names import ALWAYS, DRAWS, STRATIFIED, TFIDF
from foxhound.replication.published import published_table
from foxhound.report.published_figures import recomputed_sections, verdict
from foxhound.report.score_tables import (
    BASELINE_HEADER,
    METRICS_HEADER,
    SCORE_HEADER,
    balancing_section,
    metric,
    over_clusters,
    picked_section,
    same_experiment,
    score_sections,
    seeds_cell,
)
from made_up import COMMENTS, LABELS, experiment, guesses, predictions, scored
from made_up_report import PICKED, PUBLISHED, SCORES, STANDINGS, standing, tables

ROWS, CHECKED = over_seeds(SCORES), published_table(PUBLISHED)
BY = "Compare by F1 at a chosen threshold: that of the baselines is beside the model."
ROW = {
    **{"family": "finetune", "architecture": "DistilBertForSequenceClassification", "epoch": 3, "part": "test"},
    **{"protocol_kind": DRAWS, "rebalance": "random", "train": 300},
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["distilbert-300-test"]),
        ({"part": "validation"}, ["distilbert-300-validation"]),
        ({"epoch": 6}, ["distilbert-300-eval-mode-test"]),
        ({"rebalance": "first", "train": 700}, ["distilbert-700"]),
        ({"rebalance": "none", "train": 700}, []),
        ({"protocol_kind": STRATIFIED, "rebalance": None, "train": pd.NA, "folds": 10}, []),
        ({"architecture": "DistilBertModel-first-token"}, []),
    ],
)
def test_a_published_result_is_matched_by_its_fields(changes, expected):
    row = pd.Series(ROW | changes)
    assert [result["id"] for _, result in CHECKED.iterrows() if same_experiment(row, result)] == expected


def test_title_models_have_no_published_figure():
    row = ROWS.query("embedding == 'bert' and epoch == 30").iloc[0].copy()
    assert any(same_experiment(row, result) for _, result in CHECKED.iterrows())
    row["context"] = "title"
    assert not any(same_experiment(row, result) for _, result in CHECKED.iterrows())


@pytest.mark.parametrize(("vectors", "found"), [("pretrained", ["lstm-word2vec-base-30"]), ("own", [])])
def test_published_word_vectors_were_pretrained(vectors, found):
    row = ROWS.query("embedding == 'word2vec' and epoch == 30").iloc[0].copy()
    row["vectors"] = vectors
    assert [result["id"] for _, result in CHECKED.iterrows() if same_experiment(row, result)] == found


def test_every_family_has_a_table_per_protocol_and_every_row_stands_in_one():
    sections = score_sections(ROWS, CHECKED, STANDINGS)
    assert sections[0] == "## All metrics" and sum(section.startswith("## ") for section in sections) == 1
    families = dict.fromkeys(part[4:].split(":")[0] for part in sections if part.startswith("### "))
    assert [*families] == ["LSTM on BERT embeddings", "LSTM on word2vec", "Fine-tuning on draws", "Baselines"]
    rows = [row for rows in tables("\n\n".join(sections)) for row in rows[1:]]
    assert len(rows) == len(ROWS)
    assert {len(row) for row in rows} == {len(SCORE_HEADER) + len(BASELINE_HEADER) + len(METRICS_HEADER) + 1}


def test_a_metric_that_was_not_scored_is_a_dash():
    ends = {f"f1{kind}{end}": None for kind in ("_cluster", "_user") for end in ("_low", "_high")}
    row = pd.Series({"f1": 0.612, "f1_low": 0.57, "f1_high": 0.653} | ends)
    assert [metric(row, "f1"), metric(None, "f1"), over_clusters(row, "_user")] == [".612 [.570, .653]", "–", "–"]
    known = pd.Series(row.to_dict() | {"f1_user_low": 0.5, "f1_user_high": 0.7})
    assert [over_clusters(known, kind) for kind in ("_user", "_cluster")] == [".612 [.500, .700]", "–"]


def test_only_several_seeds_have_a_spread():
    row = {"seeds": 3, "f1": 0.5, "f1_sd": 0.02, "f1_fixed_low": 0.46, "f1_fixed_high": 0.54}
    assert seeds_cell(pd.Series(row)) == "3: .500 ± .020; these models [.460, .540]"
    alone = {"f1_sd": np.nan, "f1_fixed_low": np.nan, "f1_fixed_high": np.nan}
    assert seeds_cell(pd.Series(row | {"seeds": 1} | alone)) == "1"


def test_folds_that_do_not_count_are_told():
    fold = np.arange(COMMENTS) % 4
    frame = predictions(guesses(4), label=np.where(fold == 1, 0, LABELS).astype(np.int8))
    _, heading, note, _ = score_sections(over_seeds(scored(frame)), CHECKED, STANDINGS[:0])
    assert heading.startswith("### Baselines: 4-fold")
    assert note == f"{BY} AUROC and average precision: mean of 3 of 4 folds; the others hold one class only."
    assert score_sections(over_seeds(scored(predictions(guesses(4)))), CHECKED, STANDINGS[:0])[2] == BY


def test_a_leakage_alarm_stands_over_every_score_it_is_about():
    frame = pd.concat([predictions(guesses(1, 0.5), "user-only"), predictions(guesses(4))])
    _, _, note, _ = score_sections(over_seeds(scored(frame)), CHECKED, STANDINGS[:0])
    assert re.match(
        rf"{re.escape(BY)} "
        r"\*\*Leakage alarm\*\*: user-only, which never reads a comment, has an AUROC of \.9\d\d \[.*\]\. "
        r"Leakage not checked by article-only, which did not run\.$",
        note,
    )


def test_the_impossible_row_is_called_so_and_no_other():
    rows = tables("\n\n".join(recomputed_sections(CHECKED, PUBLISHED)))[0]
    verdicts = {row[0]: row[-1] for row in rows}
    assert [name for name, text in verdicts.items() if "impossible" in text] == ["distilbert-100-50-lucky"]
    assert verdicts["bert-700-2"] == "scored on 172, not 170"
    assert verdicts["distilbert-100-validation"] == "possible as claimed"
    assert verdict(pd.Series(CHECKED.iloc[0].to_dict() | {"meaning": "macro average"})) == (
        "not of the hateful class: macro average"
    )


def test_second_hand_figures_are_marked():
    rows = tables("\n\n".join(recomputed_sections(CHECKED, PUBLISHED)))[1]
    assert sum("quoted second-hand" in row for row in rows) == len(PUBLISHED["prior_work"])


def test_random_and_first_balancing_stand_side_by_side():
    rows = tables("\n\n".join(balancing_section(ROWS)))[0][1:]
    assert [row[:2] for row in rows] == [
        ["700", "always-hateful"],
        *[["700", "finetune-bert"]] * 4,
        ["700", "tfidf-logistic"],
    ]
    for row in rows[1:5]:
        for place, protocol in ((-4, "balanced-random-700"), (-2, "balanced-first-700")):
            same = ROWS[ROWS["protocol"].eq(protocol) & ROWS["model"].eq("finetune-bert")]
            same = same[same["learning_rate"].eq(float(row[2])) & same["epoch"].eq(int(row[3]))]
            assert float(row[place].split()[0]) == pytest.approx(same["f1"].item(), abs=5e-4)
            assert row[place + 1] == "1, 2"
    assert balancing_section(ROWS[ROWS["protocol"] != "balanced-first-700"]) == []


def test_the_selection_optimism_of_an_epoch_is_shown():
    row = tables("\n\n".join(picked_section(PICKED)))[0][1]
    assert row == ["m|x", "–", "stratified-10", "1", "4 of 9", *[".500 [.500, .500]"] * 4]
    assert picked_section(PICKED.assign(part="validation")) == []


def test_baselines_are_shown_over_the_draws_of_the_row():
    """The baselines ran on two draws more; there they are perfect."""
    frame = experiment()
    base = frame[frame["fold_or_split"].eq("balanced-random-700/draw-1") & frame["model"].isin([TFIDF, ALWAYS])]
    more = [
        base.assign(fold_or_split=f"balanced-random-700/draw-{seed}", seed=seed, p_hateful=base["label"])
        for seed in (3, 4)
    ]
    frame = pd.concat([frame, *more], ignore_index=True)
    text = "\n\n".join(score_sections(over_seeds(scored(frame)), CHECKED, standing(frame)))
    tuned = text.split("### Fine-tuning on draws: Balanced at random")[1]
    two = ROWS[ROWS["protocol"].eq("balanced-random-700") & ROWS["model"].eq(TFIDF)]["f1"].item()
    assert "Compare by F1 at .5" in tuned
    assert tables(tuned)[0][1][len(SCORE_HEADER)].startswith(f"{two:.3f} ".lstrip("0"))
