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
    assert describe_protocols(definitions) == {
        "balanced-random-700": facts(protocol_kind="stratified folds", folds=3),
        "stratified-10": facts(protocol_kind="grouped folds", folds=4, grouped_by="user"),
        "alpha": facts(protocol_kind="contiguous folds", folds=5),
        "leave-one-article-out": facts(protocol_kind="draws", rebalance="none", train=80),
    }
