import numpy as np
import pytest
from columns_on_disk import partition_of
from foxhound.models.predictions import SETTINGS, predictions_frame
from foxhound.tables import read_arrow, write_table


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
