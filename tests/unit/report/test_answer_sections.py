from dataclasses import replace

import pandas as pd
import pytest
from foxhound.evaluation.recommendation import recommend
from foxhound.evaluation.score_views import over_seeds
from foxhound.report.answer_sections import INVENTED, answer_line, answer_sections, price
from foxhound.report.operating_sections import operating_sections
from made_up import COMMENTS, guesses, predictions, scored
from made_up_report import compared, tables

FOLDS = {
    "mixed": {"folds": 4, "seed": 0},
    "threads": {"folds": 4, "group": "thread", "seed": 0},
}
PARTS = {"tfidf-logistic": 1, "finetune-bert": 4, "weak": 2}
SKILLS = {"tfidf-logistic": 0.15, "finetune-bert": 0.6, "weak": 0.1, "unkept": 0.58}


def experiment(protocols=tuple(FOLDS), skills=SKILLS) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows over seeds and the comparisons of models of these skills."""
    frames = []
    for protocol in protocols:
        where = {"fold_or_split": [f"{protocol}/fold-{comment % 4 + 1:02d}" for comment in range(COMMENTS)]}
        frames.append(predictions(guesses(0, 0) * 0 + 1, "always-hateful", **where))
        for number, (model, skill) in enumerate(skills.items()):
            frames.append(predictions(guesses(number, skill), model, **where))
    frame = pd.concat(frames, ignore_index=True)
    definitions = {name: FOLDS[name] for name in protocols}
    return over_seeds(scored(frame, protocols=definitions)), compared(frame, definitions)


FOUND = recommend(*experiment(), PARTS)
COSTS = {"finetune-bert": (130.0, 9.6, 90.9)}
ASK = "To keep the model: `snakemake results/model`."


def said(found=FOUND, prefer="simplicity", group="article", invented=False, costs=COSTS) -> str:
    return "\n".join(answer_sections(found, costs, prefer, group, invented, ASK))


def test_five_questions_are_answered_from_the_tables():
    text = said()
    assert "**Which one?** **Take finetune-bert.** It has the highest score of the models that can be kept" in text
    row = FOUND.row
    f1 = f"{row['f1_tuned']:.3f} [{row['f1_tuned_low']:.3f}, {row['f1_tuned_high']:.3f}]".replace("0.", ".")
    assert f"**How sure?** On articles that it has not seen its F1 is {f1}" in text
    assert "calling every comment hateful: .500" in text
    assert "It does significantly better than" in text and "tfidf-logistic" in text
    assert "No significant difference was found to unkept." in text
    assert "**On new articles and users?** F1 is" in text
    assert "**At what price?** 2.2 min to train and 9.6 ms to classify a comment" in text and "91 MB" in text
    assert "**What next?** " in text and text.endswith(ASK)
    assert INVENTED not in text and INVENTED in said(invented=True)


def over_units(found, **ends):
    """Return what was found with other ends of the intervals over articles, on the model to take."""
    rows = found.taken.rows | {found.kind: found.row.copy()}
    for name, value in ends.items():
        rows[found.kind][name] = value
    taken = found.taken._replace(rows=rows)
    return replace(found, taken=taken, models=dict(found.models) | {taken.name: taken})


def test_on_unseen_articles_the_interval_is_over_articles():
    wide = over_units(FOUND, f1_tuned_cluster_low=0.111, f1_tuned_cluster_high=0.999)
    assert f"its F1 is {wide.row['f1_tuned']:.3f}".replace("0.", ".") + " [.111, .999]" in said(wide)
    assert "[.111, .999]" in answer_line(wide, "article")
    assert said(wide).count("[.111, .999]") == 2  # once more beside the other folds
    lonely = over_units(FOUND, f1_tuned_cluster_low=float("nan"))
    assert "(no interval" not in said(lonely)


def test_simpler_models_that_do_worse_are_named_with_the_folds():
    assert FOUND.simpler == ("tfidf-logistic",)
    ahead = replace(FOUND, best=FOUND.models["unkept"])
    assert "Simpler, and significantly worse than unkept: tfidf-logistic (folds: random, by article)." in said(ahead)


@pytest.mark.parametrize(("p", "close"), [(0.06, True), (0.2, False), (0.021, True), (0.001, False)])
def test_a_recommendation_that_hangs_on_a_p_value_says_so(p, close):
    ahead = replace(FOUND, best=FOUND.models["unkept"], simpler=())
    pairs = {}
    for kind, rows in ahead.pairs.items():
        names = [ahead.models[name].rows[kind]["name"] for name in ("unkept", ahead.taken.name)]
        won = {"model_a": names[1], "model_b": names[0], "difference": 0.1, "p_adjusted": p}
        pairs[kind] = {**rows, frozenset(names): rows[frozenset(names)] | won}
    told = f"It was a close call: {ahead.taken.name} does worse than unkept with p = {p:.3f}".replace("0.", ".")
    assert (f"{told}, corrected for all pairs, where .050 decides." in said(replace(ahead, pairs=pairs))) == close
    assert "close call" not in said()


def test_a_difference_that_the_correction_takes_away_is_called_so():
    pair = frozenset((FOUND.row["name"], "tfidf-logistic"))
    told = FOUND.pairs[FOUND.kind][pair]
    assert "not significant once" not in said()
    pairs = dict(FOUND.pairs) | {FOUND.kind: FOUND.pairs[FOUND.kind] | {pair: told | {"p_adjusted": 0.3}}}
    assert "that of TF-IDF logistic regression, which is not significant once all" in said(replace(FOUND, pairs=pairs))


def test_threads_are_not_called_articles():
    text = said(group="thread")
    assert "On threads that it has not seen" in text and "article" not in text


def test_a_corpus_without_groups_is_told_that_it_is_unknown():
    found = recommend(*experiment(("mixed",)), PARTS)
    assert "**On new users?** Unknown: the corpus says neither who wrote a comment" in said(found)


def test_where_nothing_beats_calling_everything_hateful_nothing_is_recommended():
    found = recommend(*experiment(skills={"tfidf-logistic": 0.0, "weak": 0.02}), PARTS)
    assert found is not None
    assert "**None of them yet.**" in said(found) and "Take" not in said(found)
    assert answer_line(found, "article").startswith("Nothing beats calling everything hateful")


def test_without_a_model_that_can_be_kept_it_is_said():
    assert "Nothing can be recommended" in said(None)
    assert answer_line(None, "article").endswith("ranked comments better than chance there.")


def test_the_simplest_is_named_beside_the_best():
    found = recommend(*experiment(skills={"tfidf-logistic": 0.4, "finetune-bert": 0.3}), PARTS)
    assert found is not None and found.taken.name == "tfidf-logistic"
    assert "it is the simplest that does not do significantly worse than the best of them" in said(found)
    more = said(found)
    assert "to tell it from finetune-bert" in more or "would tell it from finetune-bert" in more


def test_the_console_gets_one_sentence():
    line = answer_line(FOUND, "article")
    assert line.startswith("Take finetune-bert: F1 .") and line.count("\n") == 0
    assert "; not significantly different: unkept" in line


def test_nothing_is_said_of_a_price_that_nobody_measured():
    assert price(None).startswith("The logs of this experiment's jobs are not here")


NONE = pd.DataFrame(columns=["model", "protocol", "learning_rate"])


@pytest.mark.parametrize("cut", [0.71, float("inf")])
def test_a_wish_is_a_row_and_one_that_cannot_be_had_says_so(cut):
    row = {"rule": "precision", "wish": 0.8, "threshold": cut, "model": "finetune-bert", "protocol": "threads"}
    row |= {name + end: 0.5 for name in ("precision", "recall", "share") for end in ("", "_low", "_high")}
    table = pd.DataFrame([row | {"learning_rate": float("nan")}])
    (header, cells), *_ = tables("\n\n".join(operating_sections(table, NONE, FOUND, "article", "PICTURE")))
    assert header[0] == "What is asked for"
    assert cells[0] == "Acting alone, 80 % of those called hateful are"
    assert (cells[1] == ".71") == (cut < 1) and ("not reachable" in cells[1]) == (cut > 1)
    assert operating_sections(table, NONE, None, "article", "") == []


@pytest.mark.parametrize("groups", [0, 12])
def test_a_wished_error_rate_is_a_row_with_the_worst_group_where_there_are_some(groups):
    row = {"model": "finetune-bert", "protocol": "threads", "learning_rate": float("nan"), "error_rate": 0.1}
    row |= {name + end: share for name, share in (("asked", 0.4), ("missed", 0.08), ("accused", 0.11))
            for end in ("", "_low", "_high")}  # fmt: skip
    answered = pd.DataFrame([row | {"groups": groups, "worst_group": 0.3 if groups else float("nan")}])
    wish = {"rule": "threshold", "wish": 0.5, "model": "finetune-bert", "protocol": "threads"}
    operating = pd.DataFrame([wish | {"learning_rate": float("nan")}])
    text = "\n\n".join(operating_sections(operating, answered, FOUND, "thread", "PICTURE"))
    (header, cells), *_ = tables(text)
    assert cells[:4] == ["10 % of either class", ".40 [.40, .40]", ".08 [.08, .08]", ".11 [.11, .11]"]
    assert header[4:] == (["Of all comments on the worst thread"] if groups else [])
    assert cells[4:] == ([".30"] if groups else [])
