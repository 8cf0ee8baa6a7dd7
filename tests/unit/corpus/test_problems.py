import pytest
from foxhound.corpus.problems import SHOWN, raise_problems
from foxhound.errors import FoxhoundError


def test_the_first_problems_are_shown_and_the_others_counted():
    raise_problems("a.csv", [])
    with pytest.raises(FoxhoundError) as refused:
        raise_problems("a.csv", [f"line {number}: x" for number in range(SHOWN + 3)], "Mend them.")
    lines = str(refused.value).splitlines()
    assert lines[0] == f"a.csv: {SHOWN + 3} problem(s)" and lines[-2:] == ["  ... and 3 more", "Mend them."]
    assert len(lines) == SHOWN + 3
