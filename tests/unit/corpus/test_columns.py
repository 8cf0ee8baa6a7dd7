"""Test that columns are put together by comment, and that a result names the files it was made from."""

import pandas as pd
import pytest
from columns_on_disk import COMMENTS, write_columns
from foxhound.corpus.columns import column_files, corpus_digests, load_columns
from foxhound.errors import FoxhoundError


def test_only_columns_are_taken_from_a_jobs_inputs():
    inputs = {"text": "a.parquet", "model": "results/model", "masked": "b.parquet", "partitions": ["c"]}
    assert column_files(inputs) == {"text": "a.parquet", "masked": "b.parquet"}


def test_columns_stand_side_by_side_in_the_order_of_the_file(tmp_path):
    comments = COMMENTS[::-1].reset_index(drop=True)
    files = write_columns(tmp_path, "text", "label", "thread", comments=comments)
    pd.testing.assert_frame_equal(load_columns(files), comments[["id", "text", "label", "thread"]])
    pd.testing.assert_frame_equal(load_columns({"label": files["label"]}), comments[["id", "label"]])


@pytest.mark.parametrize("other", [COMMENTS[1:], COMMENTS[::-1]])
def test_columns_of_different_comments_are_refused(other, tmp_path):
    files = write_columns(tmp_path, "label") | write_columns(tmp_path, "text", comments=other)
    with pytest.raises(FoxhoundError, match=r"text\.parquet: its comments are not those of the other columns\. Delete"):
        load_columns(files)


def test_digests_are_the_names_of_the_files():
    files = {"text": "results/corpus/text/0123456789abcdef.parquet", "label": "label/ff.parquet"}
    assert corpus_digests(files) == {"text": "0123456789abcdef", "label": "ff"}
