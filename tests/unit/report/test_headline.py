import re

import pytest
from foxhound.errors import FoxhoundError
from foxhound.replication.claims import judge
from foxhound.report.headline import END, START, answer, headline, insert
from made_up import experiment, misnamed, scored
from made_up_report import COMMENTS, COMPARISONS, PUBLISHED, compared, tables

CLAIMS = judge(
    [{"id": "x", "claim": "c", "tests": [{"kind": "loss-is-learned", "loss": "base"}]}],
    {},
    PUBLISHED,
    {},
    COMMENTS,
    100,
    0,
    0.03,
)
TEXT = headline(scored(experiment()), COMPARISONS, CLAIMS)


def test_the_headline_shows_every_model_best_first():
    header, *rows = tables(TEXT)[0]
    assert header == ["Model", "Epoch", "F1, random", "No significant difference", "AUROC"]
    assert {row[0] for row in rows} == {
        "always-hateful", "tfidf-logistic", "lstm-bert-bidirectional-attention", "lstm|`odd`<b>",
    }  # fmt: skip
    f1 = [float(row[2].split()[0]) for row in rows]
    assert f1 == sorted(f1, reverse=True)
    assert all(re.fullmatch(r"\.\d+ \[\.\d+, \.\d+\]", row[2]) and row[3] for row in rows)
    assert TEXT.endswith("Of 1 claim, 1 fails.")
    assert "\n\n*random*: Leakage not checked by article-only or user-only, which did not run.\n\n" in TEXT


def test_the_headline_ranks_and_compares_by_the_hardest_folds():
    frame, protocols = misnamed()
    text = headline(scored(frame, protocols=protocols), compared(frame, protocols), CLAIMS)
    assert "Ranked, and compared, *by article*" in text
    header, *rows = tables(text)[0]
    place = header.index("F1, by article")
    shown = [float(row[place].split()[0]) if row[place] != "–" else -1.0 for row in rows]
    assert shown == sorted(shown, reverse=True) and shown[0] > 0 > shown[-1]


def test_the_headline_replaces_the_last_one_and_nothing_else():
    readme = f"before\n{START}\n\nold\n\n{END}\nafter\n"
    once = insert(readme, "new")
    assert once == f"before\n{START}\n\nnew\n\n{END}\nafter\n"
    assert insert(once, "new") == once


def test_a_readme_without_marks_is_left_alone():
    with pytest.raises(FoxhoundError, match=r"README.md: the headline goes between"):
        insert(f"before {START} after", "new")


def test_the_headline_says_how_many_folds_there_were_whatever_the_protocols_name():
    assert TEXT.startswith("*random*: 4-fold cross-validation (`stratified-10`). 120 comments;")
    frame, protocols = misnamed()
    scores = scored(frame, protocols=protocols)
    assert headline(scores, compared(frame, protocols), CLAIMS).startswith(
        "*random*: 4-fold cross-validation (`balanced-random-700`); *by article*: 3 folds of whole articles (`beta`). "
    )
    with pytest.raises(FoxhoundError, match="no model of this experiment ran under a fold protocol"):
        headline(scores[scores["protocol"] == "alpha"], compared(frame, protocols), CLAIMS)


def test_the_answer_names_the_first_of_the_table_with_its_interval_its_baseline_and_its_equals():
    said = answer(scored(experiment()), COMPARISONS)
    _, *rows = tables(TEXT)[0]
    reading = [row for row in rows if row[0] != "always-hateful"]
    first, (always,) = reading[0], [row for row in rows if row[0] == "always-hateful"]
    equals = [row for row in reading[1:] if set(row[3]) & set(first[3])]
    assert said == (
        f"First of 3 on comments that it has not seen: {first[0]}, F1 {first[2]} (always hateful: {always[2]}); "
        f"{len(equals)} of 2 others show no significant difference from it."
    )


def test_the_answer_is_about_the_hardest_folds_and_never_about_what_reads_no_comment():
    frame, protocols = misnamed()
    said = answer(scored(frame, protocols=protocols), compared(frame, protocols))
    assert "on articles that it has not seen: " in said
    scores = scored(experiment())
    lost = answer(scores[scores["model"].isin(["always-hateful"])], COMPARISONS)
    assert lost == "No model of this experiment that reads comments ran under folds."
    assert answer(scores.assign(protocol_kind="draws"), COMPARISONS) == "No model of this experiment ran under folds."
