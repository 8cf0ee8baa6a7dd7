import pandas as pd
import pytest
from foxhound.evaluation.comparisons import KNOW_NOTHING, MODELS
from foxhound.evaluation.pairs import compared_pairs, shared_letters
from foxhound.evaluation.score_views import over_seeds, standing_rows
from foxhound.report.comparison_sections import (
    comparison_sections,
    difference,
    more_comments,
    nearest_to_a_decision,
    ranked_models,
    what_would_decide,
)
from made_up import experiment, scored
from made_up_report import COMPARISONS, SCORES, STANDINGS, compared, standing, tables

ROWS = over_seeds(SCORES)
STANDING = standing_rows(ROWS, STANDINGS)
SECTIONS = comparison_sections(COMPARISONS, ROWS, STANDINGS)
LAST = [section for section in SECTIONS if section.startswith("|")][-1]
CAPTIONS = [section for section in SECTIONS if section.startswith("By ")]


def test_models_without_a_significant_difference_share_a_letter():
    rows = {row[0]: row[1:] for row in tables(LAST)[0][1:]}
    pairs = COMPARISONS[COMPARISONS["protocol"] == "stratified-10"]
    assert len(rows) == 4
    real = pairs[pairs["family"] == MODELS]
    for pair in real.itertuples():
        shared = set(rows[pair.model_a][1]) & set(rows[pair.model_b][1])
        assert bool(shared) == (pair.p_adjusted > 0.05)
    assert len(real) == 3
    assert rows["always-hateful"][1] == "–"


def test_the_best_model_comes_first_beside_its_difference_to_each_baseline():
    assert [section for section in SECTIONS if section.startswith("###")] == [
        "### Balanced with the first non-hateful comments, 700 training comments (`balanced-first-700`), test part, "
        "draws 1, 2",
        "### Balanced at random, 700 training comments (`balanced-random-700`), test part, draws 1, 2",
        "### 4-fold cross-validation (`stratified-10`), test part",
    ]
    header, *rows = tables(LAST)[0]
    assert header == ["Model", "F1 at a chosen threshold", "No significant difference", "F1 at .5", "AUROC",
                      "Average precision", "Minus TF-IDF logistic", "Minus always hateful",
                      "More labelled comments to tell it from the first"]  # fmt: skip
    primary = [float(row[1].split()[0]) for row in rows]
    assert primary == sorted(primary, reverse=True)
    shown = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    over = SCORES[SCORES["seed"].isna() & SCORES["protocol"].eq("stratified-10")].set_index("model")
    assert shown["tfidf-logistic"]["F1 at .5"].startswith(f"{over.loc['tfidf-logistic', 'f1']:.3f} ".lstrip("0"))
    pairs = COMPARISONS[COMPARISONS["protocol"] == "stratified-10"]
    pair = pairs[(pairs["model_a"] == "always-hateful") & (pairs["model_b"] == "tfidf-logistic")].iloc[0]
    assert float(shown["tfidf-logistic"]["Minus always hateful"].split()[0]) == pytest.approx(
        pair["difference"], abs=5e-4
    )
    assert float(shown["always-hateful"]["Minus TF-IDF logistic"].split()[0]) == pytest.approx(
        -pair["difference"], abs=5e-4
    )
    assert shown["tfidf-logistic"]["Minus TF-IDF logistic"] == "–"


def test_each_table_says_by_what_it_compares_and_over_what():
    assert CAPTIONS[-1].startswith("By F1 at a chosen threshold: the threshold is chosen on other comments than")
    assert CAPTIONS[-1].endswith("120 comments of 60 users.")
    assert CAPTIONS[0].startswith("By F1 at .5: these draws have no validation part to choose a threshold on, and they")
    assert CAPTIONS[0].endswith("80 comments of 40 users, draws 1, 2.")
    first = next(section for section in SECTIONS if section.startswith("|"))
    assert tables(first)[0][0][:4] == ["Model", "F1 at .5", "No significant difference", "AUROC"]


def test_models_are_ranked_over_the_draws_that_they_share():
    """One model ran on two draws more, where it was perfect: its F1 over its own draws is no rank among the others."""
    frame = experiment()
    more = [frame[frame["fold_or_split"].eq("balanced-random-700/draw-1") & frame["model"].eq("tfidf-logistic")].assign(
        fold_or_split=f"balanced-random-700/draw-{seed}", seed=seed, p_hateful=lambda rows: rows["label"])
        for seed in (3, 4)]  # fmt: skip
    frame = pd.concat([frame, *more], ignore_index=True)
    scores = over_seeds(scored(frame))
    sections = comparison_sections(compared(frame), scores, standing(frame))
    (place,) = [place for place, text in enumerate(sections) if "(`balanced-random-700`), test part" in text]
    rows = {row[0]: row[1] for row in tables(sections[place + 2])[0][1:]}
    own = scores[scores["protocol"].eq("balanced-random-700") & scores["model"].eq("tfidf-logistic")].iloc[0]
    two = ROWS[ROWS["protocol"].eq("balanced-random-700") & ROWS["model"].eq("tfidf-logistic")].iloc[0]
    assert own["draws"] == "1 to 4"
    assert own["f1"] > two["f1"] + 0.2
    assert rows["tfidf-logistic"].startswith(f"{two['f1']:.3f} ".lstrip("0"))


def test_a_difference_turns_with_its_sides():
    pair = {"model_a": "x", "model_b": "y", "difference": 0.054, "difference_low": 0.012, "difference_high": 0.101}
    assert difference(pair | {"p_adjusted": 0.031}, "y") == ".054 [.012, .101], p .031"
    assert difference(pair | {"p_adjusted": 0.031}, "x") == "-.054 [-.101, -.012], p .031"
    assert difference(None, "x") == "–"


def test_models_are_ranked_at_their_last_epoch_with_the_names_of_the_comparisons():
    models = ranked_models(STANDING, "balanced-random-700", "test", "1, 2")
    assert models["f1"].is_monotonic_decreasing
    pairs = COMPARISONS[COMPARISONS["protocol"] == "balanced-random-700"]
    assert set(models["name"]) == {*pairs["model_a"], *pairs["model_b"]}
    assert set(models["epoch"]) == {0, 3}


def test_pairs_and_letters_by_hand():
    rows = [("a", "b", 0.2, MODELS), ("a", "c", 0.01, MODELS), ("b", "c", 0.05001, MODELS), ("a", "d", 0, KNOW_NOTHING)]
    table = pd.DataFrame(rows, columns=["model_a", "model_b", "p_adjusted", "family"])
    table = table.assign(protocol="p", part="test", draws="")
    other = [table.assign(part="validation", p_adjusted=0), table.assign(draws="1, 2", p_adjusted=0)]
    pairs = compared_pairs(pd.concat([table, *other]), "p", "test", "")
    assert {tuple(sorted(pair)): row["p_adjusted"] for pair, row in pairs.items()} == {
        ("a", "b"): 0.2, ("a", "c"): 0.01, ("b", "c"): 0.05001, ("a", "d"): 0,
    }  # fmt: skip
    assert shared_letters(["a", "d", "b", "c"], pairs) == {"a": "a", "b": "ab", "c": "b", "d": "–"}
    assert shared_letters(["a", "d"], {frozenset("ad"): pairs[frozenset("ad")]}) == {"a": "–", "d": "–"}


def test_a_model_that_is_not_in_every_pair_has_a_question_mark():
    some = COMPARISONS[COMPARISONS["protocol"].eq("stratified-10")]
    lacks = some["model_a"].eq("lstm-bert-bidirectional-attention") & some["model_b"].eq("tfidf-logistic")
    (shown,) = [one for one in comparison_sections(some[~lacks], ROWS, STANDINGS) if one.startswith("| Model")]
    rows = {row[0]: row[2] for row in tables(shown)[0][1:]}
    assert {name for name, mark in rows.items() if mark.endswith("?")} == {
        "lstm-bert-bidirectional-attention", "tfidf-logistic",
    }  # fmt: skip
    assert comparison_sections(COMPARISONS.iloc[:0], ROWS, STANDINGS) == []


UNDECIDED = {
    "p_adjusted": 0.21, "comments": 1500, "difference": -0.0402, "difference_low": -0.09, "difference_high": 0.01,
    "needed": 1823, "needed_low": 1310, "needed_high": pd.NA,
}  # fmt: skip
FAR = {"needed": pd.NA, "difference": 0.001}
BETWEEN = {"difference_high": -0.004, "needed_high": 151_234}


def test_how_many_more_comments_are_two_digits_and_nothing_where_a_pair_is_decided():
    assert more_comments(UNDECIDED) == "320 [0, no limit]"
    assert more_comments(UNDECIDED | BETWEEN) == "320 [0, 150,000]"
    assert more_comments(UNDECIDED | FAR | {"needed_low": 5555}) == "cannot say [4,100, no limit]"
    assert more_comments(UNDECIDED | FAR | {"needed_low": pd.NA}) == "cannot say"
    assert more_comments(UNDECIDED | {"p_adjusted": 0.05}) == more_comments(None) == "–"


def test_a_sentence_says_what_would_decide_between_the_first_two():
    def said(**changed) -> list[str]:
        return what_would_decide(["a|b", "c", "d"], {frozenset(("a|b", "c")): UNDECIDED | changed})

    assert said() == [
        "To tell a&#124;b from c: about 320 more labelled comments would decide it, if the difference is what was seen "
        "(.040); 0 more, if it is as large as its interval allows (.090); no number, if there is none."
    ]
    assert said(**BETWEEN)[0].endswith("(.090); 150,000 more, if it is as small (.004).")
    assert said(**FAR, needed_low=pd.NA) == [
        "To tell a&#124;b from c: cannot say. It would take more than 100 times the 1500 comments there are, if the "
        "difference is what was seen (.001); no number, if there is none."
    ]
    assert said(p_adjusted=0.04) == what_would_decide(["a|b"], {}) == what_would_decide(["c", "d"], {}) == []


def test_other_undecided_pairs_are_named_the_nearest_first():
    def pair(a: str, b: str, needed: int | None, p: float = 0.3) -> tuple[frozenset[str], dict]:
        return frozenset((a, b)), UNDECIDED | {"model_a": a, "model_b": b, "p_adjusted": p, "needed": needed or pd.NA}

    rows = [
        pair("x|y", "b", None),
        pair("b", "c", 9000),
        pair("c", "d", 2000),
        pair("a", "b", 1600),
        pair("b", "d", 1700, 0.05),
    ]
    said = "Other undecided pairs, the nearest to a decision first: c and d (500 more), b and c (7,500 more), x&#124;y and b (cannot say)."
    assert nearest_to_a_decision("a", dict(rows)) == [said]
    many = dict([*rows, *[pair("c", f"m{number}", 3000 + number) for number in range(4)]])
    assert nearest_to_a_decision("a", many)[0].endswith("c and m3 (1,500 more); 2 more in comparisons.parquet.")
    assert nearest_to_a_decision("a", {}) == []


def test_the_tables_say_it_of_every_pair_with_the_first_model():
    rows = {row[0]: row[-1] for row in tables(LAST)[0][1:]}
    pairs = compared_pairs(COMPARISONS, "stratified-10", "test", "")
    first, *others = rows
    assert rows[first] == "–"
    assert {name: rows[name] for name in others} == {
        name: more_comments(pairs[frozenset((first, name))]) for name in others
    }
    undecided = [pair for pair in COMPARISONS.to_dict("records") if pair["p_adjusted"] > 0.05]
    assert any(pd.notna(pair["needed"]) for pair in undecided)
