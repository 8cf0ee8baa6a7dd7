"""Test the card's figures by hand, and that names in it are escaped."""

import re
from pathlib import Path

import jinja2
import numpy as np
import pandas as pd
import pytest
from foxhound.evaluation.calibration import Calibrated
from foxhound.inference.model_card import SCORES, model_card
from foxhound.names import FINETUNE, GROUPED, POOLED, STRATIFIED, TFIDF

TEMPLATE = (Path(__file__).parents[3] / "resources/model-card.md").read_text(encoding="utf-8")
ENDS = {"": 0.5, "_low": 0.4, "_high": 0.6}
NUMBERS = {f"{name}{end}": value for name in SCORES for end, value in ENDS.items()}
ROW = pd.Series(NUMBERS | {"protocol": "articles", "protocol_kind": GROUPED})
OTHER = pd.Series(
    {name: value + 0.2 for name, value in NUMBERS.items()} | {"protocol": "stratified-10", "protocol_kind": STRATIFIED}
)
HELD_OUT = {"10 folds of whole articles (`articles`)": ROW, "10-fold cross-validation (`stratified-10`)": OTHER}
ARTICLES, MIXED = HELD_OUT
FACTS = {"corpus": "<b>mine</b>", "comments": 10, "hateful": 4, "articles": 2, "group": "article"}
CALIBRATED = Calibrated((0.18, 0.17, 0.19), 0.03, (0.025, 0.02, 0.05))
FINAL = {"model": "recommended", "protocol": "stratified-10", "onnx": True, "watts": 10, "grams_per_kwh": 480}
RUN = {"learning_rate": 1e-4, "epoch": 2}
BERT = {"model": "finetune-bert", "kind": FINETUNE, "encoder": {}, "training": {"dropout": True}} | RUN
CHOICE = {"model": "finetune-bert", "seed": 1, "members": [BERT]} | RUN
COUNTING = {"model": TFIDF, "kind": TFIDF}
POOLING = {"model": POOLED, "kind": POOLED, "encoder": {}, "layer": -2, "max_tokens": 64}


def card(template: str = TEMPLATE, held_out: dict[str, pd.Series | None] = HELD_OUT, **other: object) -> str:
    return model_card(template, CHOICE | other, FINAL, held_out, CALIBRATED, 0.31, FACTS, 180.0)


@pytest.mark.parametrize(
    "part",
    [
        "40.0 % of them",  # 4 of 10 comments
        "| Score | 10 folds of whole articles (`articles`) | 10-fold cross-validation (`stratified-10`) |",
        "| AUROC | .500 [.400, .600] | .700 [.600, .800] |",
        "| Brier score, before calibration | .500 [.400, .600] | .700 [.600, .800] |",
        "| Brier score, calibrated on other comments | – | .180 [.170, .190] |",
        "| Calibration error (ECE), calibrated on other comments | – | .030 |",
        "calibration error on as many comments would be .025 [.020, .050]",
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


def test_settings_are_listed():
    lines = card().splitlines()
    assert {
        "| learning&#95;rate | 0.0001 |",
        "| epoch | 2 |",
        "| dropout | True |",
        "| seed | 1 |",
        "| onnx | True |",
    } <= {*lines}


@pytest.mark.parametrize(
    ("model", "members", "said"),
    [
        (TFIDF, [COUNTING], "Logistic regression on TF-IDF weights of word and character n-grams. Trained on all 10"),
        (POOLED, [POOLING], "Logistic regression on the mean of a frozen encoder's token vectors. Trained on all 10"),
        ("both", [BERT, COUNTING], "The mean log-odds, with equal weights, of finetune-bert, tfidf-logistic. Trained"),
    ],
)
def test_only_a_fine_tuned_model_is_one_that_transformers_loads(model, members, said):
    text = card(model=model, members=members, learning_rate=None, epoch=0)
    assert said in text and f"# {model}, trained on" in text
    assert "transformers import pipeline" not in text and "library_name: onnx" in text
    assert '\n\n    foxhound predict --model "this folder" "a comment"\n\n' in text
    assert '    load_saved("this folder").probabilities(["a comment"])\n\n`--error-rate 0.1`' in text
    tuned = card()
    assert "A transformer, fine-tuned. Trained on all 10" in tuned and "library_name: transformers" in tuned
    assert "To ask it:\n\n    from transformers import pipeline\n    pipeline(" in tuned
    assert '\n\n    foxhound predict --model "this folder" "a comment"\n\n`--error-rate 0.1`' in tuned
    assert "load_saved" not in tuned


def test_the_settings_of_members_have_their_names_before_them():
    lines = {*card(model="both", members=[BERT, POOLING, COUNTING], learning_rate=None, epoch=0).splitlines()}
    assert {"| finetune-bert: dropout | True |", "| pooled-logistic: layer | -2 |", "| seed | 1 |"} <= lines


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


@pytest.mark.parametrize(
    ("articles", "said"), [(1, "hateful. Its probabilities"), (7, "hateful, on 7 threads. Its probabilities")]
)
def test_where_comments_are_on_threads_the_card_says_so(articles, said):
    facts = FACTS | {"group": "thread", "articles": articles}
    text = model_card(TEMPLATE, CHOICE, FINAL, HELD_OUT, CALIBRATED, 0.31, facts, 180.0)
    assert said in " ".join(text.split()) and "| Score | 10 folds of whole threads (`articles`) |" in text
    assert not re.findall(r"(?<![\w`])articles?(?![\w`])", text)


def test_a_template_with_an_unknown_name_is_refused():
    with pytest.raises(jinja2.UndefinedError, match="colour"):
        card("{{ colour }}")
