import pandas as pd
from foxhound.evaluation.units import resampled_units

COMMENTS = pd.DataFrame({"thread": ["x", "y", "x", "y"], "user": ["a", "b", None, "a"]})


def test_comments_of_a_user_are_one_unit_and_who_has_no_name_is_alone():
    unit, numbers = resampled_units(COMMENTS, None)
    assert unit == "user"
    assert numbers.tolist() == [0, 1, 2, 0]
    assert resampled_units(COMMENTS.assign(user=["a", "", None, ""]), "user")[1].tolist() == [0, 1, 2, 3]


def test_articles_are_the_units_where_whole_articles_are_held_out():
    unit, numbers = resampled_units(COMMENTS, "thread")
    assert unit == "thread"
    assert numbers.tolist() == [0, 1, 0, 1]


def test_without_users_every_comment_is_a_unit():
    for user in (None, "anonymous"):
        unit, numbers = resampled_units(COMMENTS.assign(user=user), None)
        assert unit == "comment"
        assert numbers.tolist() == [0, 1, 2, 3]
