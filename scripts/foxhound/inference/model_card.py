"""Write the card of the final model: how good it is, and what it is not for."""

from collections.abc import Mapping
from typing import Any

import jinja2
import pandas as pd

from foxhound.evaluation.calibration import Calibrated
from foxhound.markdown import escape, number, table, with_interval

NOT_LISTED = (
    "model",
    "protocol",
    "watts",
    "grams_per_kwh",
)  # among the settings, because the card names them elsewhere

SCORES = {
    "f1": "F1 of the hateful class, threshold .5",
    "f1_tuned": "F1, threshold chosen without the labels it is scored on",
    "precision": "Precision",
    "recall": "Recall",
    "auroc": "AUROC",
    "average_precision": "Average precision",
    "brier": "Brier score, before calibration",
    "ece": "Calibration error (ECE), before calibration",
}


def model_card(
    template: str,
    final: Mapping[str, Any],
    scores: pd.Series,
    calibrated: Calibrated,
    threshold: float,
    facts: Mapping[str, Any],
    training: Mapping[str, Any],
    seconds: float,
) -> str:
    """Return the README.md of the final model's folder.

    Args:
        template: resources/model-card.md, for Jinja2.
        final: `final` of config.yaml.
        scores: row over seeds of the table `scores`, of that model under the protocol of `final`.
        calibrated: of its held-out predictions, each calibrated on other comments.
        threshold: comments from this probability on are called hateful.
        facts: of the corpus (foxhound/corpus/state.py).
        training: its training settings.
        seconds: how long training took, on one core or GPU.
    """
    score_rows = [
        [words, with_interval(scores[metric], scores[f"{metric}_low"], scores[f"{metric}_high"])]
        for metric, words in SCORES.items()
        if pd.notna(scores[metric])
    ]
    score_rows += [
        ["Brier score, calibrated on other comments", with_interval(*calibrated.brier)],
        ["Calibration error (ECE), calibrated on other comments", with_interval(*calibrated.ece)],
    ]
    watt_hours = final["watts"] * seconds / 3600
    settings = {key: value for key, value in (dict(final) | dict(training)).items() if key not in NOT_LISTED}
    return jinja2.Template(template, undefined=jinja2.StrictUndefined, keep_trailing_newline=True).render(
        name=escape(final["model"]),
        protocol=escape(final["protocol"]),
        corpus=escape(facts["corpus"]),
        comments=facts["comments"],
        articles=facts["articles"],
        share=f"{100 * facts['hateful'] / facts['comments']:.1f}",
        threshold=number(threshold),
        ece_of_perfect=number(calibrated.ece_of_perfect),
        n=f"{scores['n']:.0f}",
        scores=table(("Score", "Held out"), score_rows),
        settings=table(("Setting", "Value"), [[escape(key), escape(str(value))] for key, value in settings.items()]),
        seconds=f"{seconds:.0f}",
        watts=f"{final['watts']:g}",
        watt_hours=f"{watt_hours:.2g}",
        grams_per_kwh=f"{final['grams_per_kwh']:g}",
        grams=f"{watt_hours / 1000 * final['grams_per_kwh']:.2g}",
    )
