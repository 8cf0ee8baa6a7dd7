from foxhound.models.baselines import BASELINES
from foxhound.names import (
    ALARMS,
    ALWAYS,
    BASELINE_WORDS,
    CONTIGUOUS,
    DRAWS,
    GROUPED,
    STRATIFIED,
    TFIDF,
    learning_rate_name,
)


def test_a_learning_rate_is_written_as_in_paths():
    rates = {0.0001: "1e-4", 2.5e-05: "2.5e-5", 1e-3: "1e-3", 3e-05: "3e-5"}
    assert {rate: learning_rate_name(rate) for rate in rates} == rates


def test_the_baselines_named_here_exist():
    assert {*ALARMS, ALWAYS, TFIDF, *BASELINE_WORDS} <= set(BASELINES)


def test_kinds_of_protocols_are_different():
    assert len({STRATIFIED, GROUPED, CONTIGUOUS, DRAWS}) == 4
