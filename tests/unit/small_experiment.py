"""A small experiment's configuration, for the tests of plans."""

from typing import Any

LSTM = {"models": ["lstm"], "protocols": ["folds-2"], "epochs": [5, 1], "seeds": [1, 7]}
TUNED = {"models": ["bert"], "protocols": ["draw"], "epochs": [2], "seeds": [3, 1], "learning_rates": [1e-4, 2.5e-5]}
LSTM_AND_BASELINE = [{"model": "lstm", "epoch": 5}, {"model": "always"}]


def config(**changes: Any) -> dict[str, Any]:
    return {
        "encoder": "minilm",
        "protocols": {
            "folds-2": {"folds": 2, "seed": 0},
            "users": {"folds": 3, "group": "user", "seed": 0},
            "draw": {"rebalance": "random", "train": 10, "validation": 0, "test": 5},
            "unused": {"folds": 9, "seed": 0},
        },
        "lstm": {"models": {"lstm": {}}},
        "finetune": {"models": {"bert": {}, "big": {"encoder": "large"}}},
        "sweeps": {"one": LSTM, "two": TUNED},
        "run": ["one", "two"],
        "baselines": {"models": ["always"], "protocols": ["users"]},
        "ensembles": {},
        "stacks": {},
    } | changes
