import re

import numpy as np
import pandas as pd
from foxhound.evaluation.recommendation import recommend
from foxhound.evaluation.score_views import over_seeds
from foxhound.replication.claims import judge
from foxhound.report.cost_sections import Times
from foxhound.report.document import PICTURES, Answer, build_report, flat
from foxhound.report.score_tables import BASELINE_HEADER, METRICS_HEADER, PUBLISHED_HEADER, SCORE_HEADER
from made_up import misnamed, scored
from made_up_report import (
    COMMENTS,
    COMPARISONS,
    DUPLICATES,
    LADDER,
    LEAKS,
    PICKED,
    PUBLISHED,
    SCORES,
    STANDINGS,
    compared,
    standing,
    tables,
)

SOURCE = {
    "corpus": "fox-news", "asked_for": "fox-news", "origin": "https://example.org/a|b",
    "corrections": 0, "comments": 120, "hateful": 40, "articles": 3,
    "fallback": False, "reason": "", "group": "article", "counts_as_hateful": "1 or true in its column label",
}  # fmt: skip
MODELS = [{"model": "finetune-bert", "starts_from": "`minilm`"}, {"model": "x", "note": "a|b"}]
MODELS.append({"model": "w", "vectors": "own", "cleaning": "classic"})


CLAIMS = judge(
    [{"id": "loss", "claim": "It learned.", "tests": [{"kind": "loss-is-learned", "loss": "base"}]}],
    {},
    PUBLISHED,
    {},
    COMMENTS,
    100,
    0,
    0.03,
)
USED = {"jobs": [3, 1], "wall_s": [90.0, 1], "cpu_s": [60.0, 1], "longest_s": [40.0, 1], "peak_mb": [512.0, np.nan]}
ASKED = {
    "cores": 0.67,
    "asked_s": [3600, np.nan],
    "asked_mb": [2000, 1000],
    "asked_cores": [1, np.nan],
    "asked_gpu": [1, np.nan],
}
TIMES = Times(
    pd.DataFrame(USED | ASKED, index=["lstm", "column"]),
    pd.DataFrame({"runs": [3], "cpu_s": [60.0]}, index=["lstm|`odd`<b>"]),
)
KEEPABLE = {"tfidf-logistic": 1}
ANSWER = Answer(
    recommend(over_seeds(SCORES), COMPARISONS, KEEPABLE), {"tfidf-logistic": (1.0, 0.2, 1.5)}, "simplicity", KEEPABLE,
    "Ask it: `foxhound predict`.", "Made on 1 May 2026 by Foxhound 0.",
)  # fmt: skip
HEADER = (*SCORE_HEADER, *BASELINE_HEADER, *METRICS_HEADER, *PUBLISHED_HEADER)
WORDS = [{"vectors": "own", "dimensions": 100, "coverage": {"classic": {"different": 0.2, "running": 0.6}}}]
TABLES = {
    "scores": SCORES,
    "standings": STANDINGS,
    "comparisons": COMPARISONS,
    "claims": CLAIMS,
    "leaks": LEAKS,
    "picked": PICKED,
    "duplicates": DUPLICATES,
    "ladder": LADDER,
    "operating": pd.DataFrame(columns=["model", "protocol", "learning_rate", "rule"]),
    "answered": pd.DataFrame(columns=["model", "protocol", "learning_rate"]),
}
SHOWN = {name: f"figures/{name}.svg" for name in PICTURES}


MADE = {"python": "3.11", "versions": {"numpy": "2"}, "devices": ["cpu"]}


def report(tables=TABLES, published=PUBLISHED, shown=SHOWN, times=TIMES, **source) -> str:
    return build_report(tables, published, SOURCE | source, MADE, MODELS, shown, times, WORDS, ANSWER)


REPORT = report()


def scores_of(model: str, protocol: str) -> list[dict[str, str]]:
    parts = re.split(r"^#+ ", REPORT, flags=re.M)
    section = next(part for part in parts if f"(`{protocol}`), test part, n = " in part and f"| {model}" in part)
    return [dict(zip(HEADER, row, strict=True)) for row in tables(section)[0][1:] if row[0] == model]


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
    assert REPORT.splitlines()[0] == "# Hate-speech classifiers on fox-news"
    assert REPORT.splitlines()[2] == (
        "fox-news: 120 comments, 40 of them hateful (33.3 %), that is 1 or true in its column label. Made on 1 May 2026 by "
        "Foxhound 0."
    )
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
        "Minus TF-IDF",
        "F1, first",
        *BASELINE_HEADER,
    }
    checked = 0
    for header, *rows in tables(REPORT):
        for row in rows:
            for name, cell in zip(header, row, strict=True):
                if name in scored and cell != "–":
                    score = r"-?1?\.\d{2,3}"
                    assert re.fullmatch(rf"{score} (\[{score}, {score}\]|\(no interval: counts not published\))", cell)
                    checked += 1
    assert checked > 100


def test_a_row_shows_the_scores_table_and_its_baselines():
    row = scores_of("finetune-bert", "balanced-random-700")[0]
    over = SCORES[SCORES["seed"].isna() & (SCORES["protocol"] == "balanced-random-700")]
    one = over[(over["model"] == "finetune-bert") & (over["epoch"] == 2)]
    expected = next(values for _, values in one.iterrows() if values["settings"]["learning_rate"] == 2e-5)
    assert [row["Learning rate"], row["Epoch"]] == ["2e-5", "2"]
    assert row["F1"] == f"{expected.f1:.3f} [{expected.f1_low:.3f}, {expected.f1_high:.3f}]".replace("0.", ".")
    these = f"these models [{expected.f1_fixed_low:.3f}, {expected.f1_fixed_high:.3f}]"
    assert row["Seeds"] == f"2: {expected.f1:.3f} ± {expected.f1_sd:.3f}; {these}".replace("0.", ".")
    assert {row["Seeds"] for row in scores_of("lstm-bert-bidirectional-attention", "stratified-10")} == {"1"}
    for name, model in (
        ("TF-IDF logistic", "tfidf-logistic"),
        ("Always hateful", "always-hateful"),
    ):
        level = over[over["model"] == model]["f1"].item()
        assert row[name].startswith(f"{level:.3f} ".removeprefix("0"))


def test_collapsed_runs_are_counted():
    rates = {row["Learning rate"]: row["Collapsed runs"] for row in scores_of("finetune-bert", "balanced-first-700")}
    assert rates == {"2e-5": "0 of 2", "1e-4": "1 of 2"}


def test_published_figures_stand_beside_the_same_experiment():
    lstm = {
        row["Epoch"]: row["F1 published"] for row in scores_of("lstm-bert-bidirectional-attention", "stratified-10")
    }
    assert lstm == {"15": ".539 [.498, .580]", "30": ".514 [.471, .556]"}
    tuned = {row["Epoch"]: row["F1 published"][:4] for row in scores_of("finetune-bert", "balanced-random-700")}
    assert tuned == {"2": ".767", "3": ".737"}


def test_figures_are_embedded_and_provenance_is_listed():
    for name, (alt, caption) in PICTURES.items():
        # What a threshold does is shown of the recommended model, where there are such rows.
        assert (f"![{alt}](figures/{name}.svg)\n\n{caption}" in REPORT) == (name != "operating")
    assert "| versions.numpy | 2 |" in REPORT
    assert flat({"a": {"b": [1, 2]}}) == {"a.b": "1, 2"}


def test_a_figure_that_shows_nothing_is_left_out():
    assert "## More figures" in REPORT
    text = report(shown={"f1": "figures/f1.svg"})
    assert "## Every model" in text and "## More figures" not in text


def test_the_word_vectors_are_told():
    assert tables(section("Word vectors"))[0][1:] == [["own", "classic", "100", ".200", ".600"]]


def section(title: str) -> str:
    return next(part for part in re.split(r"^## ", REPORT, flags=re.M) if part.startswith(title))


def test_the_answer_comes_first_and_the_published_experiment_after_the_figures():
    titles = re.findall(r"^## (.*)$", REPORT, flags=re.M)
    assert titles[:4] == ["Which model to take", "Leaderboard", "Every model", "More figures"]
    assert titles.index("The published experiment") > 3
    assert titles.index("All metrics") > titles.index("Which models differ")
    assert tables(section("The published experiment"))[0][1] == ["It learned.", "–", "858.49", "fails"]


def test_on_another_corpus_nothing_is_said_of_the_published_experiment():
    without = {name: table for name, table in TABLES.items() if name != "claims"}
    text = report(without, None, group="thread", corpus="mine")
    assert "ublished" not in text
    assert not re.search(r"(?<![\w/-])articles?(?![\w-])", text)
    assert "article-only" in text and "threads" in text
    assert "858.49" in REPORT and "858.49" not in text


def test_the_cost_of_each_stage_and_of_each_model_is_listed():
    stages, models = tables(section("What it cost"))
    lstm, column = stages[1:]
    assert models[1:] == [["lstm|`odd`<b>", "3", "1.0", "20.0"]]
    assert lstm == ["lstm", "3", "1.5", "1.0", "40 / 3600", "512 / 2000", "0.7 / 1", "1"]
    assert column[4:] == ["1 / –", "– / 1000", "0.7 / –", "–"]


def test_a_report_that_is_made_where_no_benchmarks_are_says_so():
    text = report(times=None)
    assert "## What it cost\n\nThe report was made where no job's benchmark file was." in text


def test_protocols_with_misleading_names_are_described_rightly():
    frame, protocols = misnamed()
    scores = scored(frame, protocols=protocols)
    some = TABLES | {"scores": scores, "standings": standing(frame, protocols)}
    some |= {"comparisons": compared(frame, protocols)}
    text = report(some)
    folds, draws = (
        "4-fold cross-validation (`balanced-random-700`)",
        "Balanced at random, 700 training comments (`alpha`)",
    )
    headings = [line for line in text.splitlines() if line.startswith("### ")]
    assert {f"### {folds}, test part", "### 3 folds of whole articles (`beta`), test part"} <= {*headings}
    metrics = {heading: tables(part)[0][1:] for heading, part in pairs(text)}
    tuned = metrics[f"Fine-tuning on draws: {draws}, test part, n = 80"]
    assert not any(heading.startswith("Fine-tuning under folds") for heading in metrics)
    place = HEADER.index("F1 published")
    assert {row[2]: row[place][:4] for row in tuned if row[0] == "finetune-bert"} == {"2": ".767", "3": ".737"}
    lstm = metrics[f"LSTM on BERT embeddings: {folds}, test part, n = 120"]
    assert [row[place] for row in lstm] == [".539 [.498, .580]", ".514 [.471, .556]"]
    balancing = tables(text.split("## Balancing: random or first")[1])[0]
    assert [row[:2] for row in balancing[1:3]] == [["700", "always-hateful"], ["700", "finetune-bert"]]
    assert len(balancing) == 1 + 2 + 4


def pairs(text: str) -> list[tuple[str, str]]:
    """Return the headings of all metrics, each with what stands under it."""
    metrics = text.split("## All metrics")[1].split("\n## ")[0]
    return [(part.partition("\n")[0], part) for part in re.split(r"^### ", metrics, flags=re.M)[1:]]


def test_what_is_odd_about_the_corpus_is_told():
    said = report(notes=["30 texts stand in several rows", "line 7: byte 0xFF <b>"])
    assert (
        "- 30 texts stand in several rows\n- line 7: byte 0xFF &#60;b&#62;"
        in said.partition("## Corpus")[2].partition("\n## ")[0]
    )
    assert "several rows" not in REPORT
