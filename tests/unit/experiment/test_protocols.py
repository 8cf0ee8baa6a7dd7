import pandas as pd
from foxhound.experiment.protocols import describe_protocols


def facts(**known) -> dict:
    return dict.fromkeys(["protocol_kind", "folds", "grouped_by", "rebalance", "train"]) | known


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
        "leave-one-article-out": facts(protocol_kind="draws", rebalance="none", train=80),
    }


def test_a_draw_says_how_many_comments_really_train():
    draw = {"rebalance": "random", "train": 60, "validation": 0, "test": 20}
    large, small = (pd.DataFrame({"label": [1] * hateful + [0] * 70}) for hateful in (40, 20))
    assert describe_protocols({"a": draw}, large)["a"]["train"] == 60
    assert describe_protocols({"a": draw}, small)["a"]["train"] == 30  # 40 comments to divide, of 80 asked for
    assert describe_protocols({"a": draw | {"rebalance": "none"}}, small)["a"]["train"] == 60
