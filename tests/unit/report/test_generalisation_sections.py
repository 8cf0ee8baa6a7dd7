import pandas as pd
import pytest
from foxhound.evaluation.score_views import over_seeds
from foxhound.report.generalisation_sections import (
    final_model_sentence,
    generalisation_sections,
    generalisation_table,
    side_by_side,
)
from made_up import COMMENTS, guesses, predictions, scored
from made_up_report import SCORES, compared, tables

DEFINITIONS = {
    "mixed": {"folds": 4, "seed": 0},
    "people": {"folds": 4, "group": "user", "seed": 0},
    "threads": {"folds": 4, "group": "thread", "seed": 0},
}
SKILLS = {"mixed": {"tuned": 0.5, "words": 0.1, "late": 0.2}, "people": {"tuned": 0.3, "words": 0.1},
          "threads": {"tuned": 0.0, "words": 0.4}}  # fmt: skip
TUNED = {"family": "finetune", "learning_rate": 1e-4}
FINAL = {"model": "tuned", "learning_rate": 1e-4, "epoch": 3}


def experiment(protocols: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows over seeds and the comparisons of models whose order changes from random folds to articles."""
    frames = [
        predictions(
            guesses(number, skill), model,
            fold_or_split=[f"{protocol}/fold-{comment % 4 + 1:02d}" for comment in range(COMMENTS)],
            epoch=3 if model == "tuned" else 0, settings=TUNED if model == "tuned" else {"family": "baseline"},
        )
        for protocol in protocols
        for number, (model, skill) in enumerate(SKILLS[protocol].items())
    ]  # fmt: skip
    frame = pd.concat(frames, ignore_index=True)
    definitions = {name: DEFINITIONS[name] for name in protocols}
    return over_seeds(scored(frame, protocols=definitions)), compared(frame, definitions)


ROWS, COMPARISONS = experiment([*DEFINITIONS])


def test_each_model_has_one_row_with_a_column_per_kind_of_folds_and_the_hardest_ranks_it():
    header, *rows = tables(generalisation_table(ROWS, COMPARISONS))[0]
    assert header == [
        "Model",
        "Epoch",
        "F1, random",
        "F1, by user",
        "F1, by article",
        "No significant difference",
        "AUROC",
    ]
    assert [row[:2] for row in rows] == [["words", "–"], ["tuned", "3"], ["late", "–"]]
    found = {row[0]: row for row in rows}
    for column, protocol in zip((2, 3, 4), DEFINITIONS, strict=True):
        for model in SKILLS[protocol]:
            row = ROWS[(ROWS["protocol"] == protocol) & (ROWS["model"] == model)].iloc[0]
            assert float(found[model][column].split()[0]) == pytest.approx(row["f1_tuned"], abs=5e-4)
            assert "[" in found[model][column]
    # On random folds the order is the other way round: it is not what ranks the table.
    assert found["tuned"][2] > found["words"][2]
    assert found["late"][3:] == ["–", "–", "–", "–"]
    assert found["words"][5] != found["tuned"][5]  # the letters are those of the hardest folds


def test_a_model_whose_last_epochs_differ_has_a_row_for_each():
    other = ROWS["protocol"].eq("mixed") & ROWS["model"].eq("tuned")
    rows = side_by_side(ROWS.assign(epoch=ROWS["epoch"].where(~other, 5)))
    assert [(model.name, model.epoch, list(model.rows)) for model in rows if model.name == "tuned"] == [
        ("tuned", 3, ["by user", "by article"]),
        ("tuned", 5, ["random"]),
    ]


def test_a_model_at_several_learning_rates_is_named_by_each():
    again = ROWS[ROWS["model"].eq("tuned") & ROWS["protocol"].eq("mixed")].assign(learning_rate=2e-5)
    names = {model.name for model in side_by_side(pd.concat([ROWS, again], ignore_index=True))}
    assert names == {"words", "late", "tuned, rate 1e-4", "tuned, rate 2e-5"}


@pytest.mark.parametrize(
    ("protocols", "said"),
    [
        ([*DEFINITIONS], "there (by article)."),
        (["mixed", "people"], "there (by user)."),
        (["mixed"], "there (random)."),
    ],
)
def test_the_final_model_is_quoted_at_the_hardest_folds_there_are(protocols, said):
    rows, comparisons = experiment(protocols)
    row = rows[rows["protocol"].eq(protocols[-1]) & rows["model"].eq("tuned")].iloc[0]
    section = "\n".join(generalisation_sections(rows, comparisons, FINAL))
    assert f"has an F1 of {row['f1_tuned']:.3f}".replace("0.", ".") in section and said in section
    assert ("how\nthese models do on users or articles that they have not seen is unknown" in section) == (
        protocols == ["mixed"]
    )


def test_a_final_model_that_does_not_run_there_is_said_to_be_unknown():
    assert final_model_sentence(ROWS, FINAL | {"epoch": 2}) == (
        "**The final model (tuned, learning rate 1e-4, epoch 2) does not run under threads: how good it is there is "
        "unknown.**"
    )


def test_without_folds_there_is_no_section():
    drawn = over_seeds(SCORES[SCORES["protocol_kind"] == "draws"])
    assert generalisation_sections(drawn, COMPARISONS, FINAL) == []
