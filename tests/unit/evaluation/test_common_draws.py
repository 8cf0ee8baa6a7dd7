from foxhound.evaluation.common_draws import Block, common_draws, draws_text


def test_models_meet_on_the_draws_that_all_of_them_have():
    seeds = {"long": range(1, 11), "short": [1, 2], "baseline": range(1, 11), "other": [20]}
    assert common_draws(seeds) == [
        Block("1, 2", frozenset({1, 2}), ("baseline", "long", "short")),
        Block("1 to 10", frozenset(range(1, 11)), ("baseline", "long")),
    ]


def test_a_model_alone_is_compared_with_nothing():
    assert common_draws({"one": [1]}) == []
    assert common_draws({}) == []


def test_draws_are_named_shortly():
    assert draws_text([3, 1, 2]) == "1 to 3"
    assert draws_text([2, 1]) == "1, 2"
    assert draws_text([5, 1, 2]) == "1, 2, 5"
    assert draws_text([7]) == "7"
