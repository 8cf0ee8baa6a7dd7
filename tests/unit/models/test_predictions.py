import numpy as np
import pandas as pd
import pytest
from foxhound.corpus.columns import load_columns
from foxhound.corpus.partition import Partition, load_partition
from foxhound.errors import FoxhoundError
from foxhound.models.predictions import SETTINGS, predictions_frame
from foxhound.tables import read_arrow, write_table

COMMENTS = pd.DataFrame(
    {
        "id": list("abcdef"),
        "thread": ["x", "x", "y", "y", "z", "z"],
        "title": "t",
        "text": [f"text {letter}" for letter in "abcdef"],
        "label": np.array([0, 1, 0, 1, 0, 1], np.int8),
        "user": "u",
    }
)
PARTS = {"e": "test", "c": "validation", "a": "train", "b": "train", "f": "test"}


def write_columns(folder, *names: str, comments: pd.DataFrame = COMMENTS) -> dict[str, str]:
    for name in names:
        write_table(comments[["id", name]], folder / f"{name}.parquet", name, {})
    return {name: str(folder / f"{name}.parquet") for name in names}


def partition_of(folder) -> Partition:
    parts = pd.DataFrame({"id": list(PARTS), "part": list(PARTS.values())})
    path = folder / "partitions" / "balanced" / "draw-1.parquet"
    write_table(parts, path, "partition", {})
    return load_partition(write_columns(folder, "label", "text", "thread"), path)


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


def test_predictions_are_those_of_the_scored_comments_at_every_epoch(tmp_path):
    partition = partition_of(tmp_path)
    probabilities = {2: np.array([0.1, 0.2, 0.3]), 5: np.array([0.4, 0.5, 0.6])}
    attention = [np.array([1.0]), np.array([0.5, 0.5]), np.array([1.0])]
    frame = predictions_frame(
        partition, probabilities, "some-model", 7, {"family": "lstm", "learning_rate": 1e-4}, attention
    )
    write_table(frame, tmp_path / "predictions.parquet", "predictions", {})
    columns = read_arrow(tmp_path / "predictions.parquet", "predictions").to_pydict()
    assert columns["attention"] == [None] * 3 + [[1], [0.5, 0.5], [1]]
    assert columns["id"] == list("cefcef")
    assert columns["label"] == [0, 0, 1] * 2
    assert columns["part"] == ["validation", "test", "test"] * 2
    assert columns["p_hateful"] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    assert columns["epoch"] == [2, 2, 2, 5, 5, 5]
    assert columns["seed"] == [7] * 6
    assert columns["model"] == ["some-model"] * 6
    assert columns["fold_or_split"] == ["balanced/draw-1"] * 6
    settings = dict.fromkeys(SETTINGS) | {"family": "lstm", "learning_rate": 1e-4}
    assert columns["settings"] == [settings] * 6


def test_a_setting_that_the_table_does_not_declare_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"\['colour'\].*schemas/tables\.yaml"):
        predictions_frame(partition_of(tmp_path), {0: np.zeros(3)}, "m", 1, {"colour": "red"})


def test_fewer_probabilities_than_scored_comments_are_refused(tmp_path):
    with pytest.raises(ValueError, match="length"):
        predictions_frame(partition_of(tmp_path), {0: np.zeros(2)}, "m", 1, {})


def test_a_partition_of_another_corpus_is_refused(tmp_path):
    write_table(pd.DataFrame({"id": ["z"], "part": ["test"]}), tmp_path / "fold-01.parquet", "partition", {})
    with pytest.raises(FoxhoundError, match=r"fold-01\.parquet: comment z"):
        load_partition(write_columns(tmp_path, "label"), tmp_path / "fold-01.parquet")


def test_columns_of_different_comments_are_refused(tmp_path):
    files = write_columns(tmp_path, "label") | write_columns(tmp_path, "text", comments=COMMENTS[1:])
    with pytest.raises(FoxhoundError, match=r"text\.parquet: holds other comments"):
        load_columns(files)
