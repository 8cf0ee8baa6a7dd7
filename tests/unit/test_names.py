"""Test that the shared names are those of the baselines and of the plan's pieces."""

import numpy as np
import pandas as pd
import pytest
from foxhound.experiment.plan import Plan
from foxhound.models.baselines import BASELINES, run_baseline
from foxhound.names import (
    ALARMS,
    ALWAYS,
    BASELINE_WORDS,
    CONTIGUOUS,
    DRAW,
    DRAWS,
    FOLDS,
    GROUPED,
    STRATIFIED,
    TFIDF,
    learning_rate_name,
)
from hypothesis import given
from hypothesis import strategies as st
from shipped_config import CONFIG


def test_the_named_baselines_exist_and_are_configured():
    assert {ALWAYS, TFIDF, *ALARMS, *BASELINE_WORDS} <= set(BASELINES)
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
    assert plan.pieces("stratified-3") and all(piece.startswith(FOLDS) for piece in plan.pieces("stratified-3"))
    assert all(piece.startswith(DRAW) for piece in plan.pieces("balanced-random-700"))


@pytest.mark.parametrize(
    ("rate", "name"),
    [(1e-4, "1e-4"), (0.0001, "1e-4"), (2.5e-05, "2.5e-5"), (0.5, "5e-1"), (1e-10, "1e-10"), (0.00123, "1.23e-3")],
)
def test_names_of_learning_rates(rate, name):
    assert learning_rate_name(rate) == name


@given(st.floats(1e-30, 1, exclude_max=True))
def test_a_learning_rate_is_read_back_from_its_name(rate):
    assert float(learning_rate_name(rate)) == rate


def test_kinds_of_protocols_are_different():
    assert len({STRATIFIED, GROUPED, CONTIGUOUS, DRAWS}) == 4
