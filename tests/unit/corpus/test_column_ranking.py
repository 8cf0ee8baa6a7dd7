import pandas as pd
import pytest
from foxhound.corpus.column_ranking import (
    columns_of_one_topic,
    holds_several,
    known_words,
    label_kind,
    rank_labels,
    rank_texts,
)

ROWS = 60


def column(*values) -> list:
    return [values[row % len(values)] for row in range(ROWS)]


COLUMNS = {
    "lang": column("en", "es"), "split": column("train", "train", "test"), "count": column(3, 3, 6), "id": list(range(ROWS)),
    "hate_speech": column(0, 1, 2, 3), "offensive": column(3, 2, 0, 1), "gender": column("m", "f"),
    "confidence": [round(0.5 + row / 200, 2) for row in range(ROWS)],
}  # fmt: skip
"""What is never the label beside one that is."""


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("class", (0, 1, 2, 2)), ("label", ("hate", "none")), ("HS", (0, 1)), ("is_hate", (True, False)), ("toxicity", (0.1, 0.7, 0.2)),
        ("subtask_a", ("OFF", "NOT")), ("y", ("1.0", "0.0")), ("target", (0.0, 0.25, 1.0)), ("verdict", ("hateful", "not hateful")),
        ("hate_label", (0, 1)), ("label_id", (0, 1)), ("class_idx", (0, 1, 1)), ("isHate", (0.3, 0.9, 0.0)),
    ],
)  # fmt: skip
def test_the_label_is_found_by_name_and_content_together(name, values):
    frame = pd.DataFrame(COLUMNS | {name: column(*values)}, dtype=object)
    for names in ([*frame.columns], [*reversed(frame.columns)]):
        ranked = rank_labels(frame, names)
        assert ranked[0].name == name and ranked[0].merit > ranked[1].merit


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ((0, 1), "binary"), (("0.0", "1.0"), "binary"), (("true", "False"), "binary"), ((0, 1, 2), "codes"), (("a", "b", ""), "words"),
        ((0.5, 0.0, 1.0), "fractions"), (("0,5", "0", "1"), "fractions"), ((1.5, -2.0, 0.3), "scores"), (("0,85", "0,1666"), "fractions"), ((85.5, 12.25), "scores"), ((1, None), None), ((1, -1), "codes"),
        (("nan", "hate"), None), (range(80), None), (range(40), "scores"),
    ],
)  # fmt: skip
def test_labels_are_of_a_kind(values, kind):
    assert label_kind(known_words(column(*values))) == kind


def test_the_text_is_named_so_or_long():
    frame = pd.DataFrame(
        {
            "title": ["A headline, and a rather long one for a comment"] * 3,
            "tweet": ["a b", "c d e", "f"],
            "n": [1, 2, 3],
        }
    )
    assert [one.name for one in rank_texts(frame, [*frame.columns])] == ["tweet", "title"]
    frame = pd.DataFrame(
        {"x": ["p", "q", "q"], "said": ["some words", "more words here", "others"], "lang": ["en"] * 3}
    )
    assert rank_texts(frame, [*frame.columns])[0].name == "said" and not rank_texts(frame, ["said"])[0].named


def test_columns_of_one_topic_are_found_even_where_no_row_has_it():
    frame = pd.DataFrame(
        {"toxic": [0, 1, 1], "threat": [0, 0, 0], "insult": ["0", "1", "0"], "hate_count": [0, 1, 1], "lang": [0, 1, 0]}
    )
    assert columns_of_one_topic(frame, [*frame.columns]) == ["toxic", "threat", "insult"]
    assert columns_of_one_topic(frame, ["toxic", "lang"]) == []


@pytest.mark.parametrize(
    ("values", "several"),
    [
        ([["hate", "none"], ["none"]], True), ([{"label": "hate"}], True), ([[{"a": 1}]], True), (["[1, 1, 0]", "[0, 0, 1]", "n/a"], True),
        (["{'a': 1}"], True), ([["hate"], []], False), (["['hate']", "[]"], False), (["[1] a note", "[1, 2]"], False), ([None], False),
    ],
)  # fmt: skip
def test_cells_with_several_values_are_noticed(values, several):
    assert holds_several(values) is several


@pytest.mark.parametrize(
    "values", [["a_1", "b_2"], ["https://x.example/1", "https://x.example/2"], ["7", "8"], ["[1, 2]"] * 2]
)
def test_ids_and_lists_are_no_texts(values):
    assert not rank_texts(pd.DataFrame({"x": values}, dtype=object), ["x"])
    assert rank_texts(pd.DataFrame({"x": ["\u5168\u90e8", "one two"]}), ["x"])  # not every language puts spaces


@pytest.mark.parametrize(
    ("better", "worse"),
    [("is_hate", "is_neutral"), ("toxic", "not_toxic"), ("hatespeech", "insult"), ("verdict", "annotator1"), ("label", "clean")],
)  # fmt: skip
def test_a_column_that_says_who_is_not_meant_or_who_judged_comes_last(better, worse):
    frame = pd.DataFrame({worse: column(1, 0), better: column(0, 1)}, dtype=object)
    assert [one.name for one in rank_labels(frame, [worse, better])] == [better, worse]


def test_many_whole_numbers_are_a_score_only_where_the_name_says_so():
    frame = pd.DataFrame({"toxicity": range(40), "x": range(40), "id": range(40)}, dtype=object)
    frame = pd.concat([frame, frame], ignore_index=True)
    assert [one.name for one in rank_labels(frame, [*frame.columns])] == ["toxicity"]


def test_a_number_among_texts_is_left_to_the_reader_which_names_it():
    texts = ["some words", "more words here", 2016, "others", "and some more", "the last one"]
    assert [one.name for one in rank_texts(pd.DataFrame({"text": texts}, dtype=object), ["text"])] == ["text"]
    assert not rank_texts(pd.DataFrame({"text": [1, 2, 3, "some words"]}, dtype=object), ["text"])
