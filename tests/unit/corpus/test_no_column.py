import pandas as pd
import pytest
from foxhound.corpus.column_ranking import Candidate
from foxhound.corpus.no_column import why_none


@pytest.mark.parametrize(
    ("key", "values", "reason"),
    [
        ("label", ["hate", "NA", None], "x y: 'NA' stands for a missing label. If it is a class, say of both what they mean: --label 'x y' --positive hate --negative NA"),
        ("label", ["x", None, None], "x y: 'x' or nothing"), ("label", ["1"] * 9 + ["inf"], "x y: among numbers, 'inf', which are none"),
        ("label", [["a", "b"], ["c"]], "x y: lists or objects. Write a table with one label a row"), ("text", [{"a": 1}], "with one text a row"),
        ("label", ["1", "1"], "texts without labels are for foxhound predict"),
    ],
)  # fmt: skip
def test_what_stands_in_the_way_is_said_with_a_remedy(key, values, reason):
    said = str(why_none(key, [], "f.csv", pd.DataFrame({"x y": values, "_line": 2}, dtype=object)))
    assert said.startswith(f"f.csv: no column can be the {key}: it needs ") and "Columns: x y." in said
    assert said.count("\n  ") == 1 and reason in said


def test_a_column_that_is_set_aside_for_its_name_can_be_asked_for():
    aside = [Candidate("the split", -1, False, "words", "")]
    said = str(why_none("label", aside, "f.csv", pd.DataFrame({"the split": ["train", "test"], "_line": 2})))
    assert "the split: by the name, no label of the text. If it is one: --label 'the split'" in said


@pytest.mark.parametrize(
    ("name", "values", "hint"),
    [
        ("tweet_id", ["17", "18"], "tweet_id: names texts that are not in this table. Get them"), ("tweet_id", ["17", "17"], None),
        ("post_tokens", [["all", "of", "it"], ["two", "words"]], '.post_tokens | join(" ") makes a text of each'),
    ],
)  # fmt: skip
def test_texts_that_are_elsewhere_or_in_pieces_can_be_had(name, values, hint):
    said = str(why_none("text", [], "f.csv", pd.DataFrame({name: values, "_line": 2}, dtype=object)))
    assert hint in said if hint else "\n" not in said
