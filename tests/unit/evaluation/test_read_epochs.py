import pandas as pd
import pytest
from foxhound.errors import FoxhoundError
from foxhound.evaluation.read_epochs import read_epochs
from foxhound.tables import write_table
from made_up import COMMENTS, guesses, predictions


def test_epochs_of_interest_are_read_without_attention_and_a_missing_one_is_an_error(tmp_path):
    path = tmp_path / "predictions.parquet"
    frame = pd.concat([predictions(guesses(epoch), epoch=epoch) for epoch in (1, 2, 3)])
    write_table(frame.assign(attention=None), path, "predictions", {})
    rows = read_epochs(str(path), [1, 3])
    assert rows["epoch"].value_counts().to_dict() == {1: COMMENTS, 3: COMMENTS}
    assert rows.loc[rows["epoch"] == 3, "p_hateful"].tolist() == guesses(3).tolist()
    assert "attention" not in rows
    with pytest.raises(FoxhoundError, match=r"predictions.parquet: no predictions after epoch 4. Delete it and run"):
        read_epochs(str(path), [3, 4, 5])
