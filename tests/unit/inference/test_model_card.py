"""Test the card's figures by hand, and that names in it are escaped."""

from pathlib import Path

import jinja2
import numpy as np
import pandas as pd
import pytest
from foxhound.evaluation.calibration import Calibrated
from foxhound.inference.model_card import NOT_LISTED, SCORES, model_card
from foxhound.names import GROUPED, STRATIFIED

TEMPLATE = (Path(__file__).parents[3] / "resources/model-card.md").read_text(encoding="utf-8")
ENDS = {"": 0.5, "_low": 0.4, "_high": 0.6}
NUMBERS = {f"{name}{end}": value for name in SCORES for end, value in ENDS.items()}
ROW = pd.Series(NUMBERS | {"protocol": "articles", "protocol_kind": GROUPED})
OTHER = pd.Series(
    {name: value + 0.2 for name, value in NUMBERS.items()} | {"protocol": "stratified-10", "protocol_kind": STRATIFIED}
)
HELD_OUT = {"10 folds of whole articles (`articles`)": ROW, "10-fold cross-validation (`stratified-10`)": OTHER}
ARTICLES, MIXED = HELD_OUT
FACTS = {"corpus": "<b>mine</b>", "comments": 10, "hateful": 4, "articles": 2}
CALIBRATED = Calibrated((0.18, 0.17, 0.19), (0.03, 0.02, 0.05), 0.025)
FINAL = {"model": "finetune-bert", "protocol": "stratified-10", "seed": 1, "watts": 10, "grams_per_kwh": 480}


def card(template: str = TEMPLATE, held_out: dict[str, pd.Series | None] = HELD_OUT) -> str:
    return model_card(template, FINAL, held_out, CALIBRATED, 0.31, FACTS, {"dropout": True}, 180.0)


@pytest.mark.parametrize(
    "part",
    [
        "40.0 % of them",  # 4 of 10 comments
        "| Score | 10 folds of whole articles (`articles`) | 10-fold cross-validation (`stratified-10`) |",
        "| AUROC | .500 [.400, .600] | .700 [.600, .800] |",
        "| Brier score, before calibration | .500 [.400, .600] | .700 [.600, .800] |",
        "| Brier score, calibrated on other comments | – | .180 [.170, .190] |",
        "| Calibration error (ECE), calibrated on other comments | – | .030 [.020, .050] |",
        "calibration error of .025 on as many comments",
        "Comments from .310 on",
        "The scores to go by are those on 10 folds of whole articles (`articles`), the hardest that this corpus allows: F1 "
        ".500 [.400, .600].",
        "on all held-out predictions under `stratified-10`",
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
    lacking = {name: row.where(row.index != "auroc", np.nan) for name, row in HELD_OUT.items()}
    text = card(held_out=lacking)
    assert "| AUROC |" not in text and "| Recall |" in text
    text = card(held_out=HELD_OUT | {MIXED: lacking[MIXED]})
    assert "| AUROC | .500 [.400, .600] | – |" in text


def test_hardest_folds_that_it_was_not_scored_on_are_named():
    text = card(held_out={ARTICLES: None, MIXED: OTHER})
    assert f"**It was not scored on {ARTICLES}, the hardest that this corpus allows" in text
    assert "| AUROC | .700 [.600, .800] |" in text


def test_without_users_and_articles_it_is_unknown_how_good_it_is_on_new_ones():
    text = card(held_out={MIXED: OTHER})
    assert f"F1 is .700 [.600, .800] on {MIXED}. How good it is on users and articles that no training comment" in text


def test_a_template_with_an_unknown_name_is_refused():
    with pytest.raises(jinja2.UndefinedError, match="colour"):
        card("{{ colour }}")
