import pandas as pd
import pytest
from foxhound.corpus.column_ranking import columns_of_one_topic, known_words, label_kind, rank_labels, rank_texts

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
        ("hate_label", (0, 1)), ("isHate", (0.3, 0.9, 0.0)),
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
        ((0.5, 0.0, 1.0), "fractions"), (("0,5", "0", "1"), "fractions"), ((1.5, -2.0, 0.3), "scores"), ((1, None), None), ((1, -1), "codes"),
        (("nan", "hate"), None), (range(40), None),
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
