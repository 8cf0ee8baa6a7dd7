"""Test the card's figures by hand, and that names in it are escaped."""

from pathlib import Path

import jinja2
import numpy as np
import pandas as pd
import pytest
from foxhound.evaluation.calibration import Calibrated
from foxhound.inference.model_card import NOT_LISTED, SCORES, model_card

TEMPLATE = (Path(__file__).parents[3] / "resources/model-card.md").read_text(encoding="utf-8")
ENDS = {"": 0.5, "_low": 0.4, "_high": 0.6}
ROW = pd.Series({f"{name}{end}": value for name in SCORES for end, value in ENDS.items()} | {"n": 100})
FACTS = {"corpus": "<b>mine</b>", "comments": 10, "hateful": 4, "articles": 2}
CALIBRATED = Calibrated((0.18, 0.17, 0.19), (0.03, 0.02, 0.05), 0.025)
FINAL = {"model": "finetune-bert", "protocol": "stratified-10", "seed": 1, "watts": 10, "grams_per_kwh": 480}


def card(template: str = TEMPLATE, row: pd.Series = ROW) -> str:
    return model_card(template, FINAL, row, CALIBRATED, 0.31, FACTS, {"dropout": True}, 180.0)


@pytest.mark.parametrize(
    "part",
    [
        "40.0 % of them",  # 4 of 10 comments
        "| AUROC | .500 [.400, .600] |",
        "| Brier score, before calibration | .500 [.400, .600] |",
        "| Brier score, calibrated on other comments | .180 [.170, .190] |",
        "| Calibration error (ECE), calibrated on other comments | .030 [.020, .050] |",
        "calibration error of\n.025 on as many comments",
        "Comments from .310 on",
        "n = 100",
        "| dropout | True |",
        "at 10 W it is 0.5 Wh",  # 10 W for 180 s
        "480 g of CO2 per kWh 0.24 g",
        "trained on &#60;b&#62;mine&#60;/b&#62;",
    ],
)
def test_figures_and_names(part):
    assert part in card()


def test_nothing_is_left_of_the_template_and_of_html():
    assert "<b>" not in card() and "{{" not in card()


def test_settings_are_listed_but_for_those_that_stand_elsewhere():
    lines = card().splitlines()
    assert "| seed | 1 |" in lines
    assert not [line for line in lines for name in NOT_LISTED if line.startswith(f"| {name} |")]


def test_a_score_that_is_not_known_is_left_out():
    text = card(row=ROW.where(ROW.index != "auroc", np.nan))
    assert "| AUROC |" not in text and "| Recall |" in text


def test_a_template_with_an_unknown_name_is_refused():
    with pytest.raises(jinja2.UndefinedError, match="colour"):
        card("{{ colour }}")
