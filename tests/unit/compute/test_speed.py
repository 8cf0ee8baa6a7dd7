from foxhound.compute.speed import _best, measure


def test_the_least_of_several_turns_counts() -> None:
    turns = iter([0, 3_000_000, 10, 3_000_000, 3_000_000, 3_000_000])  # the first is not timed
    assert _best(lambda: sum(range(next(turns)))) < 0.01


def test_both_pieces_of_work_take_some_time() -> None:
    speed = measure()
    assert set(speed) == {"matrix", "plain"} and all(0 < seconds < 60 for seconds in speed.values())
