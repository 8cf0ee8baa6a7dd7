import pandas as pd
import pytest
import yaml
from foxhound.commands.grid import MINUTES, size_to_corpus
from shipped_config import CONFIG, merged

COMMENTS = pd.DataFrame(
    {
        "text": ["Geese eat the grass again, and nobody counts them any more!"] * 5000,
        "title": "",
        "thread": "",
        "user": [f"user {number % 500}" for number in range(5000)],
        "label": [int(number % 5 == 0) for number in range(5000)],
    }
)


def test_a_corpus_gets_a_grid_that_fits_half_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foxhound.commands.grid.machine_speed", lambda scripts: None)
    monkeypatch.setattr("foxhound.commands.grid.cores_here", lambda: 2)
    config = merged(CONFIG, {"corpus": {"title": None, "group": None}})
    text, sized, lines = size_to_corpus(config, COMMENTS, "experiments/my.yaml")
    overlay = yaml.safe_load(text)
    assert sized == merged(config, overlay)
    assert {one["group"] for one in overlay["protocols"].values() if "group" in one} == {"user"}
    assert lines[0].startswith("A run takes about ") and " on 2 cores; the whole grid: about " in lines[0]
    minutes = int(lines[0].split()[4])
    assert MINUTES / 2 < minutes <= MINUTES
    assert "--configfile experiments/my.yaml" in lines[1]
