import pytest
from foxhound.experiment.costs import (
    LEVELS,
    MATRIX_KINDS,
    PRIOR,
    Costs,
    Speed,
    estimate,
    known_costs,
    load_costs,
    wall_seconds,
)
from foxhound.experiment.workload import Work
from foxhound.workflow.progress import in_words

from .test_workload import RUN, workload

TABLE = {
    "machine": {"matrix": 1.0, "plain": 0.1},
    "kinds": {"finetune": [2.0, 0.5], "scores": [1.0, 0.1], "other": [3.0, 0.0], "job": [0.5, 0], "planning": [4, 0]},
}


def test_a_job_costs_its_start_and_its_units() -> None:
    costs = Costs(TABLE)
    assert costs.seconds(Work("finetune", 10)) == 7
    assert costs.seconds(Work("scores", 10)) == 2
    assert costs.seconds(Work("nobody knows", 10)) == 3


def test_a_faster_machine_takes_less_for_what_it_is_faster_at() -> None:
    costs = Costs(TABLE, Speed(matrix=0.5, plain=0.1))
    assert costs.seconds(Work("finetune", 10)) == 2 + 5 / 2
    assert costs.seconds(Work("scores", 10)) == 2
    slow = Costs(TABLE, Speed(matrix=1.0, plain=0.2))
    assert slow.seconds(Work("finetune", 10)) == 4 + 5
    assert (slow.per_job, slow.planning) == (1.0, 8.0)


def test_what_jobs_have_cost_here_counts_the_more_the_more_there_was_of_it() -> None:
    assert Costs(TABLE, own={"finetune": (1e6, 2e6)}).seconds(Work("finetune", 10)) == pytest.approx(14, rel=1e-3)
    assert Costs(TABLE, own={"finetune": (PRIOR, 3 * PRIOR)}).seconds(Work("finetune", 10)) == 14
    assert Costs(TABLE, own={"finetune": (1e6, 2e6)}).seconds(Work("scores", 10)) == 2


def test_costs_are_learnt_from_finished_jobs_by_their_kind() -> None:
    load = workload()
    table = load_costs()
    path = "finetune/finetune-bert/five/fold-01/lr-1e-4/seed-1"
    work = load.work("finetune", RUN)
    before = Costs(table).seconds(work)
    after = known_costs(table, load, None, {path: 1000 * before, "finetune/lost/fold-01": 5.0}).seconds(work)
    assert after == pytest.approx(before * (PRIOR + 1000 * before) / (PRIOR + before))
    assert known_costs(table, load, None, {}).seconds(work) == before


def test_jobs_run_side_by_side_and_wait_for_those_before_them() -> None:
    assert wall_seconds([("lstm", 10.0)] * 4, 2) == 20
    assert wall_seconds([("lstm", 10.0), ("lstm", 1.0)], 8) == 10
    assert wall_seconds([("lstm", 10.0), ("scores", 5.0), ("comparisons", 5.0), ("page", 1.0)], 4) == 21
    assert wall_seconds([], 2) == 0


def test_an_estimate_is_told_in_words() -> None:
    load = workload()
    jobs = {1: ("finetune", RUN), 2: ("finetune", RUN), 3: ("scores", {})}
    told = estimate(load, Costs(load_costs()), jobs, 2)
    assert told.processor == pytest.approx(sum(seconds for _, seconds in told.jobs.values()))
    assert told.told(in_words, True, False)[2] == "3 jobs, under a minute on 2 cores"
    assert told.told(in_words, False, True)[2] == (
        "3 jobs, under a minute of processor, as on one core of this machine "
        "(if the corpus, which has yet to be fetched, has some 1500 comments)"
    )


def test_the_committed_table_has_every_kind_of_an_experiment() -> None:
    kinds = load_costs()["kinds"]
    load = workload()
    assert {load.work(job.rule, job.wildcards).kind for job in load.jobs()} <= kinds.keys()
    assert set(MATRIX_KINDS) <= kinds.keys() and {"other", "job", "planning"} <= kinds.keys()
    assert all(start >= 0 and unit >= 0 for start, unit in kinds.values())


def test_every_level_is_of_rules() -> None:
    from foxhound.workflow.progress import STAGE_OF

    assert LEVELS.keys() <= STAGE_OF.keys()
