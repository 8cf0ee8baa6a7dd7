import itertools
from typing import Any

import pandas as pd
import pytest
from foxhound.experiment.adaptation import adapt_to_corpus
from foxhound.experiment.plan import Plan
from foxhound.experiment.workload import ASSUMED, Workload, measure_texts
from shipped_config import CONFIG, merged

COMMENTS = pd.DataFrame(
    {
        "text": ["Geese eat the grass again!", "They all have to go"] * 100,
        "title": [f"Title {number % 5}" for number in range(200)],
        "thread": [f"Title {number % 5}" for number in range(200)],
        "user": [f"user {number % 20}" for number in range(200)],
        "label": [0, 0, 0, 1] * 50,
    }
)
SWEEPS = {
    "lstm-bert": {"models": ["lstm-bert-bidirectional-attention"], "protocols": ["five"], "epochs": [2, 4], "seeds": [1]},
    "lstm-word2vec": {"models": ["lstm-word2vec-classic-base"], "protocols": ["five"], "epochs": [3], "seeds": [1]},
    "finetune-folds": {
        "models": ["finetune-bert"], "protocols": ["five"], "epochs": [1, 3], "seeds": [1, 2], "learning_rates": [1e-4],
    },
    "finetune-balanced": {
        "models": ["finetune-bert"], "protocols": ["draw"], "epochs": [2], "seeds": [1], "learning_rates": [1e-4],
    },
}  # fmt: skip


def workload(comments: pd.DataFrame | None = COMMENTS, **changes: Any) -> Workload:
    protocols = {
        "five": {"folds": 5, "seed": 0},
        "draw": {"rebalance": "random", "train": 60, "validation": 0, "test": 30},
    }
    config = merged(
        CONFIG, {"protocols": protocols, "sweeps": SWEEPS, "run": [*SWEEPS], "baselines": {"protocols": []}}
    )
    config = merged(config, changes)
    adapted, _ = adapt_to_corpus(config, comments)
    return Workload(Plan(config | adapted), comments)


def of(load: Workload, rule: str, **wildcards: str) -> float:
    return load.work(rule, wildcards).units


RUN = {"model": "finetune-bert", "protocol": "five", "partition": "fold-01", "learning_rate": "1e-4", "seed": "1"}
LSTM = {"protocol": "five", "partition": "fold-01", "seed": "1"}


def test_the_lengths_of_texts_are_counted() -> None:
    texts = measure_texts(COMMENTS, 128)
    assert (texts.comments, texts.hateful) == (200, 50)
    assert texts.tokens == 2 + (6 + 5) / 2  # a word each, and the mark
    assert texts.words == 5
    assert measure_texts(COMMENTS, 4).tokens == 4
    assert measure_texts(None, 128) == ASSUMED


def test_a_large_corpus_is_sampled_evenly() -> None:
    many = pd.concat([COMMENTS] * 50, ignore_index=True)
    texts = measure_texts(many, 128)
    assert texts.comments == 10_000 and texts.words == pytest.approx(5, abs=0.5)


def test_fine_tuning_grows_with_comments_trained_and_scored_epochs_and_the_encoder() -> None:
    load = workload()
    tokens, weights = load.texts.tokens, 6 * 12 * 384**2
    assert of(load, "finetune", **RUN) == pytest.approx((160 + 40 / 3) * 3 * tokens * weights)
    draw = RUN | {"protocol": "draw", "partition": "draw-1"}
    assert of(load, "finetune", **draw) == pytest.approx((60 + 30 / 3) * 2 * tokens * weights)
    large = workload(encoder="bert-base-uncased")
    assert of(large, "finetune", **RUN) == pytest.approx(8 * of(load, "finetune", **RUN))


def test_the_size_of_an_encoder_in_a_folder_is_read(tmp_path: Any) -> None:
    (tmp_path / "config.json").write_text('{"n_layers": 2, "dim": 10}')
    load = workload(encoders={"minilm": {"model": str(tmp_path)}})
    assert load.encoder_size("distilbert-base-uncased") == 6 * 12 * 768**2
    assert load.encoder_size("minilm") == 2 * 12 * 10**2


def test_an_lstm_reads_each_token_once_per_direction_and_epoch() -> None:
    load = workload()
    two = load.work("lstm", LSTM | {"model": "lstm-bert-bidirectional-attention"})
    assert two.kind == "lstm-bert" and two.units == pytest.approx((160 + 40 / 3) * 4 * load.texts.tokens * 2)
    one = load.work("lstm", LSTM | {"model": "lstm-word2vec-classic-base"})
    assert one.kind == "lstm-word2vec" and one.units == pytest.approx((160 + 40 / 3) * 3 * 5)
    summed = workload(lstm={"training": {"padding": "summed", "padding_steps": 512}})
    assert of(summed, "lstm", **LSTM, model="lstm-word2vec-classic-base") == pytest.approx((160 + 40 / 3) * 3 * 512)


def test_scores_grow_with_every_prediction_and_resample() -> None:
    load, more = workload(), workload(scores={"draws": 2000})
    # 200 comments in folds and 30 in a draw: seven baselines, of which the MLP has two seeds; an LSTM at two epochs and
    # one at one, fine-tuning at two epochs with two seeds and at one; two ensembles and no stack, as the epochs differ.
    baselines = 7 * (200 + 30) + 200
    assert load.rows == pytest.approx(baselines + 2 * 200 + 200 + 4 * 200 + 30 + sum_of_combinations(load))
    assert of(more, "scores") == pytest.approx(2 * of(load, "scores"))
    assert of(more, "report") == of(load, "report") == len(load.plan.predictions())


def sum_of_combinations(load: Workload) -> float:
    paths = load.plan.ensembles()
    return sum(30 if "/draw/" in path else 200 for path in paths)


def test_the_jobs_of_a_plan_are_listed_once_with_what_names_their_files() -> None:
    jobs = list(workload().jobs())
    assert len({job.path for job in jobs}) == len(jobs)
    counts = {rule: len(list(group)) for rule, group in itertools.groupby(sorted(job.rule for job in jobs))}
    assert counts["finetune"] == 5 * 2 + 1 and counts["lstm"] == 5 + 5 and counts["word2vec"] == 5
    assert counts["partition"] == 5 + 1 and counts["embeddings"] == 1 and counts["page"] == 1
    one = next(job for job in jobs if job.rule == "finetune")
    assert one.path == "finetune/finetune-bert/five/fold-01/lr-1e-4/seed-1" and dict(one.wildcards) == RUN


def final(name: str, **changes: Any) -> tuple[str, float]:
    load = workload(final={"model": name, "protocol": "five"} | changes)
    work = load.work("final_training", {})
    return work.kind, work.units


def test_the_final_model_is_estimated_by_what_it_is_made_of() -> None:
    load = workload()
    tokens, weights = load.texts.tokens, 6 * 12 * 384**2
    tuned = 200 * 2 * tokens * weights
    assert final("finetune-bert", learning_rate=1e-4, epoch=2) == ("finetune", pytest.approx(tuned))
    assert final("ensemble") == ("finetune", pytest.approx(tuned))  # at the epoch that takes part
    assert final("tfidf-logistic") == ("embeddings", pytest.approx(200 * tokens * weights))
    # Which one is recommended nobody knows: the dearest that may be, at the most epochs that are looked at.
    assert final("recommended") == ("finetune", pytest.approx(tuned / 2 * 3))


def test_the_claims_are_among_the_jobs_on_their_own_corpus_only() -> None:
    def rules(**changes: Any) -> set[str]:
        return {job.rule for job in workload(**changes).jobs()}

    path = CONFIG["claims"]["about"]
    assert "claims" in rules(corpus=CONFIG["corpus"] | {"path": path})
    assert "claims" not in rules(corpus=CONFIG["corpus"] | {"path": "mine.csv"})
    assert "recommendation" in rules()


def test_every_job_of_the_shipped_experiment_has_its_work() -> None:
    adapted, _ = adapt_to_corpus(CONFIG, None)
    load = Workload(Plan(CONFIG | adapted), None)
    for job in load.jobs():
        assert load.work(job.rule, job.wildcards).units > 0, job
