"""Test every claim of the published experiment: resources/claims.yaml says with which runs and which kind of test.

Runs are compared by the primary measure of their protocol (F1 at a chosen threshold, under folds). Where one side's
protocol has another than the other's, it is F1 at .5 if both balance the classes, else AUROC. Figures of other papers
are F1, and so are compared with F1. Collapse, and recall over precision, are about decisions at .5.

Kinds of tests (the margin is the smallest difference in the measure that matters, `claims.margin` in config.yaml):
    greater, differs: direction of a difference, by its p value. `greater` fails too where the difference lies below the
        margin, and `differs` where it lies within.
    greater-by: whether a difference is more than `by`.
    similar, not-better, not-worse: size of a difference and the margin.
    collapses, does-not-collapse, collapses-more: share of runs that call every comment the same, by exact intervals and
        tests; what few runs leave undecided says how many there were.
    recall-over-precision: by its p value.
    exceeds-prior, near-prior: F1 of a run against a figure of an earlier paper; near is within the margin.
    published-near-prior: the same of a published row.
    possible-as-printed, loss-is-learned: arithmetic of what is printed.

All p values share one correction, those of sizes too (Holm, over all tests of all claims). The exact intervals of
shares of runs stand by themselves: of a handful of runs no correction would leave anything.

A test may say `why` it is made so; the report prints that where the test ran. A list in place of a protocol, a rate or
an epoch names alternatives, `protocol: [stratified-10, stratified-3]`: the first of which all runs are there is tested.
A test with `where_run: true` counts where its runs are there, and is left out where they are not.
"""

from collections.abc import Mapping, Sequence
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from foxhound.errors import FoxhoundError
from foxhound.evaluation.paired_tests import FINENESS, LEVEL, holm
from foxhound.evaluation.pooled_runs import Runs
from foxhound.evaluation.run_thresholds import run_thresholds
from foxhound.evaluation.units import resampled_units
from foxhound.names import AT_HALF, AUROC, MEASURE_WORDS, TUNED, learning_rate_name
from foxhound.replication import claim_tests
from foxhound.replication.claim_tests import (
    FAILS,
    HOLDS,
    IMPOSSIBLE,
    NOT_RUN,
    UNDECIDED,
    Decision,
    Outcome,
    Result,
    Side,
)
from foxhound.replication.published import accusation, check_row

BATCH = 128  # batch size of the published experiment
KINDS = {
    "greater": {"one", "other"},
    "differs": {"one", "other"},
    "greater-by": {"one", "other", "by"},
    "similar": {"one", "other"},
    "not-better": {"one", "other"},
    "not-worse": {"one", "other"},
    "collapses": {"runs"},
    "does-not-collapse": {"runs"},
    "collapses-more": {"one", "other"},
    "recall-over-precision": {"one"},
    "exceeds-prior": {"one", "prior"},
    "near-prior": {"one", "prior"},
    "published-near-prior": {"row", "prior"},
    "possible-as-printed": {"row"},
    "loss-is-learned": {"loss"},
}
KEYS = {"id", "claim", "published", "tests"}
SIDES = ("one", "other", "runs")
SELECTOR = {"model", "protocol", "part", "rate", "epoch"}
WORDS = {"kind", "why", "where_run"}  # what every test may have
COLUMNS = ("id", "claim", "why", "published", "verdict", "kind", "tested")
NUMBERS = ("estimate", "low", "high", "p", "p_adjusted", "n")


def load_claims(path: str | Path, published: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the claims, checked.

    Raises:
        FoxhoundError: the file is no YAML list of mappings; or a claim lacks a key, or has one, or names a kind of test
            or a published row, that there is not.
    """
    try:
        claims = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise FoxhoundError(f"{path}: not YAML: {error}\nMend it, or restore it: git checkout {path}") from error
    if not isinstance(claims, list) or not all(isinstance(claim, dict) for claim in claims):
        raise FoxhoundError(f"{path}: not a list of claims. Each starts with `- id: NAME` at the start of a line.")
    rows = {row["id"] for row in published["results"]}
    for claim in claims:
        problems = [f"lacks {name}" for name in ("id", "claim", "tests") if not claim.get(name)]
        problems += [f"takes {', '.join(sorted(KEYS))}, not {name}" for name in sorted(set(claim) - KEYS)]
        problems += [f"published: there is no row {name!r}" for name in set(claim.get("published", [])) - rows]
        if all(test.get("where_run") for test in claim.get("tests") or [{}]):
            problems.append("needs a test without where_run, which decides it wherever it runs")
        for test in claim.get("tests") or []:
            kind = test.get("kind")
            if kind not in KINDS:
                problems.append(f"unknown kind {kind!r}; allowed: {', '.join(KINDS)}")
            elif set(test) - WORDS != KINDS[kind]:
                problems.append(f"{kind} takes {', '.join(sorted(KINDS[kind]))}; given: {', '.join(sorted(test))}")
            elif unknown := {key for side in _selectors(test) for key in side} - SELECTOR:
                problems.append(f"runs are named by {', '.join(sorted(SELECTOR))}, not by {', '.join(sorted(unknown))}")
            elif len({len(value) for value in _alternatives(test)}) > 1:
                problems.append("lists of alternatives have to be of one length within a test")
            elif not {test[key] for key in ("row",) if key in test} <= rows:
                problems.append(f"there is no row {test['row']!r}")
        if problems:
            raise FoxhoundError(f"{path}: claim {claim.get('id')!r}: " + "; ".join(problems))
    return claims


def _selectors(test: Mapping[str, Any]) -> list[dict[str, Any]]:
    sides = [test[key] for key in SIDES if key in test]
    return [selector for side in sides for selector in (side if isinstance(side, list) else [side])]


def _alternatives(test: Mapping[str, Any]) -> list[list[Any]]:
    """Return every list of alternatives in the selectors of a test."""
    return [value for selector in _selectors(test) for value in selector.values() if isinstance(value, list)]


def options(test: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a test once per alternative, in their order."""

    def chosen(side: Any, place: int) -> Any:
        if isinstance(side, list):
            return [chosen(one, place) for one in side]
        return {key: value[place] if isinstance(value, list) else value for key, value in side.items()}

    count = max((len(value) for value in _alternatives(test)), default=1)
    return [
        {key: chosen(value, place) if key in SIDES else value for key, value in test.items()} for place in range(count)
    ]


def find_side(runs: Runs, selectors: Mapping[str, Any] | Sequence[Mapping[str, Any]], measure: str = AT_HALF) -> Side:
    """Return the runs that the selectors name; none where one of the runs was not made.

    Args:
        measure: TUNED, if they are to decide at chosen thresholds.

    Raises:
        FoxhoundError: a selector names no learning rate where there are runs at several.
    """
    side: list[Outcome] = []
    for selector in [selectors] if isinstance(selectors, Mapping) else selectors:
        epoch, rate = selector.get("epoch", 0), selector.get("rate")
        name = (selector["protocol"], selector.get("part", "test"), selector["model"])
        groups = [group for group in runs if group[:3] == name and rate in (None, group.learning_rate)]
        if len(groups) > 1:
            rates = ", ".join(str(group.learning_rate) for group in groups)
            raise FoxhoundError(
                f"resources/claims.yaml: a claim names {' '.join(name)} without a learning rate (key `rate`); "
                f"there are runs at {rates}."
            )
        trained = [(group, run) for group in groups for run in runs[group] if epoch in run.epochs]
        if not trained:
            return []
        for group, run in trained:
            chosen = run_thresholds(runs, group, run, epoch) if measure == TUNED else None
            side.append(Outcome(run.seed, run.comments, run.labels, run.at(np.array([epoch]))[0], chosen))
    return side


def name_side(selectors: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> str:
    """Return a name for the runs: `finetune-bert, rate 1e-4, epoch 3 (balanced-random-700)`."""
    names = []
    for selector in [selectors] if isinstance(selectors, Mapping) else selectors:
        rate = f", rate {learning_rate_name(selector['rate'])}" if "rate" in selector else ""
        epoch = f", epoch {selector['epoch']}" if "epoch" in selector else ""
        names.append(f"{selector['model']}{rate}{epoch} ({selector['protocol']})")
    return " and ".join(names)


class Judge:
    """Runs, published figures, margin and sizes of resampling: what every test reads beside its own keys."""

    def __init__(
        self,
        runs: Runs,
        published: Mapping[str, Any],
        protocols: Mapping[str, Mapping[str, Any]],
        comments: pd.DataFrame,
        draws: int,
        permutations: int,
        seed: int,
        margin: float,
    ) -> None:
        self.runs, self.draws, self.permutations, self.seed, self.margin = runs, draws, permutations, seed, margin
        self.protocols, self.comments = protocols, comments.sort_values("id")
        self.corpus = published.get("corpus", {})
        self.rows = {row["id"]: row for row in published["results"]}
        self.losses = published.get("training_losses", {})
        self.priors = {row["model"]: float(row["f1"]) for row in published.get("prior_work", [])}

    def examine(self, test: Mapping[str, Any]) -> tuple[str, Result | None, Decision | str]:
        """Return what is tested in words, the result (None: not run), and the decision (a verdict, if without p).

        Of alternatives, the first that ran is tested; where none did, the first stands in the words.
        """
        examined = [self._examine(option) for option in options(test)]
        return next((one for one in examined if one[2] != NOT_RUN), examined[0])

    def _examine(self, test: Mapping[str, Any]) -> tuple[str, Result | None, Decision | str]:
        kind = test["kind"]
        if kind == "loss-is-learned":
            return self._loss(str(test["loss"]))
        if kind == "possible-as-printed":
            return self._printed(test)
        if kind == "published-near-prior":
            row = self._published(test)
            words, decision = self._against_prior(row, test)
            return f"printed F1 {words}", row, decision
        names = [name_side(test[key]) for key in SIDES if key in test]
        measure = self._measure(test)
        sides = [find_side(self.runs, test[key], measure) for key in SIDES if key in test]
        if not all(sides):
            return " against ".join(names), None, NOT_RUN
        if kind in ("collapses", "does-not-collapse"):
            result = claim_tests.collapse_share(sides[0])
            verdict = claim_tests.mostly(result)
            if kind == "does-not-collapse":
                verdict = {HOLDS: FAILS, FAILS: HOLDS}.get(verdict, verdict)
            return f"share of runs with one class only: {names[0]}", result, verdict
        if kind == "collapses-more":
            result = claim_tests.collapse_difference(sides[0], sides[1])
            words = f"share of runs with one class only: {names[0]} minus {names[1]}"
            return words, result, claim_tests.direction(result)
        units = self._units(test)
        if kind == "recall-over-precision":
            result = claim_tests.recall_over_precision(sides[0], self.draws, self.seed, units)
            return f"recall minus precision at .5: {names[0]}", result, claim_tests.direction(result)
        if kind in ("exceeds-prior", "near-prior"):
            result = claim_tests.score(sides[0], self.draws, self.seed, units)
            words, decision = self._against_prior(result, test)
            return f"{MEASURE_WORDS[measure]} of {names[0]} {words}", result, decision
        one, other = sides
        result = claim_tests.difference(one, other, self.draws, self.permutations, self.seed, units, measure)
        size = f"by {test['by']:g}" if kind == "greater-by" else f"margin {self.margin:g}"
        return f"{MEASURE_WORDS[measure]} of {names[0]} minus {names[1]}, {size}", result, self._by_size(test, result)

    def _facts(self, test: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        return [self.protocols[side["protocol"]] for side in _selectors(test) if side["protocol"] in self.protocols]

    def _measure(self, test: Mapping[str, Any]) -> str:
        """Return what the sides of a test are compared by."""
        facts = self._facts(test)
        kind, measures = test["kind"], {one["primary"] for one in facts}
        if kind in ("collapses", "does-not-collapse", "collapses-more", "recall-over-precision") or not facts:
            return AT_HALF
        if len(measures) > 1:
            measures = {AT_HALF if all(one["rebalance"] in ("random", "first") for one in facts) else AUROC}
        (measure,) = measures
        return AT_HALF if measure == AUROC and kind in ("exceeds-prior", "near-prior") else measure

    def _units(self, test: Mapping[str, Any]) -> np.ndarray:
        """Return the unit of each comment, in the order of ids: the article if a side holds whole ones out."""
        grouped = {facts["grouped_by"] for facts in self._facts(test)}
        return resampled_units(self.comments, "thread" if "thread" in grouped else None)[1]

    def _by_size(self, test: Mapping[str, Any], result: Result) -> Decision:
        """Return the decision on a difference."""
        kind, margin = test["kind"], self.margin
        if kind == "greater":
            return claim_tests.greater(result, margin)
        if kind == "differs":
            return claim_tests.differs(result, margin)
        if kind == "greater-by":
            return claim_tests.beyond(result, test["by"])
        bounds = {"similar": (-margin, margin), "not-better": (-np.inf, margin), "not-worse": (-margin, np.inf)}
        return claim_tests.within(result, *bounds[kind])

    def _against_prior(self, result: Result, test: Mapping[str, Any]) -> tuple[str, Decision]:
        """Compare an F1 with a figure of an earlier paper: is it above, or within the margin?"""
        prior = self.priors[test["prior"]]
        words = f"against {prior:.3f} ({test['prior']}, quoted second-hand)"
        if test["kind"] == "exceeds-prior":
            return words, claim_tests.beyond(result, prior)
        words = f"{words}, margin {self.margin:g}"
        return words, claim_tests.within(result, prior - self.margin, prior + self.margin)

    def _published(self, test: Mapping[str, Any]) -> Result:
        row = check_row(self.rows[test["row"]])
        return Result(row["f1_recomputed"], row["f1_low"], row["f1_high"], np.nan, row["n"])

    def _printed(self, test: Mapping[str, Any]) -> tuple[str, Result, str]:
        row = check_row(self.rows[test["row"]])
        if row["impossible_as_printed"]:
            return accusation(row), self._published(test), IMPOSSIBLE
        if not row["smallest_n"]:
            return f"there were too many tables to try: {row['meaning']}", self._published(test), UNDECIDED
        words = f"{row['smallest_n']} comments or more give the printed digits ({row['meaning']})"
        return words, self._published(test), HOLDS

    def _loss(self, name: str) -> tuple[str, Result, str]:
        loss, comments, hateful = self.losses[name], self.corpus["comments"], self.corpus["hateful"]
        result = Result(loss, np.nan, np.nan, np.nan, comments)
        saturated = claim_tests.saturated_counts(loss, comments, hateful, BATCH)
        if saturated is None:
            return f"printed loss of the {name} model: not that of one saturated answer", result, HOLDS
        answer, rest = saturated
        others = comments - hateful if answer == "hateful" else hateful
        words = f"printed loss of the {name} model: 100 for each of the {others} comments that are not {answer!r}"
        return f"{words}, {rest} of them in the last batch of {comments % BATCH or BATCH}", result, FAILS


def judge(
    claims: Sequence[Mapping[str, Any]],
    runs: Runs,
    published: Mapping[str, Any],
    protocols: Mapping[str, Mapping[str, Any]],
    comments: pd.DataFrame,
    draws: int,
    seed: int,
    margin: float,
) -> pd.DataFrame:
    """Return a row per test of every claim: columns COLUMNS, NUMBERS and `test_verdict`.

    Decisions have a p value, those on sizes too, and all are adjusted together (Holm). What is arithmetic has none, nor
    has a share of runs.

    Args:
        protocols: protocol -> its facts, as `experiment.protocols.describe_protocols` returns them.
        comments: of the whole corpus: columns id, thread and user.
        draws, seed: of the resamples.
        margin: the smallest difference that matters.
    """
    tests = [(claim, test) for claim in claims for test in claim["tests"]]
    permutations = max(draws, round(FINENESS * len(tests) / LEVEL))
    judging = Judge(runs, published, protocols, comments, draws, permutations, seed, margin)
    examined = [judging.examine(test) for _, test in tests]
    counted = [one[2] != NOT_RUN or not test.get("where_run") for (_, test), one in zip(tests, examined, strict=True)]
    tests, examined = list(compress(tests, counted)), list(compress(examined, counted))
    decisions = [decision for _, _, decision in examined if isinstance(decision, Decision)]
    adjusted = iter(holm([decision.p for decision in decisions]).tolist())
    rows = []
    for (claim, test), (words, result, decision) in zip(tests, examined, strict=True):
        verdict, p, p_adjusted = decision, np.nan, np.nan
        if isinstance(decision, Decision):
            p, p_adjusted = decision.p, next(adjusted)
            verdict = decision.verdict
            if p_adjusted > LEVEL:
                verdict = UNDECIDED
                if result and test["kind"] == "collapses-more":
                    verdict = claim_tests.undecided_after(result.comments)
        about = [claim["id"], claim["claim"], test.get("why"), ", ".join(claim.get("published", [])), ""]
        numbers = (np.nan, np.nan, np.nan, p, p_adjusted, 0)
        if result:
            numbers = (result.estimate, result.low, result.high, p, p_adjusted, result.comments)
        values = dict(zip((*COLUMNS, *NUMBERS), (*about, test["kind"], words, *numbers), strict=True))
        rows.append(values | {"test_verdict": verdict})
    table = pd.DataFrame(rows)
    verdicts = table.groupby("id")["test_verdict"].agg(list).map(combine)
    return table.assign(verdict=table["id"].map(verdicts))


def combine(verdicts: Sequence[str]) -> str:
    """Return a claim's verdict: it holds if all its tests hold, and fails if one fails, whatever was not run.

    The number of runs is kept where the tests that decide it agree on it.
    """
    for decisive in (IMPOSSIBLE, FAILS, NOT_RUN, UNDECIDED):
        those = {verdict for verdict in verdicts if claim_tests.without_runs(verdict) == decisive}
        if those:
            return those.pop() if len(those) == 1 else decisive
    return HOLDS
