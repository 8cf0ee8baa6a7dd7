import pytest
from foxhound.corpus.headers import header_problem, looks_like_row


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["572342978255048705", "racism"], True), (["0", "1467810369", "NO_QUERY"], True), (["1,5", "x"], True),
        (["the Zorbians ruin every street and I saw that", "x"], True), (["0", "1", "2"], False), (["Unnamed: 0", "text"], False),
        (["text", "2019", "2020"], False), (["Is this comment hateful?", "Which comment?"], False), (["Tweet ID", "7"], False), ([], False),
    ],
)  # fmt: skip
def test_names_that_are_values_are_a_row(names, expected):
    assert looks_like_row(names) is expected


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"a Zorbian": ["b", "c"], "OFFENSE": ["OTHER", "OFFENSE"]}, "the first line looks like a row, not like names of columns (a Zorbian, OFFENSE)"),
        ({"Comment": ["b", "c"], "Toxic": ["Toxic", "Non-Toxic"]}, None),
        ({"text": ["b", "text"], "label": ["0", "label"]}, "line 8 repeats the header: two tables were put one after another"),
        ({"text": ["b", "text"], "label": ["0", "1"]}, None),
    ],
)  # fmt: skip
def test_a_header_is_compared_with_what_stands_below_it(columns, problem):
    found = header_problem(columns, [7, 8])
    assert found == problem or (problem and found.startswith(problem))
