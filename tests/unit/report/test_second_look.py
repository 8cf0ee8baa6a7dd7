import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from foxhound.corpus.corrections import apply_corrections
from foxhound.report.second_look import COLUMNS, LISTED, LONGEST, second_look
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

RESOURCES = Path(__file__).parents[3] / "resources"
FOLDS = 5


def predictions_of(comments: pd.DataFrame, model: str = "m") -> pd.DataFrame:
    """Return out-of-fold predictions of TF-IDF and logistic regression."""
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    words = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(C=10, class_weight="balanced"))
    p = cross_val_predict(words, comments["masked"], comments["label"], cv=folds, method="predict_proba")[:, 1]
    names = np.empty(len(comments), object)
    for fold, (_, own) in enumerate(folds.split(comments, comments["label"])):
        names[own] = f"p/fold-{fold}"
    rows = pd.DataFrame({"id": comments["id"], "p_hateful": p, "model": model, "fold_or_split": names, "seed": 1})
    return rows.assign(embedding=None, context=None, learning_rate=np.nan, attention=None, epoch=0)


def wrong_labels(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the texts of the demo corpus whose labels were flipped, from the script that made it."""
    spec = importlib.util.spec_from_file_location("make_demo_corpus", RESOURCES / "make_demo_corpus.py")
    assert spec and spec.loader
    script = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, script)
    spec.loader.exec_module(script)
    flipped: list[Any] = []
    add_noise = script.add_noise

    def add_and_note(dice: object, threads: list[list[Any]]) -> None:
        add_noise(dice, threads)
        flipped.extend(one for thread in threads for one in thread if one.kind.startswith("noise-"))

    monkeypatch.setattr(script, "add_noise", add_and_note)
    script.make_corpus()
    return {one.text for one in flipped}  # as they are in the end


def test_of_the_wrong_labels_of_the_demo_half_are_among_the_first_fifty(monkeypatch):
    rows = [json.loads(line) for line in (RESOURCES / "demo-comments.json").open(encoding="utf-8")]
    comments = pd.DataFrame({"id": [f"c{number:03d}" for number in range(len(rows))],
                             "masked": [row["text"] for row in rows], "label": [row["label"] for row in rows]})  # fmt: skip
    wrong = set(comments["id"][comments["masked"].isin(wrong_labels(monkeypatch))])
    assert len(wrong) == 22
    listed = second_look(comments, predictions_of(comments), "m")
    assert len(listed) == LISTED and listed["id"].is_unique
    assert len(wrong & set(listed["id"][:50])) >= 11  # chance would have two
    assert len(wrong & set(listed["id"])) >= 13


def test_it_is_a_file_of_corrections_that_changes_what_people_change(tmp_path):
    texts = ["away\nwith  them", '=SUM(A1) "quoted", <b>', "x" * 1000, "kind words", "they are vermin", "good day"]
    labels = [1, 0, 1, 0, 1, 0]
    comments = pd.DataFrame({"id": list("abcdef"), "masked": texts, "label": labels})
    rows = pd.DataFrame(
        {"id": list("abcdef"), "p_hateful": [0.1, 0.9, 0.8, 0.2, 0.7, 0.3], "model": "m", "seed": 1, "epoch": 0,
         "fold_or_split": [f"p/fold-{place % 2}" for place in (0, 0, 0, 1, 1, 1)],
         "embedding": None, "context": None, "learning_rate": np.nan, "attention": None})  # fmt: skip
    listed = second_look(comments, rows, "m")
    assert set(listed["id"][:2]) == {"a", "b"} and list(listed.columns) == COLUMNS
    assert not listed["reason"].str.contains("\n").any() and listed["reason"].str.len().max() < LONGEST + 60
    assert listed["reason"].str.match(r"m: [01]\.\d\d that it is hateful\. ").all()
    listed.to_csv(tmp_path / "corrections.csv", index=False)
    frame = comments.assign(text=comments["masked"], title=None, thread="t", user=None)
    same, changed = apply_corrections(frame, tmp_path / "corrections.csv")
    assert changed == 0 and same["label"].tolist() == labels
    listed.loc[listed["id"] == "a", "value"] = 0
    listed.to_csv(tmp_path / "corrections.csv", index=False)
    fixed, changed = apply_corrections(frame, tmp_path / "corrections.csv")
    assert changed == 1 and fixed["label"].tolist() == [0, *labels[1:]]


def test_without_the_model_there_is_nothing_to_look_at():
    comments = pd.DataFrame({"id": ["a"], "masked": ["b"], "label": [1]})
    none = pd.DataFrame(columns=["id", "p_hateful", "model", "fold_or_split"])
    assert second_look(comments, none, "m").empty
