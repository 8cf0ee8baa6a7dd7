import numpy as np
import pandas as pd
import pytest
from foxhound.evaluation.run_thresholds import run_thresholds
from foxhound.evaluation.thresholds import held_out_thresholds
from made_up import COMMENTS, IDS, guesses, predictions
from runs_on_disk import runs_of


def test_runs_as_arrays_have_the_same_thresholds(tmp_path):
    drawn = {"fold_or_split": "x/draw-1", "part": np.where(np.arange(COMMENTS) < 40, "validation", "test")}
    table = pd.concat(
        [predictions(guesses(3)), predictions(guesses(4), "always-hateful"), predictions(guesses(5), "drawn", **drawn),
         predictions(guesses(6)[:50], "alone", fold_or_split="x/draw-1")],
        ignore_index=True,
    )  # fmt: skip
    expected = held_out_thresholds(table.assign(settings="s", protocol=table["fold_or_split"].str.partition("/")[0]))
    runs = runs_of(table, tmp_path)
    for group, (run,) in runs.items():
        rows = table["model"].eq(group.model) & table["part"].eq(group.part)
        by_id = dict(zip(table["id"][rows], expected[rows], strict=True))
        found = run_thresholds(runs, group, run, 0)
        assert found == pytest.approx([by_id[sorted(IDS)[row]] for row in run.comments], nan_ok=True)
