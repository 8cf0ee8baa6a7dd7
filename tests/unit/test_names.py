"""Test that the shared names are those of the baselines and of the plan's pieces."""

import numpy as np
import pandas as pd
import pytest
from foxhound.experiment.plan import Plan
from foxhound.models.baselines import BASELINES, run_baseline
from foxhound.names import ALARMS, ALWAYS, DRAW, FOLDS, TFIDF
from shipped_config import CONFIG


def test_the_named_baselines_exist_and_are_configured():
    assert {ALWAYS, TFIDF, *ALARMS} <= set(BASELINES)
    assert {ALWAYS, TFIDF, *ALARMS} <= set(CONFIG["baselines"]["models"])


@pytest.mark.parametrize("name", [*ALARMS, TFIDF])
def test_the_alarms_and_only_they_read_no_comment(name):
    rows = np.arange(40)
    comments = pd.DataFrame({"text": ["vermin out", "well said"] * 20, "label": [1, 0] * 20})
    comments = comments.assign(thread=[f"t{row % 5}" for row in rows], user=[f"u{row % 7}" for row in rows])
    others = comments.assign(text=["well said", "well said"] * 20)
    before, after = (run_baseline(name, frame, rows[:30], rows[30:], 0) for frame in (comments, others))
    assert np.array_equal(before, after) == (name in ALARMS)


def test_pieces_of_the_plan_have_these_names():
    plan = Plan(CONFIG)
    assert plan.pieces("stratified-10") == [FOLDS]
    assert all(piece.startswith(DRAW) for piece in plan.pieces("balanced-random-700"))
