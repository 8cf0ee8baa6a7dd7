import re

import numpy as np
import pandas as pd
import pytest
from foxhound.evaluation.score_views import over_seeds
from foxhound.names import DRAWS, STRATIFIED
from foxhound.replication.claims import judge
from foxhound.replication.published import published_table
from foxhound.report.document import PICTURES, build_report, flat
from foxhound.report.leak_sections import leak_sections
from foxhound.report.score_tables import SCORE_HEADER, same_experiment
from made_up import IDS, LABELS, guesses, misnamed, predictions, scored
from made_up_report import COMPARISONS, PUBLISHED, SCORES, compared, tables

SOURCE = {
    "corpus": "fox-news", "asked_for": "fox-news", "origin": "https://example.org/a|b",
    "corrections": 0, "comments": 120, "hateful": 40, "articles": 3,
    "fallback": False, "reason": "",
}  # fmt: skip
MODELS = [{"model": "finetune-bert", "starts_from": "`minilm`"}, {"model": "x", "note": "a|b"}]


LEAKS = pd.DataFrame(
    [
        ("stratified-10", "fold-01", IDS[0], "test", IDS[1], 1.0),
        ("stratified-10", "fold-02", IDS[1], "test", IDS[0], 1.0),
        ("stratified-10", "fold-02", IDS[5], "test", IDS[9], 0.85),
        ("balanced-first-700", "draw-1", IDS[5], "test", IDS[9], 0.85),
        ("balanced-first-700", "draw-2", IDS[6], "test", IDS[9], 0.9),
    ],
    columns=["protocol", "partition", "id", "part", "train_id", "similarity"],
)
PICKED = pd.DataFrame(
    {
        **{"protocol": "stratified-10", "part": "test", "model": "m|x", "learning_rate": None, "seeds": 1},
        **{"epoch_best": [4], "epoch_last": 9},
        **{
            f"{name}{end}": 0.5
            for name in ("f1_last", "f1_best", "f1_elsewhere", "optimism")
            for end in ("", "_low", "_high")
        },
    }
)
CLAIMS = judge(
    [{"id": "loss", "claim": "It learned.", "tests": [{"kind": "loss-is-learned", "loss": "base"}]}],
    {},
    PUBLISHED,
    100,
    0,
)
USED = {"jobs": [3, 1], "wall_s": [90.0, 1], "cpu_s": [60.0, 1], "longest_s": [40.0, 1], "peak_mb": [512.0, np.nan]}
ASKED = {
    "cores": 0.67,
    "asked_s": [3600, np.nan],
    "asked_mb": [2000, 1000],
    "asked_cores": [1, np.nan],
    "asked_gpu": [1, np.nan],
}
TIMES = pd.DataFrame(USED | ASKED, index=["lstm", "column"])
TABLES = {"scores": SCORES, "comparisons": COMPARISONS, "claims": CLAIMS, "leaks": LEAKS, "picked": PICKED}
SHOWN = {name: f"figures/{name}.svg" for name in PICTURES}


def report(**source) -> str:
    made = {"python": "3.11", "versions": {"numpy": "2"}, "devices": ["cpu"]}
    return build_report(TABLES, PUBLISHED, SOURCE | source, made, MODELS, SHOWN, TIMES)


REPORT = report()


def scores_of(model: str, protocol: str) -> list[dict[str, str]]:
    parts = re.split(r"^#+ ", REPORT, flags=re.M)
    section = next(part for part in parts if f"(`{protocol}`), test part, n = " in part and f"| {model}" in part)
    return [dict(zip(SCORE_HEADER, row, strict=True)) for row in tables(section)[0][1:] if row[0] == model]


def test_every_table_renders_with_whole_rows():
    found = tables(REPORT)
    assert len(found) == REPORT.count("| :---")
    assert all(len(row) == len(rows[0]) for rows in found for row in rows)


def test_names_from_data_come_out_as_they_went_in():
    cells = {cell for rows in tables(REPORT) for row in rows for cell in row}
    assert {"lstm|`odd`<b>", "https://example.org/a|b", "`minilm`", "a|b"} <= cells
    assert "<b>" not in REPORT


def test_the_first_line_warns_of_a_fallback_and_only_then():
    first = report(fallback=True, corpus="demo", reason="no <network>").splitlines()[0]
    assert first.startswith("**WARNING: these are NOT scores on fox-news")
    assert "no &#60;network&#62;" in first
    assert REPORT.splitlines()[0] == "# Foxhound report"
    assert "WARNING" not in REPORT


def test_no_score_stands_without_its_interval():
    scored = {
        "Accuracy",
        "Precision",
        "Recall",
        "F1",
        "AUROC",
        "F1 published",
        "F1, random",
        "F1, first",
        *SCORE_HEADER[-2:],
    }
    checked = 0
    for header, *rows in tables(REPORT):
        for row in rows:
            for name, cell in zip(header, row, strict=True):
                if name in scored and cell != "–":
                    assert re.fullmatch(
                        r"1?\.\d{3} (\[1?\.\d{3}, 1?\.\d{3}\]|\(no interval: counts not published\))", cell
                    )
                    checked += 1
    assert checked > 100


def test_a_row_shows_the_scores_table_and_its_yardsticks():
    row = scores_of("finetune-bert", "balanced-random-700")[0]
    over = SCORES[SCORES["seed"].isna() & (SCORES["protocol"] == "balanced-random-700")]
    one = over[(over["model"] == "finetune-bert") & (over["epoch"] == 2)]
    expected = next(values for _, values in one.iterrows() if values["settings"]["learning_rate"] == 2e-5)
    assert [row["Rate"], row["Epoch"]] == ["2e-5", "2"]
    assert row["F1"] == f"{expected.f1:.3f} [{expected.f1_low:.3f}, {expected.f1_high:.3f}]".replace("0.", ".")
    assert row["F1 over seeds: mean ± sd"] == f"{expected.f1:.3f} ± {expected.f1_sd:.3f} (2 seeds)".replace("0.", ".")
    for name, model in (
        ("F1 of TF-IDF logistic", "tfidf-logistic"),
        ("F1 of always hateful", "always-hateful"),
    ):
        level = over[over["model"] == model]["f1"].item()
        assert row[name].startswith(f"{level:.3f} ".removeprefix("0"))


def test_collapsed_runs_are_counted():
    rates = {row["Rate"]: row["Collapsed runs"] for row in scores_of("finetune-bert", "balanced-first-700")}
    assert rates == {"2e-5": "0 of 2", "1e-4": "1 of 2"}


def test_published_figures_stand_beside_the_same_experiment():
    lstm = {
        row["Epoch"]: row["F1 published"] for row in scores_of("lstm-bert-bidirectional-attention", "stratified-10")
    }
    assert lstm == {"15": ".539 [.498, .580]", "30": ".514 [.471, .556]"}
    tuned = {row["Epoch"]: row["F1 published"][:4] for row in scores_of("finetune-bert", "balanced-random-700")}
    assert tuned == {"2": ".767", "3": ".737"}


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
    checked = published_table(PUBLISHED)
    row = pd.Series(ROW | changes)
    assert [one["id"] for _, one in checked.iterrows() if same_experiment(row, one)] == expected


def test_title_models_have_no_published_figure():
    row = over_seeds(SCORES).query("embedding == 'bert' and epoch == 30").iloc[0].copy()
    checked = published_table(PUBLISHED)
    assert any(same_experiment(row, one) for _, one in checked.iterrows())
    row["context"] = "title"
    assert not any(same_experiment(row, one) for _, one in checked.iterrows())


def test_the_impossible_row_is_called_so_and_no_other():
    verdicts = {row[0]: row[-1] for rows in tables(REPORT) for row in rows if rows[0][-1] == "Verdict"}
    assert [name for name, text in verdicts.items() if "impossible" in text] == ["distilbert-100-50-lucky"]
    assert verdicts["bert-700-2"] == "scored on 172, not 170"
    assert verdicts["distilbert-100-validation"] == "possible as claimed"


def test_second_hand_figures_are_marked():
    prior = [row for rows in tables(REPORT) for row in rows if "quoted second-hand" in row]
    assert len(prior) == len(PUBLISHED["prior_work"])


def test_random_and_first_balancing_stand_side_by_side():
    section = REPORT.split("## Balancing: random or first")[1]
    assert tables(section)[0][1][:2] == ["700", "always-hateful"]
    assert len(tables(section)[0]) == 1 + 2 + 4


def test_figures_are_embedded_and_provenance_is_told():
    for name, (alt, caption) in PICTURES.items():
        assert f"![{alt}](figures/{name}.svg)\n\n{caption}" in REPORT
    assert "| versions.numpy | 2 |" in REPORT
    assert flat({"a": {"b": [1, 2]}}) == {"a.b": "1, 2"}


def test_models_that_cannot_be_told_apart_share_a_letter():
    section = REPORT.split("## Which models differ")[1].split("\n## ")[0]
    assert len(tables(section)) == 3
    rows = {row[0]: row[1:] for row in tables(section)[-1][1:]}
    assert next(iter(rows)) == max(rows, key=lambda name: float(rows[name][0].split()[0]))
    pairs = COMPARISONS[COMPARISONS["protocol"] == "stratified-10"]
    assert len(rows) == 4
    for pair in pairs.itertuples():
        shared = set(rows[pair.model_a][1]) & set(rows[pair.model_b][1])
        assert bool(shared) == (pair.p_adjusted > 0.05)
    assert (pairs["p_adjusted"] <= 0.05).any()
    one = pairs[(pairs["model_a"] == "always-hateful") & (pairs["model_b"] == "tfidf-logistic")].iloc[0]
    for name, sign in (("tfidf-logistic", 1), ("always-hateful", -1)):
        other = rows[name][3 if sign > 0 else 2]
        assert float(other.split()[0]) == pytest.approx(sign * one["difference"], abs=5e-4)
    assert rows["tfidf-logistic"][2] == "–"


def section(title: str) -> str:
    return next(part for part in re.split(r"^## ", REPORT, flags=re.M) if part.startswith(title))


def test_verdicts_come_first():
    assert REPORT.index("## Verdicts") < REPORT.index("## At a glance") < REPORT.index("## Baselines")
    assert tables(section("Verdicts"))[0][1] == ["It learned.", "–", "858.49", "fails"]


def test_near_duplicates_are_counted_over_folds_and_averaged_over_draws():
    rows = {row[0]: row for row in tables(section("Leaks"))[0]}
    assert rows["stratified-10, test"][-2:] == ["2 (1.7 %)", "1 (0.8 %)"]
    assert rows["balanced-first-700, test"][-2:] == ["none", "1 (1.2 %)"]
    assert rows["balanced-random-700, test"][-2:] == ["none", "none"]
    assert f"{IDS[0]} and {IDS[1]} (same)" in section("Leaks")


def test_the_alarm_rings_where_the_article_gives_the_label_away():
    frame = predictions(np.where(LABELS == 1, 0.9, 0.1).astype(np.float32), "article-only")
    other = predictions(guesses(1, skill=0), "user-only")
    rows = over_seeds(scored(pd.concat([frame, other]), 50))
    row = tables("\n\n".join(leak_sections(rows, LEAKS)))[0][1]
    assert row[4] == "rings: article-only"


def test_what_picking_an_epoch_makes_up_is_shown():
    row = tables(section("What picking an epoch is worth"))[0][1]
    assert row[:5] == ["m|x", "–", "stratified-10", "1", "4 of 9"]


def test_the_cost_of_each_stage_is_told():
    lstm, column = tables(section("What it cost"))[0][1:]
    assert lstm == ["lstm", "3", "1.5", "1.0", "40 / 3600", "512 / 2000", "0.7 / 1", "1"]
    assert column[4:] == ["1 / –", "– / 1000", "0.7 / –", "–"]


def test_a_report_that_is_made_where_no_benchmarks_are_says_so():
    text = build_report(TABLES, PUBLISHED, SOURCE, {}, MODELS, SHOWN, TIMES[:0])
    assert "## What it cost\n\nNo job's benchmark file was where the report was made." in text


def test_protocols_with_misleading_names_are_described_rightly():
    frame, protocols = misnamed()
    scores = scored(frame, protocols=protocols)
    some = TABLES | {"scores": scores, "comparisons": compared(frame)}
    text = build_report(some, PUBLISHED, SOURCE, {}, MODELS, SHOWN, TIMES)
    folds, draws = (
        "4-fold cross-validation (`balanced-random-700`)",
        "Balanced at random, 700 training comments (`alpha`)",
    )
    headings = {line for line in text.splitlines() if line.startswith("#")}
    assert {
        f"### {folds}, test part, n = 120",
        f"### {draws}, test part, n = 80",
        f"### {folds}, test part",
    } <= headings
    assert "### 3 folds of whole articles (`beta`), test part" in headings
    tuned = text.split("## Fine-tuning on draws")[1].split("\n## ")[0]
    assert draws in tuned and "## Fine-tuning under folds" not in text
    figures = {row[2]: row[-3][:4] for row in tables(tuned)[0][1:] if row[0] == "finetune-bert"}
    assert figures == {"2": ".767", "3": ".737"}
    lstm = text.split("## LSTM on BERT embeddings")[1].split("\n## ")[0]
    assert [row[-3] for row in tables(lstm)[0][1:]] == [".539 [.498, .580]", ".514 [.471, .556]"]
    balancing = tables(text.split("## Balancing: random or first")[1])[0]
    assert [row[:2] for row in balancing[1:3]] == [["700", "always-hateful"], ["700", "finetune-bert"]]
    assert len(balancing) == 1 + 2 + 4
