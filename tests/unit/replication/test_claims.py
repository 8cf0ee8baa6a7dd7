from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from foxhound.errors import FoxhoundError
from foxhound.evaluation.exact_shares import share_interval
from foxhound.evaluation.paired_tests import holm
from foxhound.evaluation.pooled_runs import Group, Run
from foxhound.experiment.model_settings import SEEDED_BASELINES
from foxhound.experiment.plan import Plan
from foxhound.experiment.protocols import describe_protocols
from foxhound.names import AT_HALF, AUROC, TUNED
from foxhound.replication.claim_tests import FAILS, HOLDS, IMPOSSIBLE, NOT_RUN, UNDECIDED
from foxhound.replication.claims import KINDS, Judge, combine, find_side, judge, load_claims, name_side, options
from foxhound.replication.published import load_published
from shipped_config import CONFIG, merged

ROOT = Path(__file__).parents[3]
PUBLISHED = load_published(ROOT / "resources/published-results.json")
COMMENTS, MARGIN = 300, 0.02
LABELS = (np.arange(COMMENTS) % 3 == 0).astype(np.float32)
IDS = [f"c{row:03d}" for row in range(COMMENTS)]
CORPUS = pd.DataFrame({"id": IDS, "thread": [f"t{row % 6}" for row in range(COMMENTS)], "user": None})
PROTOCOLS = describe_protocols(
    {
        "p": {"folds": 5, "seed": 0},
        "articles": {"folds": 5, "group": "thread", "seed": 0},
        "with": {"rebalance": "random", "train": 80, "validation": 20, "test": 20},
        "without": {"rebalance": "random", "train": 80, "validation": 0, "test": 20},
        "whole": {"rebalance": "none", "train": 80, "validation": 0, "test": 20},
    }
)
GOOD, BAD = {"model": "good", "protocol": "p", "epoch": 2}, {"model": "bad", "protocol": "p", "epoch": 2}


def run(skill: float, noise: int, seed: int = 1) -> Run:
    generator = np.random.default_rng(noise)
    p = 1 / (1 + np.exp(-generator.normal(skill * (LABELS - 0.5), size=(2, COMMENTS))))
    pieces = np.array([f"p/fold-{row % 5 + 1:02d}" for row in range(COMMENTS)])
    return Run(seed, np.array([1, 2]), np.arange(COMMENTS), LABELS, pieces, p, np.zeros((1, 2)))


RUNS = {
    Group("p", "test", "good", 1e-3): [run(5, 1), run(5, 2, seed=2)],
    Group("p", "test", "bad", None): [run(0.2, 3), run(0.2, 4, seed=2)],
    Group("p", "test", "twin", 1e-4): [run(5, 1), run(5, 2, seed=2)],
}


def verdict(*tests: dict[str, Any], runs: dict[Group, list[Run]] = RUNS) -> list[str]:
    claims = [{"id": "x", "claim": "c", "tests": list(tests)}]
    table = judge(claims, runs, PUBLISHED, PROTOCOLS, CORPUS, 500, 0, MARGIN)
    return [*table["test_verdict"], table["verdict"].iloc[0]]


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ({"kind": "greater", "one": GOOD, "other": BAD}, HOLDS),
        ({"kind": "greater", "one": BAD, "other": GOOD}, FAILS),
        ({"kind": "greater-by", "by": 0.1, "one": GOOD, "other": BAD}, HOLDS),
        ({"kind": "greater-by", "by": 0.9, "one": GOOD, "other": BAD}, FAILS),
        ({"kind": "differs", "one": BAD, "other": GOOD}, HOLDS),
        ({"kind": "similar", "one": BAD, "other": GOOD}, FAILS),
        ({"kind": "not-better", "one": BAD, "other": GOOD}, HOLDS),
        ({"kind": "not-better", "one": GOOD, "other": BAD}, FAILS),
        ({"kind": "not-worse", "one": GOOD, "other": BAD}, HOLDS),
        ({"kind": "not-worse", "one": BAD, "other": GOOD}, FAILS),
        ({"kind": "collapses-more", "one": GOOD, "other": BAD}, "undecided (4 runs)"),
        ({"kind": "greater", "one": GOOD, "other": GOOD | {"model": "twin", "rate": 1e-4}}, FAILS),
        ({"kind": "published-near-prior", "row": "bert-700-2", "prior": "ensemble of the two"}, FAILS),
        ({"kind": "exceeds-prior", "one": GOOD, "prior": "ensemble of the two"}, HOLDS),
        ({"kind": "exceeds-prior", "one": BAD, "prior": "ensemble of the two"}, FAILS),
        ({"kind": "near-prior", "one": GOOD, "prior": "ensemble of the two"}, FAILS),
        ({"kind": "greater", "one": GOOD, "other": BAD | {"epoch": 3}}, NOT_RUN),
        ({"kind": "greater", "one": GOOD, "other": BAD | {"rate": 1e-4}}, NOT_RUN),
        ({"kind": "possible-as-printed", "row": "distilbert-100-50-lucky"}, IMPOSSIBLE),
        ({"kind": "possible-as-printed", "row": "bert-700-2"}, HOLDS),
        ({"kind": "loss-is-learned", "loss": "base"}, FAILS),
        ({"kind": "loss-is-learned", "loss": "bidirectional_attention"}, HOLDS),
    ],
)
def test_each_kind_of_test(test, expected):
    assert verdict(test) == [expected, expected]


def test_a_model_of_several_rates_needs_one_named():
    """Claims leave the learning rate of an LSTM out, which has one."""
    runs = RUNS | {Group("p", "test", "good", 1e-4): [run(5, 5)]}
    with pytest.raises(
        FoxhoundError,
        match=r"names p test good without a learning rate \(key `rate`\); there are runs at 0.001, 0.0001",
    ):
        find_side(runs, GOOD)
    assert [len(find_side(runs, GOOD | {"rate": rate})) for rate in (1e-3, 1e-4, 1e-5)] == [2, 1, 0]


@pytest.mark.parametrize("kind", ["differs", "similar", "not-better", "not-worse"])
def test_equal_predictions_do_not_differ_by_any_rule(kind):
    test = {"kind": kind, "one": GOOD, "other": GOOD | {"model": "twin", "rate": 1e-4}}
    assert verdict(test)[0] == (FAILS if kind == "differs" else HOLDS)


def test_collapse_is_decided_over_runs():
    flat = Run(1, np.array([2]), np.arange(COMMENTS), LABELS, np.full(COMMENTS, "p"), np.full((1, COMMENTS), 0.1), [])
    runs = RUNS | {Group("p", "test", "flat", None): [flat] * 6, Group("p", "test", "good", 1e-3): [run(5, 1)] * 6}
    chosen = {"runs": [{"model": "flat", "protocol": "p", "epoch": 2}]}
    assert verdict({"kind": "collapses"} | chosen, runs=runs)[0] == HOLDS
    assert verdict({"kind": "does-not-collapse"} | chosen, runs=runs)[0] == FAILS
    assert verdict({"kind": "collapses", "runs": [GOOD]}, runs=runs)[0] == FAILS
    two = {"kind": "collapses", "runs": [{"model": "flat", "protocol": "p", "epoch": 2}, GOOD]}
    assert verdict(two, runs=runs) == ["undecided (12 runs)"] * 2
    assert verdict({"kind": "does-not-collapse", "runs": two["runs"]}, runs=runs)[0] == "undecided (12 runs)"
    more = {"kind": "collapses-more", "one": chosen["runs"], "other": [GOOD]}
    assert verdict(more, runs=runs)[0] == HOLDS


def test_four_runs_do_not_decide_what_most_runs_do():
    flat = Run(1, np.array([2]), np.arange(COMMENTS), LABELS, np.full(COMMENTS, "p"), np.full((1, COMMENTS), 0.1), [])
    test = {"kind": "collapses", "runs": {"model": "flat", "protocol": "p", "epoch": 2}}
    four, six = ({Group("p", "test", "flat", None): [flat] * runs} for runs in (4, 6))
    assert verdict(test, runs=four) == ["undecided (4 runs)"] * 2
    assert verdict(test, runs=six) == [HOLDS] * 2


@pytest.mark.parametrize("grid", ["default", "whole"])
def test_an_experiment_makes_enough_runs_to_see_collapses(grid):
    plan = Plan(GRIDS[grid])
    made = seeds_of(plan)
    claims = {claim["id"]: claim for claim in load_claims(ROOT / "resources/claims.yaml", PUBLISHED)}
    for name in ("unbalanced-data-collapse", "balancing-cures-collapse"):
        runs = sum(len(made[key(side)]) for side in sides_of(chosen(claims[name]["tests"][0], made)))
        assert share_interval(runs, runs)[0] > 0.5, name


def test_the_margin_is_that_of_the_configuration_and_told():
    test = {"kind": "not-worse", "one": BAD, "other": GOOD}
    for margin, expected in ((0.02, FAILS), (0.99, HOLDS)):
        table = judge([{"id": "x", "claim": "c", "tests": [test]}], RUNS, PUBLISHED, PROTOCOLS, CORPUS, 500, 0, margin)
        assert table["test_verdict"].tolist() == [expected]
        assert table["tested"].iloc[0].endswith(f", margin {margin}")


def test_a_row_of_too_many_tables_is_undecided():
    figures = {"accuracy": 0.715, "precision": 0.534, "recall": 0.425, "f1": 0.452}
    row = {"id": "x", "n_claimed": 100_001, "n": 4, "tp": 1, "fp": 1, "fn": 1, "tn": 1} | figures
    test = {"kind": "possible-as-printed", "row": "x"}
    table = judge(
        [{"id": "c", "claim": "c", "tests": [test]}], {}, {"results": [row]}, PROTOCOLS, CORPUS, 100, 0, MARGIN
    )
    assert table["test_verdict"].tolist() == [UNDECIDED]


def test_why_belongs_to_its_test():
    tests = [{"kind": "greater", "one": GOOD, "other": BAD, "why": "Because."}, {"kind": "collapses", "runs": GOOD}]
    table = judge([{"id": "x", "claim": "c", "tests": tests}], RUNS, PUBLISHED, PROTOCOLS, CORPUS, 500, 0, MARGIN)
    assert table["why"].fillna("").tolist() == ["Because.", ""]


def test_all_decisions_share_one_correction():
    """Those on sizes too: an interval beside a bound, uncorrected, once stood beside p values that were corrected."""
    sizes = [{"kind": "similar", "one": BAD, "other": GOOD}] * 2
    tests = [{"kind": "greater", "one": GOOD, "other": BAD}, *sizes, {"kind": "loss-is-learned", "loss": "base"}]
    table = judge([{"id": "x", "claim": "c", "tests": tests}], RUNS, PUBLISHED, PROTOCOLS, CORPUS, 500, 0, MARGIN)
    assert table["p"].notna().tolist() == table["p_adjusted"].notna().tolist() == [True, True, True, False]
    assert table["p_adjusted"][:3].tolist() == pytest.approx(holm(table["p"][:3].tolist()).tolist())


def test_a_margin_just_missed_is_undecided_among_many_tests():
    one = {"kind": "not-worse", "one": NEAR, "other": GOOD}
    alone, among = (judge([{"id": "x", "claim": "c", "tests": [one] * number}], CLOSE, PUBLISHED, PROTOCOLS, CORPUS, 500, 0, 0.04)
                    for number in (1, 30))  # fmt: skip
    row = alone.iloc[0]
    assert row["test_verdict"] == HOLDS
    assert row["low"] > -0.04
    assert 0.002 < row["p"] < 0.05
    assert set(among["test_verdict"]) == {UNDECIDED}
    assert among["low"].iloc[0] == row["low"]  # what is printed is not corrected


NEAR = {"model": "near", "protocol": "p", "epoch": 2}
CLOSE = RUNS | {Group("p", "test", "near", None): [run(4.2, 1), run(4.2, 2, seed=2)]}


def sides(**protocols: str) -> dict[str, Any]:
    return {side: {"model": "m", "protocol": name, "epoch": 2} for side, name in protocols.items()}


@pytest.mark.parametrize(
    ("test", "measure"),
    [
        ({"kind": "greater", **sides(one="p", other="p")}, TUNED),
        ({"kind": "greater", **sides(one="without", other="without")}, AT_HALF),
        ({"kind": "greater", **sides(one="whole", other="whole")}, AUROC),
        ({"kind": "not-worse", **sides(one="with", other="without")}, AT_HALF),
        ({"kind": "not-worse", **sides(one="with", other="whole")}, AUROC),
        ({"kind": "recall-over-precision", **sides(one="p")}, AT_HALF),
        ({"kind": "exceeds-prior", "prior": "ensemble of the two", **sides(one="p")}, TUNED),
        ({"kind": "exceeds-prior", "prior": "ensemble of the two", **sides(one="whole")}, AT_HALF),
        ({"kind": "collapses", "runs": [sides(one="p")["one"]]}, AT_HALF),
    ],
)
def test_runs_are_compared_by_what_both_protocols_allow(test, measure):
    judging = Judge({}, PUBLISHED, PROTOCOLS, CORPUS, 100, 100, 0, MARGIN)
    assert judging._measure(test) == measure


def test_f1_is_at_chosen_thresholds_under_folds_whatever_the_probabilities_mean():
    """The same ranking, of a model that never reaches .5: by F1 at .5 it would be far worse."""
    low = [one.__class__(**vars(one) | {"probabilities": one.probabilities / 3}) for one in RUNS[GROUP]]
    runs = RUNS | {Group("p", "test", "low", None): low}
    test = {"kind": "similar", "one": GOOD | {"model": "low"}, "other": GOOD}
    table = judge([{"id": "x", "claim": "c", "tests": [test]}], runs, PUBLISHED, PROTOCOLS, CORPUS, 500, 0, 0.04)
    assert table["test_verdict"].tolist() == [HOLDS]
    assert abs(table["estimate"].item()) < 0.02
    assert table["tested"].item().startswith("F1 at a chosen threshold of low, epoch 2 (p) minus good")


GROUP = Group("p", "test", "good", 1e-3)


def test_articles_are_the_unit_where_a_side_holds_them_out():
    judging = Judge({}, PUBLISHED, PROTOCOLS, CORPUS, 100, 100, 0, MARGIN)
    assert judging._units({"kind": "greater", **sides(one="articles", other="p")}).max() == 5
    assert judging._units({"kind": "greater", **sides(one="p", other="p")}).max() == COMMENTS - 1


def test_a_claim_needs_all_of_its_tests_and_one_refutes_it():
    assert combine([HOLDS, HOLDS]) == HOLDS
    assert combine([HOLDS, UNDECIDED]) == UNDECIDED
    assert combine([HOLDS, UNDECIDED, FAILS, NOT_RUN]) == FAILS
    assert combine([HOLDS, NOT_RUN, UNDECIDED]) == NOT_RUN
    assert combine([FAILS, IMPOSSIBLE]) == IMPOSSIBLE
    assert combine([HOLDS, "undecided (4 runs)"]) == "undecided (4 runs)"
    assert combine([UNDECIDED, "undecided (4 runs)"]) == UNDECIDED
    assert combine(["undecided (4 runs)", FAILS]) == FAILS


def test_sides_join_the_runs_that_several_selectors_name():
    assert [one.seed for one in find_side(RUNS, [GOOD, BAD])] == [1, 2, 1, 2]
    assert find_side(RUNS, [GOOD, BAD | {"model": "missing"}]) == []
    assert name_side([GOOD, BAD | {"rate": 2e-5}]) == "good, epoch 2 (p) and bad, rate 2e-5, epoch 2 (p)"


def test_of_alternatives_the_first_that_ran_on_all_sides_is_tested():
    one, other = GOOD | {"protocol": ["p-10", "p"], "epoch": [3, 2]}, BAD | {"protocol": ["p-10", "p"]}
    runs = RUNS | {Group("p-10", "test", "good", 1e-3): [run(5, 1)]}
    assert verdict({"kind": "greater", "one": one, "other": other}, runs=runs) == [HOLDS, HOLDS]
    assert verdict({"kind": "greater", "one": one, "other": BAD | {"protocol": ["p", "p-10"]}}) == [NOT_RUN, NOT_RUN]


def test_a_test_of_what_did_not_run_can_be_left_out():
    good = {"kind": "greater", "one": GOOD, "other": BAD}
    absent = {"kind": "greater", "one": BAD, "other": GOOD | {"model": "missing"}}
    assert verdict(good, absent) == [HOLDS, NOT_RUN, NOT_RUN]
    assert verdict(good, absent | {"where_run": True}) == [HOLDS, HOLDS]
    assert verdict(good, {"kind": "greater", "one": BAD, "other": GOOD, "where_run": True}) == [HOLDS, FAILS, FAILS]


def seeds_of(plan: Plan) -> dict[tuple[Any, ...], set[int]]:
    """Map (protocol, model, learning rate, epoch) to the seeds that it runs with."""
    made: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    for run, epochs in plan.runs.items():
        for epoch in epochs:
            made[run.protocol, run.model, run.learning_rate and float(run.learning_rate), epoch].add(run.seed)
    for path in plan.predictions():
        if path.startswith("<results>/baselines/"):
            model, protocol, piece = path.removesuffix(".parquet").split("/")[2:]
            made[protocol, model, None, None].add(plan.seed(piece))
    return made


def sides_of(test: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every selector of a test without alternatives."""
    sides = [test[key] for key in ("one", "other", "runs") if key in test]
    return [selector for side in sides for selector in (side if isinstance(side, list) else [side])]


def chosen(test: dict[str, Any], made: dict[tuple[Any, ...], set[int]]) -> dict[str, Any] | None:
    """Return the first alternative of a test that an experiment makes all runs of."""
    return next((one for one in options(test) if all(made[key(side)] for side in sides_of(one))), None)


def overlay(name: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / "experiments" / f"{name}.yaml").read_text())


WHOLE = overlay("whole-grid")
GRIDS = {"default": CONFIG, "whole": merged(CONFIG, WHOLE)}
OVERLAYS = {"pretrained": "pretrained-vectors", "distilbert": "bert-base"}
"""A part of a model's name -> the overlay that runs such models. Without it the claims on them are `not run`."""


@pytest.mark.parametrize("needed", [None, *OVERLAYS])
@pytest.mark.parametrize("grid", GRIDS)
def test_every_claim_names_runs_that_a_shipped_experiment_makes(grid, needed):
    """Check this, or its verdict would be `not run` for ever; under folds with seeds enough to say how much they differ."""
    plan = Plan(merged(GRIDS[grid], overlay(OVERLAYS[needed]) if needed else {}))
    made, asked = seeds_of(plan), 0
    for claim in load_claims(ROOT / "resources/claims.yaml", PUBLISHED):
        sides = [side for test in claim["tests"] for side in sides_of(options(test)[0])]
        needs = {part for part in OVERLAYS if any(part in side["model"] for side in sides)}
        if needs != ({needed} if needed else set()):
            assert not needs or not all(chosen(test, made) for test in claim["tests"]), claim["id"]
            continue
        asked += 1
        for test in claim["tests"]:
            one = chosen(test, made)
            assert one or (test.get("where_run") and grid == "default"), (claim["id"], test)
            for side in sides_of(one or {}):
                deterministic = side["model"] in CONFIG["baselines"]["models"] and side["model"] not in SEEDED_BASELINES
                folds = "folds" in plan.config["protocols"][side["protocol"]]
                assert len(made[key(side)]) >= (3 if folds and not deterministic else 1), (claim["id"], side)
    assert asked > 3


def test_the_whole_grid_has_all_that_the_default_has_and_trains_none_of_it_longer():
    """So that going from one to the other trains only what is new, and going back nothing."""
    default, whole = Plan(GRIDS["default"]), Plan(GRIDS["whole"])
    longer = [run.path for run, epochs in default.runs.items() if max(epochs) != max(whole.runs[run])]
    assert not longer and len(whole.runs) > 4 * len(default.runs)
    assert {*default.predictions()} < {*whole.predictions()}
    shared = set(CONFIG) - {"pathvars", "run", "baselines"}
    assert not shared & set(WHOLE) and WHOLE["baselines"].keys() == {"protocols"}


def key(side: dict[str, Any]) -> tuple[Any, ...]:
    """Return where `seeds_of` has the runs that a selector names."""
    return side["protocol"], side["model"], side.get("rate"), side.get("epoch")


def test_every_kind_is_used_or_goes():
    claims = load_claims(ROOT / "resources/claims.yaml", PUBLISHED)
    assert {test["kind"] for claim in claims for test in claim["tests"]} == set(KINDS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"claim": None}, "claim 'x': lacks claim"),
        ({"why": "Because."}, "claim 'x': takes claim, id, published, tests, not why"),
        (
            {"tests": [{"kind": "greater", "margin": 0.1, "one": GOOD, "other": GOOD}]},
            "greater takes one, other; given",
        ),
        ({"published": ["bert-7"]}, "there is no row 'bert-7'"),
        ({"tests": [{"kind": "better"}]}, "unknown kind 'better'; allowed: greater"),
        ({"tests": [{"kind": "greater", "one": GOOD}]}, "greater takes one, other; given: kind, one"),
        ({"tests": [{"kind": "collapses", "runs": [GOOD | {"lr": 1}]}]}, "not by lr"),
        ({"tests": [{"kind": "possible-as-printed", "row": "nope"}]}, "there is no row 'nope'"),
        ({"tests": [{"kind": "collapses", "runs": GOOD, "where_run": True}]}, "needs a test without where_run"),
        (
            {"tests": [{"kind": "collapses", "runs": [GOOD | {"protocol": ["p", "q"], "epoch": [1, 2, 3]}]}]},
            "lists of alternatives have to be of one length within a test",
        ),
    ],
)
def test_mistakes_in_the_claims_are_named(change, message, tmp_path):
    file = tmp_path / "claims.yaml"
    file.write_text(
        yaml.safe_dump([{"id": "x", "claim": "c", "tests": [{"kind": "loss-is-learned", "loss": "base"}]} | change])
    )
    with pytest.raises(FoxhoundError, match=message):
        load_claims(file, PUBLISHED)


def test_nothing_measured_still_makes_a_report():
    table = judge(
        load_claims(ROOT / "resources/claims.yaml", PUBLISHED), {}, PUBLISHED, PROTOCOLS, CORPUS, 100, 0, MARGIN
    )
    assert isinstance(table, pd.DataFrame)
    assert set(table["verdict"]) == {NOT_RUN, FAILS, IMPOSSIBLE}
