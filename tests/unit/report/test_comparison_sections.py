import pandas as pd
import pytest
from foxhound.evaluation.score_views import over_seeds
from foxhound.report.comparison_sections import (
    compared_pairs,
    comparison_sections,
    difference,
    ranked_models,
    shared_letters,
)
from made_up_report import COMPARISONS, SCORES, tables

ROWS = over_seeds(SCORES)
SECTIONS = comparison_sections(COMPARISONS, ROWS)


def test_models_without_a_significant_difference_share_a_letter():
    rows = {row[0]: row[1:] for row in tables(SECTIONS[-1])[0][1:]}
    pairs = COMPARISONS[COMPARISONS["protocol"] == "stratified-10"]
    assert len(rows) == 4
    for pair in pairs.itertuples():
        shared = set(rows[pair.model_a][1]) & set(rows[pair.model_b][1])
        assert bool(shared) == (pair.p_adjusted > 0.05)
    assert (pairs["p_adjusted"] <= 0.05).any()


def test_the_best_model_comes_first_beside_its_difference_to_each_baseline():
    assert [section for section in SECTIONS if section.startswith("###")] == [
        "### Balanced with the first non-hateful comments, 700 training comments (`balanced-first-700`), test part",
        "### Balanced at random, 700 training comments (`balanced-random-700`), test part",
        "### 4-fold cross-validation (`stratified-10`), test part",
    ]
    rows = {row[0]: row[1:] for row in tables(SECTIONS[-1])[0][1:]}
    f1 = [float(row[0].split()[0]) for row in rows.values()]
    assert f1 == sorted(f1, reverse=True)
    pairs = COMPARISONS[COMPARISONS["protocol"] == "stratified-10"]
    pair = pairs[(pairs["model_a"] == "always-hateful") & (pairs["model_b"] == "tfidf-logistic")].iloc[0]
    assert float(rows["tfidf-logistic"][3].split()[0]) == pytest.approx(pair["difference"], abs=5e-4)
    assert float(rows["always-hateful"][2].split()[0]) == pytest.approx(-pair["difference"], abs=5e-4)
    assert rows["tfidf-logistic"][2] == "–"


def test_a_difference_turns_with_its_sides():
    pair = {"model_a": "x", "model_b": "y", "difference": 0.054, "difference_low": 0.012, "difference_high": 0.101}
    assert difference(pair | {"p_adjusted": 0.031}, "y") == ".054 [.012, .101], p .031"
    assert difference(pair | {"p_adjusted": 0.031}, "x") == "-.054 [-.101, -.012], p .031"
    assert difference(None, "x") == "–"


def test_models_are_ranked_at_their_last_epoch_with_the_names_of_the_comparisons():
    models = ranked_models(ROWS, "balanced-random-700", "test", by="auroc")
    assert models["auroc"].is_monotonic_decreasing
    pairs = COMPARISONS[COMPARISONS["protocol"] == "balanced-random-700"]
    assert set(models["name"]) == {*pairs["model_a"], *pairs["model_b"]}
    assert set(models["epoch"]) == {0, 3}


def test_pairs_and_letters_by_hand():
    rows = [("a", "b", 0.2), ("a", "c", 0.01), ("b", "c", 0.05001)]
    table = pd.DataFrame(rows, columns=["model_a", "model_b", "p_adjusted"]).assign(protocol="p", part="test")
    pairs = compared_pairs(pd.concat([table, table.assign(part="validation", p_adjusted=0)]), "p", "test")
    assert {tuple(sorted(pair)): row["p_adjusted"] for pair, row in pairs.items()} == {
        ("a", "b"): 0.2, ("a", "c"): 0.01, ("b", "c"): 0.05001,
    }  # fmt: skip
    assert shared_letters(["a", "b", "c"], pairs) == {"a": "a", "b": "ab", "c": "b"}


def test_a_model_that_is_not_in_every_pair_has_a_question_mark():
    some = COMPARISONS[COMPARISONS["protocol"].eq("stratified-10") & COMPARISONS["model_a"].ne("always-hateful")]
    rows = {row[0]: row[2] for row in tables(comparison_sections(some, ROWS)[-1])[0][1:]}
    assert all(mark.endswith("?") for mark in rows.values())
    assert comparison_sections(COMPARISONS.iloc[:0], ROWS) == []
