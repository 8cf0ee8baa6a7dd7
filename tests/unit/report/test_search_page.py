from foxhound.report.search_page import search_report
from foxhound.workflow.job_costs import run_minutes, stage_times
from made_up import experiment, misnamed, scored
from made_up_report import COMPARISONS, STANDINGS, compared, standing, tables

REFERENCE = "tfidf-logistic"
SCORES = scored(experiment())
MADE_OF = {"lstm-bert-bidirectional-attention": "a, b|c"}
MINUTES = {("lstm-bert-bidirectional-attention", "stratified-10"): 1.24}
TEXT = search_report(SCORES, STANDINGS, COMPARISONS, REFERENCE, MADE_OF, MINUTES)


def rows() -> dict[str, list[str]]:
    return {row[0]: row for one in tables(TEXT) for row in one[1:]}


def test_every_model_is_there_best_first():
    for one in tables(TEXT):
        found = [float(row[3].split()[0]) for row in one[1:]]
        assert found == sorted(found, reverse=True)
    assert {name.split(",")[0] for name in rows()} == set(SCORES["model"])


def test_a_model_is_compared_with_the_reference_and_the_reference_with_nothing():
    assert rows()[REFERENCE][-2] == "–"
    assert any(", p " in row[-2] for name, row in rows().items() if name != REFERENCE)
    assert f"Minus {REFERENCE}" in TEXT


def test_what_a_model_is_made_of_and_took_stands_beside_it():
    row = rows()["lstm-bert-bidirectional-attention"]
    assert row[1] == "a, b|c"
    assert row[-1] == "1.2"
    assert rows()[REFERENCE][-1] == "–"


def test_the_minutes_of_a_run_are_the_mean_over_its_jobs(tmp_path):
    for place, seconds in (("lstm/m/p/fold-01/seed-1", 60), ("lstm/m/p/fold-02/seed-1", 120), ("scores", 600)):
        file = tmp_path / f"{place}.tsv"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"s\tcpu_time\tmax_rss\n1\t{seconds}\t5\n")
    assert run_minutes(tmp_path) == {("m", "p"): 1.5}
    assert stage_times(tmp_path).loc["lstm", ["jobs", "cpu_s"]].tolist() == [2, 180]


def test_protocols_with_misleading_names_are_described_rightly():
    frame, protocols = misnamed()
    tables_of = scored(frame, protocols=protocols), standing(frame, protocols), compared(frame, protocols)
    text = search_report(*tables_of, REFERENCE, {}, {})
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## Balanced at random, 700 training comments (`alpha`), n = 80, draws 1, 2",
        "## 4-fold cross-validation (`balanced-random-700`), n = 120",
        "## 3 folds of whole articles (`beta`), n = 120",
        "## Balanced with the first non-hateful comments, 700 training comments (`stratified-5`), n = 80, draws 1, 2",
    ]
