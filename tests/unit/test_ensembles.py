import numpy as np
import pandas as pd
import pytest
from foxhound.ensembles import mean_log_odds
from foxhound.errors import FoxhoundError

IDS = ["b", "a", "c"]


def member(name: str, p: list[float], seed: int = 1) -> pd.DataFrame:
    rows = {"id": IDS, "label": [1, 0, 1], "p_hateful": np.float32(p), "fold_or_split": "p/fold-01", "part": "test"}
    return pd.DataFrame(rows).assign(seed=seed, model=name)


def test_log_odds_are_averaged_by_hand():
    # log-odds of .8 and .5 are log 4 and 0: their mean is log 2, a probability of 2/3
    made = mean_log_odds([member("x", [0.8, 0.5, 0.2]), member("y", [0.5, 0.5, 0.5])])
    assert made["id"].tolist() == ["a", "b", "c"]
    assert made["label"].tolist() == [0, 1, 1]
    np.testing.assert_allclose(made["p_hateful"], [1 / 2, 2 / 3, 1 / 3], rtol=1e-6)
    assert made["p_hateful"].dtype == np.float32


def test_a_member_weighs_the_same_however_many_seeds_it_has():
    seeds = pd.concat([member("x", [0.8, 0.5, 0.2], seed) for seed in range(5)])
    one = mean_log_odds([member("x", [0.8, 0.5, 0.2]), member("y", [0.3, 0.4, 0.9])])
    pd.testing.assert_frame_equal(mean_log_odds([seeds, member("y", [0.3, 0.4, 0.9])]), one)


def test_the_order_of_rows_does_not_matter():
    one, other = member("x", [0.8, 0.5, 0.2]), member("y", [0.3, 0.4, 0.9])
    pd.testing.assert_frame_equal(mean_log_odds([one, other]), mean_log_odds([one[::-1], other]))


def test_a_certain_member_does_not_outvote_the_others():
    others = [member(name, [0.2, 0.2, 0.2]) for name in "abcdefghij"]
    assert mean_log_odds([member("sure", [1.0, 0.0, 1.0]), *others])["p_hateful"].between(0.1, 0.5).all()


def test_members_that_score_different_comments_are_refused():
    with pytest.raises(FoxhoundError, match="members x and y score different comments"):
        mean_log_odds([member("x", [0.8, 0.5, 0.2]), member("y", [0.3, 0.4, 0.9]).iloc[:2]])
