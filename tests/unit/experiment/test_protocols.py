import pandas as pd
from foxhound.experiment.protocols import describe_protocols, primary_measure


def facts(**known) -> dict:
    plain = dict.fromkeys(["protocol_kind", "folds", "grouped_by", "rebalance", "train"])
    return plain | {"primary": "f1_tuned"} | known


def test_a_protocol_is_what_its_definition_says_whatever_its_name():
    definitions = {
        "balanced-random-700": {"folds": 3, "seed": 0},
        "stratified-10": {"folds": 4, "group": "user", "seed": 0},
        "alpha": {"folds": 5, "contiguous": True, "seed": 0},
        "leave-one-article-out": {"rebalance": "none", "train": 80, "validation": 0, "test": 20},
    }
    assert describe_protocols(definitions, None) == {
        "balanced-random-700": facts(protocol_kind="stratified folds", folds=3),
        "stratified-10": facts(protocol_kind="grouped folds", folds=4, grouped_by="user"),
        "alpha": facts(protocol_kind="contiguous folds", folds=5),
        "leave-one-article-out": facts(protocol_kind="draws", rebalance="none", train=80, primary="auroc"),
    }


def test_a_draw_says_how_many_comments_really_train():
    draw = {"rebalance": "random", "train": 60, "validation": 0, "test": 20}
    large, small = (pd.DataFrame({"label": [1] * hateful + [0] * 70}) for hateful in (40, 20))
    assert describe_protocols({"a": draw}, large)["a"]["train"] == 60
    assert describe_protocols({"a": draw}, small)["a"]["train"] == 30  # 40 comments to divide, of 80 asked for
    assert describe_protocols({"a": draw | {"rebalance": "none"}}, small)["a"]["train"] == 60


def test_models_are_compared_by_what_is_fair_to_all_under_a_protocol():
    draw = {"train": 80, "test": 20}
    assert primary_measure({"folds": 10}) == primary_measure({"folds": 5, "contiguous": True}) == "f1_tuned"
    for rebalance in ("random", "first", "none"):
        assert primary_measure(draw | {"rebalance": rebalance, "validation": 10}) == "f1_tuned"
    # No comments are left to choose a threshold on: .5 means the same to all only if the classes are balanced.
    assert primary_measure(draw | {"rebalance": "random", "validation": 0}) == "f1"
    assert primary_measure(draw | {"rebalance": "first", "validation": 0}) == "f1"
    assert primary_measure(draw | {"rebalance": "none", "validation": 0}) == "auroc"
