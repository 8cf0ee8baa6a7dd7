import pandas as pd
import pytest
from foxhound.evaluation.generalisation import (
    BY_ARTICLE,
    BY_USER,
    RANDOM,
    final_model_row,
    fold_protocols,
    hardest_protocol,
)
from foxhound.experiment.protocols import describe_protocols

DEFINITIONS = {
    "people": {"folds": 5, "group": "user", "seed": 0},
    "threads": {"folds": 3, "group": "thread", "seed": 0},
    "mixed": {"folds": 4, "seed": 0},
    "more-mixed": {"folds": 9, "seed": 0},
    "blocks": {"folds": 4, "contiguous": True, "seed": 0},
    "drawn": {"rebalance": "none", "train": 5, "validation": 0, "test": 5},
}


def scores(**models: list[str]) -> pd.DataFrame:
    """Return rows of the table `scores`: protocol -> its models."""
    facts = describe_protocols(DEFINITIONS)
    return pd.DataFrame(
        [
            {"protocol": name.replace("_", "-"), "part": "test", "model": model} | facts[name.replace("_", "-")]
            for name, several in models.items()
            for model in several
        ]
    )


ALL = {"drawn": ["a"], "threads": ["a"], "blocks": ["a", "b"], "mixed": ["a", "b"], "people": ["a"]}


def test_folds_are_named_by_what_a_model_meets_the_easiest_first():
    found = fold_protocols(scores(**ALL))
    assert list(found.items()) == [(RANDOM, "mixed"), (BY_USER, "people"), (BY_ARTICLE, "threads")]


@pytest.mark.parametrize(
    ("lacking", "hardest"),
    [
        ([], "threads"),
        (["threads"], "people"),
        (["people"], "threads"),
        (["threads", "people"], "mixed"),
        (["threads", "people", "mixed"], ""),  # neither blocks nor draws are of these kinds
    ],
)
def test_the_hardest_folds_are_by_article_else_by_user_else_random(lacking, hardest):
    assert hardest_protocol(scores(**{name: models for name, models in ALL.items() if name not in lacking})) == hardest


def test_of_several_protocols_of_a_kind_that_of_most_models_is_taken():
    assert fold_protocols(scores(mixed=["a"], more_mixed=["a", "b"])) == {RANDOM: "more-mixed"}
    assert fold_protocols(scores(mixed=["b"], more_mixed=["a"])) == {RANDOM: "mixed"}


def test_the_validation_part_counts_for_nothing():
    assert fold_protocols(scores(mixed=["a"]).assign(part="validation")) == {}


FINAL = {"model": "bert", "learning_rate": 1e-4, "epoch": 3}


def test_the_final_model_is_found_by_all_its_settings():
    rows = pd.DataFrame(
        [
            {"model": model, "learning_rate": rate, "epoch": epoch, "protocol": protocol, "part": part}
            for model in ("bert", "lstm")
            for rate in (1e-4, 2e-5)
            for epoch in (2, 3)
            for protocol in ("mixed", "threads")
            for part in ("test", "validation")
        ]
    )
    row = final_model_row(rows, FINAL, "threads")
    assert row is not None
    assert row.to_dict() == FINAL | {"protocol": "threads", "part": "test"}
    assert final_model_row(rows, FINAL, "people") is None
    assert final_model_row(rows, FINAL | {"epoch": 4}, "threads") is None


def test_a_final_model_without_a_learning_rate_is_found_too():
    rows = pd.DataFrame(
        [
            {"model": "both", "learning_rate": rate, "epoch": 0, "protocol": "mixed", "part": "test", "f1": f1}
            for rate, f1 in ((1e-4, 0.1), (None, 0.2))
        ]
    )
    row = final_model_row(rows, {"model": "both", "learning_rate": None, "epoch": 0}, "mixed")
    assert row is not None and row["f1"] == 0.2
