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
        ({"text": ["b", "label"], "label": ["0", "text"]}, "line 8 repeats the header"),
        ({"text": ["b", "\ufefftext"], "label": ["0", "label"]}, "line 8 repeats the header"),
        ({"text": ["b", "text"], "label": ["0", "1"]}, None),
    ],
)  # fmt: skip
def test_a_header_is_compared_with_what_stands_below_it(columns, problem):
    found = header_problem(columns, [7, 8])
    assert found == problem or (problem and found.startswith(problem))


ROWS = {"id": [*map(str, range(20))], "text": ["a Zorbian said so"] * 20, "label": ["0", "1"] * 10}


def with_row(position: int, *row: object) -> dict[str, list[object]]:
    return {
        name: [*values[:position], one, *values[position:]]
        for (name, values), one in zip(ROWS.items(), row, strict=True)
    }


@pytest.mark.parametrize(
    ("position", "row", "problem"),
    [
        (0, ("Number", "What was said", "1 if hateful"), "line 0 looks like a second line of names (Number, What was said, 1 if hateful). Take"),
        (0, ("int", "string", "int"), "line 0 looks like a second line of names"), (1, ("int", "string", "int"), "line 1 looks like a second line"),
        (1, ('{"ImportId":"_recordId"}', '{"ImportId":"Q1"}', '{"ImportId":"Q2"}'), "line 1 is one of Qualtrics' lines"),
        (20, ("Total", None, 48), "line 20 looks like a total, not like a comment (Total, , 48). Take"), (20, ("", "SUM", "5"), "line 20 looks like a total"),
        (0, ("7", "What was said", "unsure"), None), (0, (None, "What was said", "nan"), None), (20, ("", "total", "1"), None),
        (20, ("20", "Total", "a"), None), (5, ("Total", "", "48"), None),
    ],
)  # fmt: skip
def test_a_row_that_is_none_is_named(position, row, problem):
    found = header_problem(with_row(position, *row), range(21))
    assert found == problem or (problem and found.startswith(problem))
