import pytest
from foxhound.experiment.plan import Plan, Run
from small_experiment import LSTM, LSTM_AND_BASELINE, config


def test_every_run_has_its_own_path():
    # counted by hand: 1 model x 2 folds x 2 seeds, and 1 model x 2 draws x 2 rates
    assert [run.path for run in Plan(config()).runs] == [
        "<results>/lstm/lstm/folds-2/fold-01/seed-1.parquet",
        "<results>/lstm/lstm/folds-2/fold-02/seed-1.parquet",
        "<results>/lstm/lstm/folds-2/fold-01/seed-7.parquet",
        "<results>/lstm/lstm/folds-2/fold-02/seed-7.parquet",
        "<results>/finetune/bert/draw/draw-3/lr-1e-4/seed-3.parquet",
        "<results>/finetune/bert/draw/draw-3/lr-2.5e-5/seed-3.parquet",
        "<results>/finetune/bert/draw/draw-1/lr-1e-4/seed-1.parquet",
        "<results>/finetune/bert/draw/draw-1/lr-2.5e-5/seed-1.parquet",
    ]


def test_only_selected_sweeps_are_run():
    assert {run.family for run in Plan(config(run=["two"])).runs} == {"finetune"}
    assert Plan(config(run=[])).runs == {}


def test_sweeps_that_share_a_run_train_it_once_for_all_their_epochs():
    again = LSTM | {"epochs": [30, 5], "seeds": [7]}
    plan = Plan(config(sweeps={"one": LSTM, "two": again}))
    assert len(plan.runs) == 4
    assert {run.seed: epochs for run, epochs in plan.runs.items()} == {1: [1, 5], 7: [1, 5, 30]}


def test_a_run_trains_to_its_last_epoch():
    plan = Plan(config())
    found = plan.last_epoch(
        family="finetune", model="bert", protocol="draw", partition="draw-3", seed="3", learning_rate="2.5e-5"
    )
    assert found == 2
    assert plan.last_epoch(family="lstm", model="lstm", protocol="folds-2", partition="fold-02", seed="7") == 5
    with pytest.raises(KeyError):
        plan.last_epoch(family="lstm", model="lstm", protocol="folds-2", partition="fold-03", seed="7")


def test_baselines_run_once_over_all_folds_and_on_every_draw_in_use():
    plan = Plan(config())
    assert plan.protocols == ["draw", "folds-2", "users"]
    assert plan.pieces("folds-2", seeded=False) == ["folds-1"]
    assert plan.piece_partitions("folds-2", "folds-1") == ["fold-01", "fold-02"]
    assert plan.pieces("draw") == ["draw-1", "draw-3"]
    assert plan.piece_partitions("draw", "draw-3") == ["draw-3"]
    alone = Plan(config(run=[], baselines={"models": ["always"], "protocols": ["draw"]}))
    assert alone.pieces("draw") == ["draw-1"]


def test_predictions_are_those_of_baselines_and_runs_with_their_epochs():
    plan = Plan(config())
    pieces = ("folds-2/folds-1", "draw/draw-1", "draw/draw-3", "users/folds-1")
    baselines = {f"<results>/baselines/always/{piece}.parquet": [0] for piece in pieces}
    assert plan.predictions() == baselines | {run.path: epochs for run, epochs in plan.runs.items()}
    assert set(map(tuple, plan.runs.values())) == {(1, 5), (2,)}


def test_folds_have_two_digits_so_that_they_sort():
    definition = {"folds": 12, "seed": 0}
    names = [
        name for name, _ in Plan(config(protocols=config()["protocols"] | {"many": definition})).partitions("many", [1])
    ]
    assert names == sorted(names)
    assert (names[0], names[-1]) == ("fold-01", "fold-12")


def test_a_run_without_a_learning_rate_has_none_in_its_path():
    assert "lr-" not in Run("lstm", "m", "p", "fold-01", 1).path


TUNED_AND_BASELINE = [{"model": "bert", "epoch": 2, "learning_rate": 1e-4}, {"model": "always"}]


def test_an_ensemble_is_made_wherever_all_its_members_run():
    made = Plan(config(ensembles={"mixed": LSTM_AND_BASELINE, "tuned": TUNED_AND_BASELINE}))
    assert made.ensembles() == {
        "<results>/ensembles/mixed/folds-2/folds-1.parquet": [0],
        "<results>/ensembles/mixed/folds-2/folds-7.parquet": [0],
        "<results>/ensembles/tuned/draw/draw-1.parquet": [0],
        "<results>/ensembles/tuned/draw/draw-3.parquet": [0],
    }
    assert made.ensembles().items() <= made.predictions().items()
    stacked = Plan(config(stacks={"mixed": LSTM_AND_BASELINE, "tuned": TUNED_AND_BASELINE}))
    assert stacked.ensembles() == {  # weights need other folds
        f"<results>/ensembles/mixed/folds-2/folds-{seed}.parquet": [0] for seed in (1, 7)
    }


def test_a_member_on_folds_is_one_seed_of_it_on_all_folds_at_one_epoch():
    made = Plan(config(ensembles={"mixed": LSTM_AND_BASELINE}))
    lstm, baseline = made.members("mixed", "folds-2", "folds-7")
    assert lstm == {f"<results>/lstm/lstm/folds-2/fold-0{fold}/seed-7.parquet": 5 for fold in (1, 2)}
    assert baseline == {"<results>/baselines/always/folds-2/folds-1.parquet": 0}  # it draws no random numbers


def test_a_baseline_that_draws_random_numbers_runs_with_the_seeds_of_the_models_under_the_same_folds():
    mixed = [{"model": "lstm", "epoch": 5}, {"model": "pooled-mlp"}]
    made = Plan(config(baselines={"models": ["always", "pooled-mlp"], "protocols": ["users"]}, ensembles={"e": mixed}))
    runs = {path.removeprefix("<results>/") for path in made.predictions() if "pooled-mlp" in path}
    assert runs == {
        f"baselines/pooled-mlp/{piece}.parquet"
        for piece in ("folds-2/folds-1", "folds-2/folds-7", "users/folds-1", "draw/draw-1", "draw/draw-3")
    }
    assert made.members("e", "folds-2", "folds-7")[1] == {"<results>/baselines/pooled-mlp/folds-2/folds-7.parquet": 0}
    assert set(made.ensembles()) == {f"<results>/ensembles/e/folds-2/folds-{seed}.parquet" for seed in (1, 7)}


def test_an_ensemble_without_random_numbers_is_made_once():
    pair = [{"model": "always"}, {"model": "never"}]
    made = Plan(config(baselines={"models": ["always", "never"], "protocols": []}, ensembles={"pair": pair}))
    assert [path for path in made.ensembles() if "folds-2" in path] == [
        "<results>/ensembles/pair/folds-2/folds-1.parquet"
    ]


def test_no_ensemble_where_its_members_share_no_seed():
    other = LSTM | {"models": ["other"], "seeds": [2]}
    pair = [{"model": "lstm", "epoch": 5}, {"model": "other", "epoch": 5}]
    models = {"models": {"lstm": {}, "other": {}}}
    made = Plan(config(lstm=models, sweeps={"one": LSTM, "two": other}, ensembles={"pair": pair}))
    assert made.ensembles() == {}


def test_own_word_vectors_are_of_a_run_and_pretrained_ones_of_all():
    models = {
        "own": {"embedding": "word2vec", "cleaning": "classic"},
        "bought": {"embedding": "word2vec", "cleaning": "minimal", "vectors": "pretrained"},
        "encoded": {"embedding": "bert", "context": "none"},
    }
    made = Plan(config(lstm={"models": models}, sweeps={"one": LSTM | {"models": [*models]}}, run=["one"]))
    assert made.word_vectors() == [
        *(f"<results>/word2vec/classic/folds-2/fold-0{fold}/seed-{seed}.parquet" for fold in (1, 2) for seed in (1, 7)),
        "<results>/word2vec/pretrained.parquet",
    ]
    assert made.models.word_vectors("encoded", "folds-2", "fold-01", 1) is None


@pytest.mark.parametrize(
    "member",
    [
        {"model": "lstm", "epoch": 4},
        {"model": "bert", "epoch": 2, "learning_rate": 5e-5},
        {"model": "never"},
        {"model": "bert", "epoch": 2, "learning_rate": 1e-4},
    ],
    ids=["no epoch of interest", "no such rate", "baseline not selected", "not under this protocol"],
)
def test_no_ensemble_where_a_member_is_missing(member):
    assert Plan(config(ensembles={"mixed": [*LSTM_AND_BASELINE, member]})).ensembles() == {}


def test_a_piece_is_named_after_its_seed():
    assert (Plan.seed("folds-3"), Plan.seed("draw-17")) == (3, 17)


def test_no_ensemble_has_an_alarm_as_a_member_where_folds_are_groups():
    """Of an unseen group an alarm knows only the others' share of hateful comments, which gives the group's own away."""
    sweep = {"one": LSTM | {"protocols": ["folds-2", "users"]}}
    alarmed = [{"model": "lstm", "epoch": 5}, {"model": "user-only"}]
    for kind in ("ensembles", "stacks"):
        made = Plan(config(sweeps=sweep, run=["one"], baselines={"models": ["always", "user-only"], "protocols": []},
                           **{kind: {"knows": alarmed, "reads": LSTM_AND_BASELINE}}))  # fmt: skip
        assert set(made.ensembles()) == {
            f"<results>/ensembles/{name}/folds-{seed}.parquet"
            for name in ("knows/folds-2", "reads/folds-2", "reads/users")
            for seed in (1, 7)
        }
