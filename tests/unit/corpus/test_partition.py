"""Test that a partition has its own comments only, and that positions count them."""

import pandas as pd
import pytest
from columns_on_disk import PARTS, partition_of, write_columns
from foxhound.corpus.partition import load_partition
from foxhound.errors import FoxhoundError
from foxhound.tables import write_table


def test_a_partition_holds_its_comments_in_file_order(tmp_path):
    partition = partition_of(tmp_path)
    assert partition.name == "balanced/draw-1"
    assert partition.comments["id"].tolist() == list("abcef")
    assert partition.comments["part"].tolist() == [PARTS[letter] for letter in "abcef"]
    assert partition.comments["text"].tolist() == [f"text {letter}" for letter in "abcef"]
    assert list(partition.comments) == ["id", "label", "text", "thread", "part"]
    assert partition.labels.tolist() == [0, 1, 0, 0, 1]


def test_positions_count_the_partitions_rows(tmp_path):
    partition = partition_of(tmp_path)
    assert partition.train.tolist() == [0, 1]
    assert partition.scored.tolist() == [2, 3, 4]
    assert partition.comments.index.tolist() == list(range(5))


def test_a_partition_of_another_corpus_is_refused(tmp_path):
    write_table(pd.DataFrame({"id": ["z"], "part": ["test"]}), tmp_path / "fold-01.parquet", "partition", {})
    with pytest.raises(FoxhoundError, match=r"fold-01\.parquet: comment z is not in the corpus"):
        load_partition(write_columns(tmp_path, "label"), tmp_path / "fold-01.parquet")
