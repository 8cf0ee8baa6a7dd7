import pandas as pd
import pytest
from foxhound.evaluation.generalisation import side_by_side
from foxhound.evaluation.score_views import over_seeds
from foxhound.report.leaderboard import leaderboard, leaderboard_sections
from foxhound.report.short_words import duration, hundredths
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


COSTS = {"tuned": (130.0, 9.612, 90.9), "words": (0.41, 0.3, 1.23)}


def test_each_model_has_one_row_with_a_column_per_kind_of_folds_and_the_hardest_ranks_it():
    board = leaderboard(ROWS, COMPARISONS, COSTS, {"tuned"}, "tuned", "article")
    assert "| **tuned** |" in board and "**words**" not in board
    header, *rows = tables(board)[0]
    assert header == [
        *("Model", "F1, random", "F1, by user", "F1, by article", "AUROC", "Minus TF-IDF", "No significant difference"),
        *("Training", "ms a comment", "MB", "Can be kept"),
    ]
    assert [row[0] for row in rows] == ["words", "tuned", "late"]
    found = {row[0]: row for row in rows}
    for column, protocol in zip((1, 2, 3), DEFINITIONS, strict=True):
        for model in SKILLS[protocol]:
            row = ROWS[(ROWS["protocol"] == protocol) & (ROWS["model"] == model)].iloc[0]
            assert float(found[model][column].split()[0]) == pytest.approx(row["f1_tuned"], abs=5e-3)
            assert "[" in found[model][column]
    # On random folds the order is the other way round: it is not what ranks the table.
    assert found["tuned"][1] > found["words"][1]
    assert found["late"][2:] == ["–"] * 8 + ["no"]
    assert found["words"][6] != found["tuned"][6]  # the letters are those of the hardest folds
    assert found["tuned"][7:] == ["2.2 min", "9.6", "91", "yes"]
    assert found["words"][7:] == ["0.41 s", "0.3", "1.2", "no"]


def test_the_groups_of_a_corpus_are_called_what_they_are():
    section = "\n".join(leaderboard_sections(ROWS, COMPARISONS, {}, (), "", "thread", ["an alarm"]))
    assert "F1, by thread" in section and "article" not in section.replace("folds of whole articles", "")
    assert section.endswith("an alarm")


def test_a_model_stands_at_one_epoch_that_of_the_hardest_folds_wherever_it_has_it():
    mixed = ROWS["protocol"].eq("mixed") & ROWS["model"].eq("tuned")
    later = ROWS[mixed].assign(epoch=5, f1_tuned=0.01)
    (model,) = (one for one in side_by_side(pd.concat([ROWS, later], ignore_index=True)) if one.name == "tuned")
    assert model.epoch == 3 and list(model.rows) == ["random", "by user", "by article"]
    assert model.rows["random"]["f1_tuned"] == ROWS[mixed]["f1_tuned"].item()
    assert model.rows["random"]["name"] == "tuned, epoch 3"  # comparisons are of the last one, so this was not compared
    (model,) = (one for one in side_by_side(ROWS.assign(epoch=ROWS["epoch"].where(~mixed, 5))) if one.name == "tuned")
    assert model.rows["random"]["epoch"] == 5


def test_a_model_at_several_learning_rates_is_named_by_each():
    again = ROWS[ROWS["model"].eq("tuned") & ROWS["protocol"].eq("mixed")].assign(learning_rate=2e-5)
    names = {model.name for model in side_by_side(pd.concat([ROWS, again], ignore_index=True))}
    assert names == {"words", "late", "tuned, rate 1e-4", "tuned, rate 2e-5"}


@pytest.mark.parametrize("protocols", [[*DEFINITIONS], ["mixed", "people"], ["mixed"]])
def test_who_has_random_folds_only_is_told_what_is_unknown(protocols):
    section = "\n".join(leaderboard_sections(*experiment(protocols), {}, (), "", "article", []))
    assert ("how these models do on users or articles that they have not seen is unknown" in section) == (
        protocols == ["mixed"]
    )


def test_without_folds_there_is_no_table():
    drawn = over_seeds(SCORES[SCORES["protocol_kind"] == "draws"])
    assert leaderboard_sections(drawn, COMPARISONS, {}, (), "", "article", []) == [
        "## Leaderboard", "No model of this experiment ran under folds.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.6149, ".61"), (1, "1.00"), (-0.0161, "-.02"), (-0.001, ".00"), (None, "–"), (float("nan"), "–")],
)
def test_two_decimals_are_enough_for_a_table(value, text):
    assert hundredths(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (0.0512, "0.051 s"), (48.4, "48 s"), (130, "2.2 min"), (7200, "120.0 min")]
)
def test_times_have_two_digits(seconds, text):
    assert duration(seconds) == text
