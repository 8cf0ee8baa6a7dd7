"""Write the card of the final model: how good it is, and what it is not for."""

from collections.abc import Iterator, Mapping
from typing import Any

import jinja2
import pandas as pd

from foxhound.evaluation.calibration import Calibrated
from foxhound.evaluation.generalisation import PRIMARY
from foxhound.markdown import NOTHING, escape, in_words_of, number, table, with_interval
from foxhound.names import FINETUNE, GROUPED, POOLED, TFIDF

KINDS = {
    FINETUNE: "A transformer, fine-tuned",
    POOLED: "Logistic regression on the mean of a frozen encoder's token vectors",
    TFIDF: "Logistic regression on TF-IDF weights of word and character n-grams",
}
OF_RUN = ("learning_rate", "epoch", "layer", "max_tokens")
"""Settings of a member that are listed, beside those of its training."""

SCORES = {
    "f1_tuned": "F1, threshold chosen without the labels it is scored on",
    "f1": "F1 of the hateful class, threshold .5",
    "precision": "Precision",
    "recall": "Recall",
    "auroc": "AUROC",
    "average_precision": "Average precision",
    "brier": "Brier score, before calibration",
    "ece": "Calibration error (ECE), before calibration",
}


def model_card(
    template: str,
    choice: Mapping[str, Any],
    final: Mapping[str, Any],
    held_out: Mapping[str, pd.Series | None],
    calibrated: Calibrated,
    threshold: float,
    facts: Mapping[str, Any],
    seconds: float,
) -> str:
    """Return the README.md of the final model's folder.

    Args:
        template: resources/model-card.md, for Jinja2.
        choice: the model and its settings, as `scripts/final_choice.py` writes them.
        final: `final` of config.yaml, for what is not about the choice.
        held_out: what folds or draws are, in words -> that model's row over seeds of the table `scores`, None where it
            does not run there; the hardest folds first.
        calibrated: of its held-out predictions under the protocol of `final`, each calibrated on other comments.
        threshold: comments from this probability on are called hateful.
        facts: of the corpus (foxhound/corpus/state.py), and `group`: what its comments are on.
        seconds: how long training took, on one core or GPU.
    """
    scored = {words: row for words, row in held_out.items() if row is not None}
    score_rows = [
        [words, *(with_interval(row[metric], row[f"{metric}_low"], row[f"{metric}_high"]) for row in scored.values())]
        for metric, words in SCORES.items()
        if any(pd.notna(row[metric]) for row in scored.values())
    ]
    own = [row["protocol"] == final["protocol"] for row in scored.values()]
    for words, value in (
        ("Brier score", with_interval(*calibrated.brier)),
        ("Calibration error (ECE)", number(calibrated.ece)),
    ):
        score_rows.append([f"{words}, calibrated on other comments", *(value if one else NOTHING for one in own)])
    watt_hours = final["watts"] * seconds / 3600
    text = jinja2.Template(template, undefined=jinja2.StrictUndefined, keep_trailing_newline=True).render(
        name=escape(choice["model"]),
        kind=_kind(choice),
        fine_tuned=_is_fine_tuned(choice),
        protocol=escape(final["protocol"]),
        quoted=_quoted(held_out),
        corpus=escape(facts["corpus"]),
        comments=facts["comments"],
        articles=facts["articles"],
        share=f"{100 * facts['hateful'] / facts['comments']:.1f}",
        threshold=number(threshold),
        ece_of_perfect=with_interval(*calibrated.ece_of_perfect),
        scores=table(("Score", *scored), score_rows),
        settings=table(("Setting", "Value"), [[escape(key), escape(value)] for key, value in _settings(choice, final)]),
        seconds=f"{seconds:.0f}",
        watts=f"{final['watts']:g}",
        watt_hours=f"{watt_hours:.2g}",
        grams_per_kwh=f"{final['grams_per_kwh']:g}",
        grams=f"{watt_hours / 1000 * final['grams_per_kwh']:.2g}",
    )
    return in_words_of(facts["group"], text)


def _is_fine_tuned(choice: Mapping[str, Any]) -> bool:
    """Say whether the model is a single one that is fine-tuned, and its folder one that transformers can load."""
    members = choice["members"]
    return bool(members[0]["model"] == choice["model"] and members[0]["kind"] == FINETUNE)


def _kind(choice: Mapping[str, Any]) -> str:
    """Return what the model is, in words."""
    members = choice["members"]
    if members[0]["model"] == choice["model"]:
        return KINDS[members[0]["kind"]]
    return "The mean log-odds, with equal weights, of " + ", ".join(escape(member["model"]) for member in members)


def _settings(choice: Mapping[str, Any], final: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the settings of the model, those of an ensemble's members with their names before them."""
    for member in choice["members"]:
        head = "" if member["model"] == choice["model"] else f"{member['model']}: "
        settings = {name: member[name] for name in OF_RUN if name in member} | member.get("training", {})
        yield from ((f"{head}{name}", str(value)) for name, value in settings.items())
    yield from (("seed", str(choice["seed"])), ("onnx", str(final["onnx"])))


def _quoted(held_out: Mapping[str, pd.Series | None]) -> str:
    """Return the sentence on the hardest folds: the scores to go by, or that there are none."""
    words, row = next(iter(held_out.items()))
    if row is None:
        return f"**It was not scored on {words}, the hardest that this corpus allows: scores there can be much lower.**"
    measure = PRIMARY if pd.notna(row[PRIMARY]) else "f1"
    f1 = with_interval(*(row[measure + end] for end in ("", "_low", "_high")))
    if row["protocol_kind"] == GROUPED:
        return f"The scores to go by are those on {words}, the hardest that this corpus allows: F1 {f1}."
    return (
        f"F1 is {f1} on {words}. How good it is on users and articles that no training comment came from was not "
        "measured: scores there can be much lower."
    )
