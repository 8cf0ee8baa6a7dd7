from typing import Any

import pandas as pd
import pytest
import yaml
from foxhound.errors import FoxhoundError
from foxhound.experiment.adaptation import adapt_to_corpus
from foxhound.experiment.configuration import check_config, merged
from foxhound.experiment.costs import Costs, load_costs
from foxhound.experiment.plan import Plan
from foxhound.experiment.selections import fallen_away, final_predictions
from foxhound.experiment.sizing import Sizer, cost_sentence, estimate_all, load_steps, whole_grid, write_overlay
from foxhound.workflow.progress import in_words
from shipped_config import CONFIG, SCHEMA

STEPS = load_steps()
COSTS = Costs(load_costs())


def comments(count: int, users: int = 300, articles: int = 10) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "text": ["Geese eat the grass again, and nobody counts them any more!" * 2] * count,
            "title": [f"Title {number % articles}" for number in range(count)] if articles else [""] * count,
            "thread": [f"Title {number % articles}" for number in range(count)] if articles else [""] * count,
            "user": [f"user {number % users}" for number in range(count)] if users else [""] * count,
            "label": [int(number % 7 < 2) for number in range(count)],
        }
    )


MANY = comments(1500)


def sizer(corpus: pd.DataFrame = MANY, cores: int = 2, **changes: Any) -> Sizer:
    return Sizer(merged(CONFIG, changes), corpus, COSTS, cores, STEPS)


@pytest.mark.parametrize("minutes", [8, 30, 120, 600])
def test_an_experiment_takes_no_longer_than_its_budget_and_uses_it(minutes: int) -> None:
    one = sizer()
    sized = one.fit(60 * minutes)
    assert sized.seconds <= 60 * minutes
    assert sized.seconds == pytest.approx(estimate_all(merged(CONFIG, sized.overlay), MANY, COSTS, 2).wall)
    assert all(sized.seconds + seconds > 60 * minutes for _, _, seconds in sized.left_out)
    assert sum(seconds for *_, seconds in sized.taken) == pytest.approx(sized.seconds)


def test_more_time_or_more_cores_leave_out_less() -> None:
    short, long, wide = sizer().fit(1800), sizer().fit(7200), sizer(cores=8).fit(1800)
    assert len(short.taken) < len(long.taken)
    assert len(short.taken) < len(wide.taken)
    everything = sizer().fit(1e9)
    assert not everything.left_out and len(everything.taken) == len(STEPS["steps"])
    assert everything.folds == {"random": 10, "user": 10, "article": 10}


def test_what_comes_first_in_the_order_of_value_is_taken_first() -> None:
    sized = sizer().fit(1800)
    order = [step["name"] for step in STEPS["steps"]]
    names = [name for name, *_ in sized.taken]
    assert names == sorted(names, key=order.index) and names[0] == order[0]
    assert sized.overlay["run"] == [f"sized-{name}" for name in names]


def test_folds_become_fewer_before_a_needed_step_is_left_out() -> None:
    few = sizer().fit(8 * 60)
    assert few.folds["random"] < 10
    assert len(few.taken) >= STEPS["needed"]


def test_a_corpus_too_large_for_folds_is_fine_tuned_on_draws() -> None:
    large = sizer(comments(60_000)).fit(30 * 60)
    assert large.folds == {}
    first = large.overlay["sweeps"]["sized-final-model"]
    assert first["protocols"] == [STEPS["draws"]] and first["seeds"] == STEPS["draw_seeds"]
    assert large.overlay["final"]["protocol"] == STEPS["draws"]
    assert any("folds" in one for one in large.overlay["protocols"].values())  # of the baselines


def test_nothing_fits_a_minute() -> None:
    with pytest.raises(FoxhoundError, match=r"Not even the first step fits: .* Give more --minutes"):
        sizer().fit(60)


def test_folds_are_those_that_the_corpus_has_room_for() -> None:
    sized = sizer(comments(400, users=0, articles=4)).fit(3600)
    assert sized.folds == {"random": 10, "article": 4}
    assert sized.overlay["protocols"]["article-grouped-4"] == {"folds": 4, "seed": 0, "group": "thread"}
    none = sizer(comments(400, users=0, articles=0)).fit(3600)
    assert none.folds == {"random": 10}
    taken = {name for name, *_ in [*none.taken, *none.left_out]}
    assert not taken & {"final-model-unseen", "lstm-unseen", "title"}


def test_a_protocol_that_is_there_keeps_its_name() -> None:
    overlay = sizer().fit(1e9).overlay
    assert {"stratified-10", "user-grouped", "leave-one-article-out"} <= overlay["protocols"].keys()


@pytest.mark.parametrize("minutes", [6, 30, 300])
@pytest.mark.parametrize(
    "corpus", [MANY, comments(300, users=0, articles=0), comments(60_000)], ids=["", "bare", "large"]
)
def test_what_is_written_is_a_configuration_that_loses_nothing(corpus: pd.DataFrame, minutes: int) -> None:
    try:
        sized = sizer(corpus).fit(60 * minutes)
    except FoxhoundError:
        assert minutes == 6
        return
    cost = cost_sentence(sized, in_words, 26 * 3600, 2)
    text = write_overlay(sized, in_words, cost, "foxhound size --minutes 30")
    assert yaml.safe_load(text) == sized.overlay
    assert (
        text.startswith("# Sized by `foxhound size --minutes 30`: about ") and "the whole grid: about 26 hours." in text
    )
    for name, why, _ in [*sized.taken, *sized.left_out]:
        assert f"{name}: {why}" in text
    config = merged(CONFIG, yaml.safe_load(text))
    check_config(config, SCHEMA, [])
    adapted, lines = adapt_to_corpus(config, corpus)
    assert not [line for line in lines if line.split(":")[0] in sized.overlay["protocols"]]
    plan = Plan(config | adapted)
    final_predictions(plan)
    assert not [line for line in fallen_away(plan) if "final" in line]


@pytest.mark.parametrize(
    ("final", "epochs", "written"),
    [
        ({"epoch": 3}, [2, 3], {}),
        ({"epoch": 1}, [1, 2, 3], {}),
        ({"epoch": 5}, [2, 3], {"model": "finetune-bert", "learning_rate": 1e-4, "epoch": 3}),
        ({"model": "finetune-bert-relu-head"}, [2, 3], {"model": "finetune-bert", "learning_rate": 1e-4, "epoch": 3}),
    ],
)
def test_the_final_model_is_one_that_is_trained(final: dict, epochs: list[int], written: dict) -> None:
    named = {"model": "finetune-bert", "learning_rate": 1e-4, "epoch": 2}
    one = sizer(
        final=named | final, ensembles={"ensemble": [{"model": "finetune-bert", "learning_rate": 1e-4, "epoch": 3}]}
    )
    overlay = one.overlay(STEPS["steps"][:1], 5)
    assert overlay["sweeps"]["sized-final-model"]["epochs"] == epochs
    assert overlay["final"] == written | {"protocol": "stratified-5"}


@pytest.mark.parametrize("name", ["recommended", "tfidf-logistic", "ensemble"])
def test_a_final_model_without_epochs_stays(name: str) -> None:
    assert sizer(final={"model": name}).overlay(STEPS["steps"][:1], 5)["final"] == {"protocol": "stratified-5"}


def test_epochs_that_a_stack_takes_are_looked_at() -> None:
    members = [{"model": "lstm-bert-bidirectional-attention", "epoch": 8}, {"model": "tfidf-logistic"}]
    overlay = sizer(stacks={"stack": members}).overlay(STEPS["steps"][:3], 10)
    assert overlay["sweeps"]["sized-lstm"]["epochs"] == [8, 10, 30]


def test_every_step_names_what_config_yaml_defines() -> None:
    defined = CONFIG["lstm"]["models"].keys() | CONFIG["finetune"]["models"].keys()
    for step in STEPS["steps"]:
        assert set(step["models"]) <= defined, step["name"]
        assert set(step.get("protocols", [])) <= CONFIG["protocols"].keys(), step["name"]
    assert STEPS["draws"] in CONFIG["protocols"]
    assert len({step["name"] for step in STEPS["steps"]}) == len(STEPS["steps"])


def test_the_whole_grid_is_the_published_one_and_not_the_default():
    """What a run of the default would take is another question: it is made to be short."""
    assert len(Plan(whole_grid(CONFIG)).runs) > 4 * len(Plan(CONFIG).runs)
