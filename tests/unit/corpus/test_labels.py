from pathlib import Path
from typing import Any

import numpy as np
import pytest
from foxhound.corpus.labels import number, read_labels
from foxhound.errors import FoxhoundError
from hypothesis import given
from hypothesis import strategies as st

FILE = Path("c.csv")


def labels(values: list[Any], positive: Any = None, negative: Any = None) -> list[int]:
    return read_labels(FILE, values, range(2, len(values) + 2), positive, negative)


def refusal(values: list[Any], positive: Any = None, negative: Any = None) -> str:
    with pytest.raises(FoxhoundError) as refused:
        labels(values, positive, negative)
    return str(refused.value)


def test_zero_and_one_true_and_false_in_every_type():
    assert labels([0, 1, "0", "1", 1.0, np.float64(0), True, False, "true", "False", " 1 "]) == [
        0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1,
    ]  # fmt: skip


def test_a_decimal_comma_is_one_and_thousands_are_not():
    assert labels(["0,0", "1,00", "1.000"]) == [0, 1, 1]
    assert "label '1,000' is not 0, 1" in refusal(["0", "1,000"])


@pytest.mark.parametrize("word", ["\\N", "(null)", "n.a.", "NaT", ".", "#REF!", "#VALUE!", "undefined", "#N/A", "?"])
def test_what_databases_and_spreadsheets_write_for_nothing_is_no_label(word):
    assert f"line 4: no label ({word!r})" in refusal(["0", "1", word])
    assert read_labels(FILE, ["hate", "no", word], [2, 3, 4], "hate", None, "") == [1, 0, None]


def test_words_and_several_classes_are_mapped_to_two():
    assert labels(["yes", "no", "yes"], "yes") == [1, 0, 1]
    classes = ["hate", "insult", "none", "unsure"]
    assert labels(classes, ["hate", "insult"]) == [1, 1, 0, 0]
    assert labels(classes, ["hate", "insult"], ["none", "unsure"]) == [1, 1, 0, 0]
    assert labels([0, 1, 2, 3.0], [2, 3]) == [0, 0, 1, 1]
    assert labels([True, False], False) == [0, 1]


def test_a_class_that_nobody_named_is_refused_where_both_sides_are_named():
    message = refusal(["hate", "none", "Hate"], "hate", "none")
    assert "line 4: label 'Hate' is neither positive nor negative. Did you mean 'hate'?" in message


def test_a_label_that_no_row_has_is_refused():
    message = refusal(["hate", "none"], ["hate", "insulte"], "non")
    assert "no label equals 'insulte' (config key `corpus.positive`). Labels: hate, none." in message
    assert "no label equals 'non' (config key `corpus.negative`). Did you mean 'none'?" in message


def test_a_bare_yes_is_explained():
    # YAML reads `positive: yes` as true.
    assert "no label equals 'true'" in (message := refusal(["yes", "no"], True))
    assert "put it in quotes" in message


def test_words_without_a_mapping_say_which_key_maps_them():
    message = refusal(["yes", "no"])
    assert "line 2: label 'yes' is not 0, 1, true or false" in message
    assert "`corpus.positive`" in message
    assert "Labels: 'no', 'yes'" in message


@pytest.mark.parametrize("missing", [None, float("nan"), "", " "])
@pytest.mark.parametrize("positive", [None, "1"])
def test_a_missing_label_is_refused_with_its_line(missing, positive):
    assert "1 problem(s)\n  line 3: no label" in refusal(["1", missing, "0"], positive)


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1), st.sets(st.sampled_from(["a", "b", "c"]), min_size=1))
def test_no_row_is_lost_and_none_changes_side(values, positive):
    hateful = sorted(positive & set(values))
    if hateful:
        assert labels(values, hateful) == [int(value in hateful) for value in values]


@pytest.mark.parametrize(
    ("word", "value"),
    [("80%", 80), ("7.5 %", 7.5), ("0,25", 0.25), ("%", None), ("8%%", None), (None, None), ("-1", -1)],
)
def test_numbers_are_read_as_people_write_them(word, value):
    assert number(word) == value
