from dataclasses import replace

import pandas as pd
import pytest
from foxhound.evaluation.recommendation import Recommendation, recommend

MODELS = ["always-hateful", "tfidf-logistic", "pooled-logistic", "finetune-bert", "ensemble", "lstm", "user-only"]
PARTS = {"tfidf-logistic": 1, "pooled-logistic": 2, "finetune-bert": 4, "ensemble": 5}
KINDS = {"mixed": ("stratified folds", None), "articles": ("grouped folds", "thread")}
F1 = dict(zip(MODELS, [0.40, 0.50, 0.55, 0.60, 0.62, 0.70, 0.90], strict=True))


def rows(**f1: float) -> pd.DataFrame:
    """Return rows over seeds of every model under both kinds of folds, with these scores under the harder ones."""
    return pd.DataFrame([
        {
            "model": model, "learning_rate": 1e-4 if model == "finetune-bert" else None, "protocol": protocol,
            "protocol_kind": kind, "grouped_by": column, "part": "test", "epoch": 2 * (model == "finetune-bert"),
            "settings_key": model, "collapsed": False, "f1_tuned": (F1 | f1)[model],
        }
        for protocol, (kind, column) in KINDS.items()
        for model in MODELS
    ]).astype({"learning_rate": "float64"})  # fmt: skip


def comparisons(*significant: tuple[str, str, str]) -> pd.DataFrame:
    """Return all pairs under both protocols; `significant`: (protocol, the worse model, the better one)."""
    return pd.DataFrame([
        {
            "protocol": protocol, "part": "test", "draws": "", "family": "models", "model_a": a, "model_b": b,
            "difference": -0.1 if (protocol, b, a) in significant else 0.1, "difference_low": 0, "difference_high": 1,
            "p_adjusted": 0.01 if {(protocol, a, b), (protocol, b, a)} & {*significant} else 0.5,
        }
        for protocol in KINDS
        for place, a in enumerate(MODELS)
        for b in MODELS[place + 1 :]
    ])  # fmt: skip


def found(
    table: pd.DataFrame, prefer: str = "simplicity", parts: dict[str, int] = PARTS, **f1: float
) -> Recommendation:
    answer = recommend(rows(**f1), table, parts, prefer)
    assert answer is not None
    return answer


def test_where_nothing_differs_the_simplest_is_taken_and_the_best_is_named():
    answer = found(comparisons())
    assert (answer.taken.name, answer.best.name, answer.kind) == ("tfidf-logistic", "ensemble", "by article")
    assert set(answer.equals) == {"pooled-logistic", "finetune-bert", "ensemble", "lstm"}
    assert answer.worse == answer.better == ()


@pytest.mark.parametrize("protocol", KINDS)
def test_a_model_that_is_worse_than_the_best_under_any_folds_cannot_take_its_place(protocol):
    answer = found(comparisons((protocol, "tfidf-logistic", "ensemble")))
    assert answer.taken.name == "pooled-logistic"
    assert found(comparisons((protocol, "ensemble", "tfidf-logistic"))).taken.name == "tfidf-logistic"


def test_of_several_as_simple_the_higher_score_is_taken():
    parts = PARTS | {"tfidf-logistic": 2}
    assert found(comparisons(), parts=parts).taken.name == "pooled-logistic"
    assert found(comparisons(), parts=parts, **{"tfidf-logistic": 0.56}).taken.name == "tfidf-logistic"


def test_who_prefers_the_score_gets_the_best_of_those_that_can_be_kept():
    answer = found(comparisons(("mixed", "ensemble", "lstm"), ("articles", "tfidf-logistic", "ensemble")), "score")
    assert answer.taken is answer.best and answer.taken.name == "ensemble"
    assert (answer.better, answer.worse) == (("lstm",), ("tfidf-logistic",))


def test_what_reads_no_comment_collapsed_or_lacks_the_hardest_folds_is_never_taken():
    table = rows()
    table.loc[table["model"].eq("ensemble") & table["protocol"].eq("mixed"), "collapsed"] = True
    table = table[~(table["model"].eq("finetune-bert") & table["protocol"].eq("articles"))]
    answer = recommend(table, comparisons(), PARTS | {"user-only": 1, "always-hateful": 1}, "score")
    assert answer is not None and answer.taken.name == "pooled-logistic"


def test_there_is_none_without_folds_or_without_a_model_that_can_be_kept():
    assert recommend(rows(), comparisons(), {}) is None
    draws = rows().assign(protocol_kind="draws")
    assert recommend(draws, comparisons(), PARTS) is None


def test_facts_are_what_keeping_it_takes():
    answer = found(comparisons(), parts={"finetune-bert": 4})
    assert answer.facts() == {
        "model": "finetune-bert", "learning_rate": 1e-4, "epoch": 2, "name": "finetune-bert", "protocol": "articles",
    }  # fmt: skip
    words = replace(answer, taken=answer.models["tfidf-logistic"])
    assert words.facts()["learning_rate"] is None and words.facts()["epoch"] == 0
