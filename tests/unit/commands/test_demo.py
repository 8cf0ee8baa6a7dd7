from argparse import Namespace

import pytest
from foxhound.commands import demo
from foxhound.commands.kept_models import experiments
from shipped_config import ROOT


@pytest.mark.parametrize("code", [0, 1])
def test_it_ends_with_how_to_ask_the_model_unless_it_failed(code, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(demo, "run_snakemake", lambda cores, options: asked.append((cores, options)) or code)
    assert demo.run(Namespace(cores=3), None) == code
    assert asked == [(3, ["--configfile", "experiments/demo.yaml", "--", "all", "results/demo/model"])]
    said = capsys.readouterr().out
    assert ("foxhound predict --model results/demo/model" in said) == (code == 0)


def test_the_model_is_the_one_of_the_demo(monkeypatch):
    monkeypatch.chdir(ROOT)
    made = {str(overlay): str(model) for overlay, model in experiments()}
    assert made[demo.OVERLAY] == demo.MODEL and made["None"] == "results/model"
