"""Write the report's table of scores on random folds, on unseen users and on unseen articles, side by side."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from foxhound.evaluation.comparisons import model_names
from foxhound.evaluation.generalisation import PRIMARY, RANDOM, final_model_row, fold_protocols
from foxhound.evaluation.score_views import last_epochs, protocol_titles, rate_text
from foxhound.markdown import NOTHING, escape, table
from foxhound.report.comparison_sections import compared_pairs, shared_letters
from foxhound.report.score_tables import metric

ABOUT = """\
Random folds put comments by one user, and under one article, on both sides of a split. A model in use meets users and
articles that it has never seen: the last column of F1 is the one to go by. It ranks the table, and letters and AUROC
are of the same folds. F1 is at a threshold chosen on other folds. A dash: the model does not run there."""
NOT_GROUPED = """\
The corpus says neither who wrote a comment nor what it answers to (or the experiment asks for no such folds), so how
these models do on users or articles that they have not seen is unknown: scores there can be much lower."""


class SideBySide(NamedTuple):
    """A model at its last epoch, named as in the comparisons, and its row of scores by the kind of folds."""

    name: str
    epoch: int
    rows: dict[str, "pd.Series[Any]"]


def last_rows(rows: pd.DataFrame, protocol: str) -> pd.DataFrame:
    """Return the rows of models at their last epoch under a protocol, with their `name` in the comparisons."""
    last = last_epochs(rows[rows["protocol"].eq(protocol) & rows["part"].eq("test")])
    return last.assign(name=model_names(last))


def side_by_side(rows: pd.DataFrame) -> list[SideBySide]:
    """Return every model that runs under folds, those best at the hardest folds first, those that lack them last.

    Args:
        rows: what `over_seeds` returns.
    """
    protocols = fold_protocols(rows)
    found: dict[tuple[Any, ...], dict[str, pd.Series[Any]]] = {}
    for kind, protocol in protocols.items():
        for _, row in last_rows(rows, protocol).iterrows():
            key = (row["model"], rate_text(row["learning_rate"]), row["epoch"])
            found.setdefault(key, {})[kind] = row
    if not found:
        return []
    firsts = pd.DataFrame([next(iter(several.values())) for several in found.values()])
    models = [
        SideBySide(name, epoch, several)
        for name, epoch, several in zip(model_names(firsts), firsts["epoch"], found.values(), strict=True)
    ]

    def place(model: SideBySide) -> tuple[Any, ...]:
        scores = [model.rows[kind][PRIMARY] if kind in model.rows else np.nan for kind in reversed(protocols)]
        return (*((np.isnan(score), -score) for score in scores), model.name)

    return sorted(models, key=place)


def generalisation_table(rows: pd.DataFrame, comparisons: pd.DataFrame) -> str:
    """Return the table, as Markdown: model, epoch, the primary score per kind of folds; then letters and AUROC.

    Args:
        rows: what `over_seeds` returns; there is a fold protocol.
        comparisons: table of this name.
    """
    protocols = fold_protocols(rows)
    hardest, protocol = list(protocols.items())[-1]
    models = side_by_side(rows)
    names = [model.rows[hardest]["name"] for model in models if hardest in model.rows]
    letters = shared_letters(names, compared_pairs(comparisons, protocol, "test", ""))
    cells = []
    for model in models:
        last = model.rows.get(hardest)
        scores = [metric(model.rows.get(kind), PRIMARY) for kind in protocols]
        marks = NOTHING if last is None else letters[last["name"]]
        cells.append([escape(model.name), str(model.epoch or NOTHING), *scores, marks, metric(last, "auroc")])
    header = ("Model", "Epoch", *(f"F1, {kind}" for kind in protocols), "No significant difference", "AUROC")
    return table(header, cells)


def folds_in_words(rows: pd.DataFrame) -> str:
    """Return what each kind of folds is: `random: 10-fold cross-validation (stratified-10); by user: 10 folds ...`."""
    titles = protocol_titles(rows, "`")
    return "; ".join(f"*{kind}*: {titles[protocol]}" for kind, protocol in fold_protocols(rows).items())


def generalisation_sections(
    rows: pd.DataFrame, comparisons: pd.DataFrame, final: Mapping[str, Any] | None
) -> list[str]:
    """Return the table and what it says of the final model.

    Args:
        final: model, learning_rate and epoch of the final model; None where there is none.
    """
    protocols = fold_protocols(rows)
    if not protocols:
        return []
    hardest = list(protocols)[-1]
    about = [f"{ABOUT}\n\n{folds_in_words(rows)}."] + ([final_model_sentence(rows, final)] if final else [])
    if hardest == RANDOM:
        about[0] = f"{NOT_GROUPED}\n\n{folds_in_words(rows)}."
    return ["## On users and articles that a model has not seen", *about, generalisation_table(rows, comparisons)]


def final_model_sentence(rows: pd.DataFrame, final: Mapping[str, Any]) -> str:
    """Return how good the final model is at the hardest folds that there are, or that it was not scored there."""
    kind, protocol = list(fold_protocols(rows).items())[-1]
    row = final_model_row(rows, final, protocol)
    name = f"The final model ({escape(final['model'])}"
    if final["epoch"]:
        name += f", learning rate {rate_text(final['learning_rate'])}, epoch {final['epoch']}"
    name += ")"
    if row is None:
        return f"**{name} does not run under {escape(protocol)}: how good it is there is unknown.**"
    return f"{name} has an F1 of {metric(row, PRIMARY)} and an AUROC of {metric(row, 'auroc')} there ({kind})."
