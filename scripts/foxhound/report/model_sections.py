"""The report's sections on the model that is kept."""

from collections.abc import Mapping
from typing import cast

import pandas as pd

from foxhound.markdown import NOTHING, escape, number, table, with_interval

SENTENCES = """\
What the model to keep (`results/model`) says of the sentences in `checks.sentences`. One model's answers, not scores:
how often such answers are right is what the tables above say. A word's number is how much higher the log-odds of
hateful are with it than without it."""
HATECHECK = """\
HateCheck's cases (Röttger et al. 2021) are written to order: each function tests one thing, filled in for seven
groups. The share of cases that a model gets right, with 95 % intervals over templates. The kept model decides at its
threshold, TF-IDF + logistic regression, trained on the same comments, at .5. The cases are American English of 2020
with one sentence each, and not like the comments of any one site: what fails here is a weakness, what passes is no
proof."""
GROUPS = """\
**Risk.** A false positive is a case that attacks nobody and is called hateful. Where groups differ in it, moderating
with this model silences talk about some of them more than about others."""

EXPLANATIONS = """\
A fifth of a comment's words is left out: those that a method says carried the answer, or as many at random (of the kept
model on comments drawn at random; of an LSTM's attention on the held-out comments of one fold, and there tokens whose
vectors the encoder made from the whole comment). How far the log-odds of the class that the model chose fall; an
explanation is worth looking at where they fall further, with a 95 % interval over comments that lies above 0."""


def model_sections(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """A section for each of the tables sentences, hatecheck, and explanations or attention that is there."""
    parts = []
    if "sentences" in tables:
        parts += ["## What the kept model says", SENTENCES, _sentences(tables["sentences"])]
    if "hatecheck" in tables:
        parts += ["## Does it know hate, or words?", *_hatecheck(tables["hatecheck"])]
    explained = [tables[name] for name in ("explanations", "attention") if name in tables]
    if explained:
        parts += ["## Are explanations true?", EXPLANATIONS, _explanations(pd.concat(explained))]
    return parts


def _explanations(found: pd.DataFrame) -> str:
    body = [
        [
            escape(row["method"]),
            str(row["comments"]),
            *(number(row[name]) for name in ("drop", "random")),
            with_interval(row["difference"], row["low"], row["high"]),
            "faithful" if row["low"] > 0 else "not shown to be",
        ]
        for _, row in found.iterrows()
    ]
    header = ("Words named by", "Comments", "Fall", "Fall, random words", "Difference", "Verdict")
    return table(header, body)


def _sentences(found: pd.DataFrame) -> str:
    body = [
        [
            escape(row["sentence"]),
            number(row["p_hateful"]),
            "hateful" if row["hateful"] else "not hateful",
            escape(row["words"]),
        ]
        for _, row in found.iterrows()
    ]
    return table(("Sentence", "Probability of hateful", "Called", "Carried by"), body)


def _hatecheck(found: pd.DataFrame) -> list[str]:
    models = list(dict.fromkeys(found["model"]))
    cases = found[(found["kind"] == "function") & (found["model"] == models[0])]
    always = cases["n"][cases["label"] == 1].sum() / cases["n"].sum()
    return [
        f"{HATECHECK} Calling every case hateful gets {number(always)} of all cases right.",
        _accuracies(found[found["kind"].isin(["all", "function"])], models, "Function"),
        GROUPS,
        _accuracies(found[found["kind"] == "target"], models, "Target group"),
        *(
            f"Largest difference in false-positive rate, {escape(row['model'])}: {escape(row['name'])}, "
            f"{with_interval(row['accuracy'], row['low'], row['high'])} on the functions that test all groups "
            "(which two was picked on these cases)."
            for _, row in found[found["kind"] == "gap"].iterrows()
        ),
    ]


def _accuracies(rows: pd.DataFrame, models: list[str], heading: str) -> str:
    body = []
    gold = rows["label"].map({1: "hateful", 0: "not hateful"}).fillna(NOTHING)
    for name, group in rows.assign(gold=gold).groupby(["name", "gold"], sort=False):
        by_model = group.set_index("model")
        scores = [with_interval(*by_model.loc[model, ["accuracy", "low", "high"]]) for model in models]
        names = [escape(str(part).replace("_", " ")) for part in cast(tuple[str, str], name)]
        body.append([*names, f"{by_model['n'].iloc[0]}", *scores])
    return table((heading, "Cases are", "n", *(f"Right: {escape(model)}" for model in models)), body)
