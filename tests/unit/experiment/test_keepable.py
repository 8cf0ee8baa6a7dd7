from typing import Any

import pandas as pd
import pytest
from foxhound.experiment.adaptation import adapt_to_corpus
from foxhound.experiment.keepable import can_be_kept, candidates, final_choices, keepable, why_not_kept
from foxhound.experiment.plan import Plan
from shipped_config import CONFIG, merged

BOTH = [{"model": "pooled-logistic"}, {"model": "tfidf-logistic"}]
NAMED = {"model": "finetune-bert", "learning_rate": 1e-4, "epoch": 2}


def plan(**changes: Any) -> Plan:
    return Plan(merged(CONFIG, changes))


def encoder(name: str) -> dict[str, str]:
    return {"package": f"package of {name}"}


def test_what_runs_under_the_final_protocol_is_keepable_the_simpler_the_fewer_parts() -> None:
    assert keepable(plan()) == {
        "tfidf-logistic": 1, "pooled-logistic": 2, "ensemble-of-logistics": 3, "finetune-bert": 4, "ensemble": 5,
    }  # fmt: skip
    # Under draws other models are fine-tuned, of which one has a head of our own.
    assert set(keepable(plan(final={"protocol": "balanced-random-300"}))) == {
        "tfidf-logistic", "pooled-logistic", "ensemble-of-logistics", "finetune-bert", "ensemble",
        "finetune-bert-no-dropout", "finetune-bert-no-schedule",
    }  # fmt: skip
    assert set(keepable(plan(final={"protocol": "balanced-random-100"}))) >= {"finetune-bert"}
    assert "finetune-bert-relu-head" not in keepable(plan(final={"protocol": "balanced-random-100"}))


@pytest.mark.parametrize(
    ("changes", "lost"),
    [
        ({"baselines": {"models": ["tfidf-logistic"]}}, {"pooled-logistic", "ensemble-of-logistics", "ensemble"}),
        ({"finetune": {"models": {"finetune-bert": {"context": "title"}}}}, {"finetune-bert", "ensemble"}),
        ({"ensembles": {"ensemble": [*BOTH, {"model": "pooled-mlp"}]}}, {"ensemble"}),
        ({"ensembles": {"ensemble": [*BOTH, {"model": "finetune-bert", "learning_rate": 1e-4, "epoch": 9}]}}, {"ensemble"}),
        ({"run": ["lstm-epochs"]}, {"finetune-bert", "ensemble"}),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_or_does_not_run_is_not_keepable(changes: dict[str, Any], lost: set[str]) -> None:
    assert set(keepable(plan())) - set(keepable(plan(**changes))) == lost


def test_a_protocol_under_which_nothing_runs_has_nothing_to_keep() -> None:
    assert keepable(plan(final={"protocol": "user-grouped"})) == {}
    assert candidates(plan(final={"protocol": "user-grouped"})) == []


def test_a_member_that_cannot_be_kept_is_named() -> None:
    config = merged(CONFIG, {"ensembles": {"odd": [*BOTH, {"model": "lstm-bert-base", "epoch": 5}]}})
    assert why_not_kept(config, "odd") == "its member lstm-bert-base cannot be kept: no LSTM can"
    assert "odd" not in can_be_kept(config) and {"recommended", "ensemble", "finetune-bert"} <= set(can_be_kept(config))


def test_a_named_model_is_the_only_candidate_with_what_it_takes_to_train_it() -> None:
    choices = final_choices(plan(final=NAMED, encoder="bert-base-uncased"), encoder)
    assert list(choices) == ["finetune-bert"]
    choice = choices["finetune-bert"]
    assert (choice["learning_rate"], choice["epoch"], choice["seed"]) == (1e-4, 2, 1)
    [member] = choice["members"]
    assert (member["kind"], member["learning_rate"], member["epoch"]) == ("finetune", 1e-4, 2)
    assert member["encoder"] == encoder("bert-base-uncased")
    assert member["training"] == CONFIG["finetune"]["training"] | {"architecture": "BertForSequenceClassification"}


def test_an_ensemble_has_the_settings_of_its_members() -> None:
    [choice] = final_choices(plan(final={"model": "ensemble"}, embeddings={"layer": -2}), encoder).values()
    assert (choice["learning_rate"], choice["epoch"]) == (None, 0)
    tuned, pooled, counting = choice["members"]
    assert (tuned["model"], tuned["learning_rate"], tuned["epoch"], tuned["kind"]) == (
        "finetune-bert",
        1e-4,
        2,
        "finetune",
    )
    assert pooled == {
        "model": "pooled-logistic", "kind": "pooled-logistic", "encoder": encoder("minilm"), "layer": -2, "max_tokens": 128,
    }  # fmt: skip
    assert counting == {"model": "tfidf-logistic", "kind": "tfidf-logistic"}


def test_the_settings_of_another_model_are_no_part_of_a_choice() -> None:
    """A change there must train nothing again."""
    changes = {
        "lstm": {"training": {"hidden": 9}},
        "finetune": {"training": {"weight_decay": 0.5}},
        "scores": {"draws": 200},
    }
    final = {"final": {"model": "ensemble-of-logistics"}}
    assert final_choices(plan(**final), encoder) == final_choices(plan(**final, **changes), encoder)


def test_where_it_is_recommended_there_is_a_choice_for_everything_keepable() -> None:
    choices = final_choices(plan(), encoder)
    assert choices.keys() == keepable(plan()).keys()
    assert "learning_rate" not in choices["finetune-bert"]["members"][0]  # it comes with the recommendation


def test_an_ensemble_that_the_corpus_has_no_columns_for_is_no_candidate() -> None:
    config = merged(CONFIG, {"ensembles": {"mine": BOTH}, "final": {"model": "mine"}})
    comments = pd.DataFrame({"label": [0, 1] * 300, "text": "a", "title": "", "thread": "", "user": ""})
    adapted, _ = adapt_to_corpus(config, comments)
    assert candidates(Plan(config | adapted)) == ["mine"]
    del adapted["ensembles"]["mine"]
    assert candidates(Plan(config | adapted)) == [] == list(final_choices(Plan(config | adapted), encoder))
