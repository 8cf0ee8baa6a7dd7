"""Write the report's sections on the final model."""

from collections.abc import Mapping
from typing import cast

import pandas as pd

from foxhound.markdown import NOTHING, escape, number, table, with_interval

SENTENCES = """\
The final model (`results/model`) on the sentences in `checks.sentences`: single predictions, whose reliability the
scores above show. A word's number is how much higher the log-odds of hateful are with it than without it."""
HATECHECK = """\
HateCheck's cases (Röttger et al. 2021) are written for testing: each function tests one thing, filled in for seven
groups, and many sentences are variants of another one. The share of cases that a model gets right, with 95 % intervals
for other sentences, with their variants, under the same functions (Wilson's, by the effective number of cases). The
final model decides at its threshold, TF-IDF + logistic regression, trained on the same comments, at .5. The cases are
single sentences in American English of 2020, unlike the comments of any one site: a failure here is a weakness, a pass
is no proof."""
GROUPS = """\
**Risk.** A false positive is a case that attacks nobody and is called hateful. Where groups differ in it, moderating
with this model silences talk about some of them more than about others."""

EXPLANATIONS = """\
A fifth of a comment's words is left out: those that an explanation names, or as many at random. *Drop* is how far the
log-odds of the predicted class fall. An explanation is faithful where they fall further than with random words, with a
95 % interval over comments above 0. Explanations of the final model are tested on comments drawn at random; an LSTM's
attention on the held-out comments of one fold, where tokens are left out whose vectors the encoder made from the whole
comment."""


def model_sections(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return a section for each of the tables sentences, hatecheck, and explanations or attention that is there."""
    parts = []
    if "sentences" in tables:
        parts += ["## The final model on given sentences", SENTENCES, _sentences(tables["sentences"])]
    if "hatecheck" in tables:
        parts += ["## HateCheck", *_hatecheck(tables["hatecheck"])]
    explained = [tables[name] for name in ("explanations", "attention") if name in tables]
    if explained:
        parts += ["## Faithfulness of explanations", EXPLANATIONS, _explanations(pd.concat(explained))]
    return parts


def _explanations(explanations: pd.DataFrame) -> str:
    cells = [
        [
            escape(row["method"]),
            str(row["comments"]),
            *(number(row[name]) for name in ("drop", "random")),
            with_interval(row["difference"], row["low"], row["high"]),
            "faithful" if row["low"] > 0 else "not shown to be faithful",
        ]
        for _, row in explanations.iterrows()
    ]
    header = ("Words named by", "Comments", "Drop", "Drop, random words", "Difference", "Verdict")
    return table(header, cells)


def _sentences(sentences: pd.DataFrame) -> str:
    cells = [
        [
            escape(row["sentence"]),
            number(row["p_hateful"]),
            "hateful" if row["hateful"] else "not hateful",
            escape(row["words"]),
        ]
        for _, row in sentences.iterrows()
    ]
    return table(("Sentence", "Probability of hateful", "Called", "Words with the largest effect"), cells)


def _hatecheck(rows: pd.DataFrame) -> list[str]:
    models = list(dict.fromkeys(rows["model"]))
    cases = rows[(rows["kind"] == "function") & (rows["model"] == models[0])]
    always = cases["n"][cases["label"] == 1].sum() / cases["n"].sum()
    return [
        f"{HATECHECK} Calling every case hateful gets {number(always)} of all cases right.",
        _accuracies(rows[rows["kind"].isin(["all", "function"])], models, "Function"),
        GROUPS,
        _accuracies(rows[rows["kind"] == "target"], models, "Target group"),
        *(
            f"Largest difference in false-positive rate, {escape(row['model'])}: {escape(row['name'])}, "
            f"{with_interval(row['accuracy'], row['low'], row['high'])} on the functions that test all groups "
            "(the two groups were picked on these cases)."
            for _, row in rows[rows["kind"] == "gap"].iterrows()
        ),
    ]


def _accuracies(rows: pd.DataFrame, models: list[str], heading: str) -> str:
    cells = []
    gold = rows["label"].map({1: "hateful", 0: "not hateful"}).fillna(NOTHING)
    for name, group in rows.assign(gold=gold).groupby(["name", "gold"], sort=False):
        by_model = group.set_index("model")
        scores = [with_interval(*by_model.loc[model, ["accuracy", "low", "high"]]) for model in models]
        names = [escape(str(part).replace("_", " ")) for part in cast(tuple[str, str], name)]
        cells.append([*names, f"{by_model['n'].iloc[0]}", *scores])
    return table((heading, "Cases are", "n", *(f"Right: {escape(model)}" for model in models)), cells)
