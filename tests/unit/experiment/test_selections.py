from typing import Any

import pytest
from foxhound.errors import FoxhoundError
from foxhound.experiment.configuration import canonical
from foxhound.experiment.plan import Plan
from foxhound.experiment.selections import (
    attention_run,
    checks,
    error_browser_predictions,
    fallen_away,
    final_predictions,
    pretrained_file,
    recommendation,
    reference,
    scored_predictions,
)
from shipped_config import CONFIG, merged
from small_experiment import LSTM, LSTM_AND_BASELINE, config

FINAL = {"model": "bert", "protocol": "draw", "learning_rate": 1e-4, "epoch": 2, "seed": 1}


def test_the_final_model_is_calibrated_on_its_own_runs():
    # of the two learning rates one, of the two draws both
    assert final_predictions(Plan(config(final=FINAL))) == [
        "<results>/finetune/bert/draw/draw-3/lr-1e-4/seed-3.parquet",
        "<results>/finetune/bert/draw/draw-1/lr-1e-4/seed-1.parquet",
    ]


@pytest.mark.parametrize(
    "wrong", [{"model": "big"}, {"protocol": "folds-2"}, {"learning_rate": 2e-4}, {"epoch": 1}, {"epoch": 3}]
)
def test_a_model_that_is_not_scored_is_no_final_model(wrong):
    with pytest.raises(FoxhoundError, match="so its score is unknown"):
        final_predictions(Plan(config(final=FINAL | wrong)))


def shipped(**changes: Any) -> Plan:
    return Plan(merged(CONFIG, changes))


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("tfidf-logistic", {"baselines/tfidf-logistic/stratified-3/folds-1"}),
        ("pooled-logistic", {"baselines/pooled-logistic/stratified-3/folds-1"}),
        ("ensemble", {f"ensembles/ensemble/stratified-3/folds-{seed}" for seed in (1, 2, 3)}),
    ],
)
def test_a_model_without_epochs_is_calibrated_on_its_own_predictions(model, expected):
    assert set(final_predictions(shipped(final={"model": model}))) == {f"<results>/{path}.parquet" for path in expected}


@pytest.mark.parametrize("model", ["tfidf-logistic", "ensemble"])
def test_a_model_without_epochs_that_does_not_run_there_is_no_final_model(model):
    with pytest.raises(FoxhoundError, match=rf"\({model}\) does not run under user-grouped"):
        final_predictions(shipped(final={"model": model, "protocol": "user-grouped"}))


def test_where_it_is_recommended_the_predictions_of_all_that_can_be_kept_are_read():
    paths = final_predictions(shipped())
    assert {path.split("/")[2] for path in paths} == {
        "tfidf-logistic", "pooled-logistic", "ensemble-of-logistics", "finetune-bert", "ensemble",
    }  # fmt: skip
    assert {path.split("/")[3] for path in paths} == {"stratified-3"}
    with pytest.raises(FoxhoundError, match="nothing that runs under user-grouped in this experiment can be kept"):
        final_predictions(shipped(final={"protocol": "user-grouped"}))


NAMED = {"model": "finetune-bert", "learning_rate": 1e-4, "epoch": 2}


def test_only_a_recommended_model_goes_by_the_recommendation():
    assert recommendation(shipped()) == {"recommendation": "<report>/recommendation.json"}
    assert recommendation(shipped(final=NAMED)) == {}
    assert reference(shipped(final=NAMED).config) == "finetune-bert" and reference(CONFIG) == "tfidf-logistic"


def test_the_report_reads_of_the_final_model_what_is_asked_for():
    assert checks(shipped()) == {}
    asked = {
        "sentences": "mine.txt",
        "hatecheck": False,
        "explained": 5,
        "attention": "lstm-bert-bidirectional-attention",
    }
    assert checks(shipped(checks=asked)) == {
        "sentences": "<report>/sentences.parquet",
        "explanations": "<report>/explanations.parquet",
        "held_out": "<report>/final/held_out.parquet",
        "attention": "<results>/attention.parquet",
    }
    with pytest.raises(FoxhoundError, match="can be kept"):
        checks(shipped(final={"protocol": "user-grouped"}, checks={"hatecheck": True}))


def test_pretrained_vectors_are_there_or_downloaded_or_an_error(tmp_path):
    file = tmp_path / "vectors.txt"
    asked = config(word2vec={"pretrained": str(file)}, downloads={})
    with pytest.raises(FoxhoundError, match=r"word2vec.pretrained: .*vectors.txt does not exist, and `downloads`"):
        pretrained_file(asked, must_exist=True)
    assert pretrained_file(asked, must_exist=False) == str(file)  # on a node, where it may not be
    assert pretrained_file(asked | {"downloads": {str(file): {}}}, must_exist=True) is None
    with pytest.raises(FoxhoundError, match="names no file"):
        pretrained_file(config(word2vec={"pretrained": None}), must_exist=True)
    file.write_text("1 1\na 1\n")
    assert pretrained_file(asked | {"downloads": {str(file): {}}}, must_exist=True) == str(file)


ATTENDING = {
    "training": {"hidden": 9},
    "models": {
        "lstm": {"embedding": "bert", "context": "title", "architecture": "bidirectional-attention"},
        "words": {"embedding": "word2vec", "architecture": "bidirectional-attention"},
        "plain": {"embedding": "bert", "context": "none", "architecture": "base"},
    },
}


def test_the_run_whose_attention_is_tested_is_one_that_is_scored():
    files, run = attention_run(Plan(config(lstm=ATTENDING, checks={"attention": "lstm"})))
    assert files == {
        "embeddings": "<results>/embeddings/minilm/title.parquet",
        "partition": "<results>/partitions/folds-2/fold-01.parquet",
    }
    assert (run["epochs"], run["seed"], run["training"]) == (5, 1, {"hidden": 9})


@pytest.mark.parametrize("wrong", ["words", "plain", "bert", "nobody", "lstm"])
def test_attention_is_tested_only_where_there_is_some(wrong):
    sweep = {**LSTM, "models": ["words", "plain"] if wrong == "lstm" else ["lstm", "words", "plain"]}
    asked = config(lstm=ATTENDING, checks={"attention": wrong}, sweeps={"one": sweep}, run=["one"])
    with pytest.raises(FoxhoundError, match=f"checks.attention: '{wrong}' is no LSTM with attention"):
        attention_run(Plan(asked))


def test_the_error_browser_shows_the_fold_protocol_of_most_models():
    plan = Plan(config(ensembles={"mixed": LSTM_AND_BASELINE}))
    shown = error_browser_predictions(plan)
    runs = {run.path: 5 for run in plan.runs if run.protocol == "folds-2"}
    assert shown == runs | {
        f"<results>/{path}.parquet": 0
        for path in (
            "baselines/always/folds-2/folds-1",
            "ensembles/mixed/folds-2/folds-1",
            "ensembles/mixed/folds-2/folds-7",
        )
    }
    drawn = config(run=["two"], baselines={"models": ["always"], "protocols": []})
    assert error_browser_predictions(Plan(drawn)) == {}


def test_of_several_fold_protocols_the_error_browser_shows_that_of_most_models():
    protocols = {"twos": {"folds": 2, "seed": 0}, "fours": {"folds": 2, "seed": 0}, "others": {"folds": 2, "seed": 0}}
    protocols["drawn"] = {"rebalance": "none", "train": 5, "validation": 0, "test": 5}
    models = {"drawn": ["a", "b", "c"], "twos": ["a"], "fours": ["a", "b"], "others": ["b", "c"]}
    sweeps = {name: LSTM | {"models": some, "protocols": [name], "seeds": [1]} for name, some in models.items()}
    several = config(
        protocols=protocols, lstm={"models": {name: {} for name in "abc"}}, sweeps=sweeps, run=list(sweeps),
        baselines={"models": ["always"], "protocols": []},
    )  # fmt: skip
    assert error_browser_predictions(Plan(several)) == {
        **{f"<results>/lstm/{m}/fours/fold-0{fold}/seed-1.parquet": 5 for m in ("a", "b") for fold in (1, 2)},
        "<results>/baselines/always/fours/folds-1.parquet": 0,
    }


@pytest.mark.parametrize(
    ("epoch", "final", "lost"),
    [
        (5, 2, []),
        (4, 2, ["ensembles.pair falls away: it takes lstm at epoch 4, and the sweeps look at epochs 1, 5 only."]),
        (
            5,
            3,
            ["The final model (`final`) falls away: it takes bert at epoch 3, and the sweeps look at epochs 2 only."],
        ),
    ],
)
def test_what_an_epoch_alone_keeps_from_being_made_is_told(epoch, final, lost):
    members = [{"model": "lstm", "epoch": epoch}, {"model": "always"}]
    stacks = {"unheard-of": [{"model": "big", "learning_rate": 1e-4, "epoch": 9}]}  # a model that does not run at all
    plan = Plan(config(ensembles={"pair": members}, stacks=stacks, final=FINAL | {"epoch": final}))
    assert fallen_away(plan) == lost


def backwards(value: Any) -> Any:
    """Return a configuration with all keys in the opposite order, and the sweeps to run too."""
    if not isinstance(value, dict):
        return value
    turned = {key: backwards(value[key]) for key in reversed(value)}
    return turned | ({"run": turned["run"][::-1]} if "run" in turned else {})


def test_what_rules_read_of_a_plan_has_one_order_whatever_that_of_the_configuration():
    """Rules compare their lists with those of the last run."""
    one, other = (Plan(canonical(written)) for written in (CONFIG, backwards(CONFIG)))
    for asked in (Plan.predictions, Plan.ensembles, error_browser_predictions, final_predictions):
        assert repr(asked(one)) == repr(asked(other)), asked.__name__
    assert one.all_partitions() == other.all_partitions() and one.word_vectors() == other.word_vectors()


def test_an_experiment_that_scores_nothing_is_refused():
    nothing = config() | {"run": []}
    nothing["baselines"] = {"models": ["always"], "protocols": []}
    with pytest.raises(FoxhoundError, match="scores no model: name sweeps in `run`"):
        scored_predictions(Plan(nothing))
