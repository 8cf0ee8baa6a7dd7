"""Test every claim of the published experiment: resources/claims.yaml says with which runs and which kind of test.

Kinds of tests (the margin is the smallest difference in F1 that matters, `claims.margin` in config.yaml):
    greater, differs: direction of a difference, by its adjusted p value. `greater` fails too where the interval lies
        below the margin, and `differs` where it lies within.
    greater-by: whether a difference is more than `by`, by its interval.
    similar, not-better, not-worse: size of a difference, by its interval and the margin.
    collapses, does-not-collapse, collapses-more: share of runs that call every comment the same, by exact intervals and
        tests; what few runs leave undecided says how many there were.
    recall-over-precision: by its adjusted p value.
    exceeds-prior, near-prior: F1 of a run against a figure of an earlier paper, by the interval; near is within the
        margin.
    published-near-prior: the same of a published row.
    possible-as-printed, loss-is-learned: arithmetic of what is printed.

A test may say `why` it is made so; the report prints that where the test ran.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from foxhound.errors import FoxhoundError
from foxhound.evaluation.comparisons import FINENESS, LEVEL, holm
from foxhound.evaluation.pooled_runs import Runs
from foxhound.names import learning_rate_name
from foxhound.replication import claim_tests
from foxhound.replication.claim_tests import FAILS, HOLDS, IMPOSSIBLE, NOT_RUN, UNDECIDED, Outcome, Result, Side
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
        for test in claim.get("tests") or []:
            kind = test.get("kind")
            if kind not in KINDS:
                problems.append(f"unknown kind {kind!r}; allowed: {', '.join(KINDS)}")
            elif set(test) - {"kind", "why"} != KINDS[kind]:
                problems.append(f"{kind} takes {', '.join(sorted(KINDS[kind]))}; given: {', '.join(sorted(test))}")
            elif unknown := {key for side in _selectors(test) for key in side} - SELECTOR:
                problems.append(f"runs are named by {', '.join(sorted(SELECTOR))}, not by {', '.join(sorted(unknown))}")
            elif not {test[key] for key in ("row",) if key in test} <= rows:
                problems.append(f"there is no row {test['row']!r}")
        if problems:
            raise FoxhoundError(f"{path}: claim {claim.get('id')!r}: " + "; ".join(problems))
    return claims


def _selectors(test: Mapping[str, Any]) -> list[dict[str, Any]]:
    sides = [test[key] for key in SIDES if key in test]
    return [selector for side in sides for selector in (side if isinstance(side, list) else [side])]


def find_side(runs: Runs, selectors: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Side:
    """Return the runs that the selectors name; none where one of the runs was not made.

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
        trained = [run for group in groups for run in runs[group] if epoch in run.epochs]
        if not trained:
            return []
        side += [Outcome(run.seed, run.comments, run.labels, run.at(np.array([epoch]))[0]) for run in trained]
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
        self, runs: Runs, published: Mapping[str, Any], draws: int, permutations: int, seed: int, margin: float
    ) -> None:
        self.runs, self.draws, self.permutations, self.seed, self.margin = runs, draws, permutations, seed, margin
        self.corpus = published.get("corpus", {})
        self.rows = {row["id"]: row for row in published["results"]}
        self.losses = published.get("training_losses", {})
        self.priors = {row["model"]: float(row["f1"]) for row in published.get("prior_work", [])}

    def examine(self, test: Mapping[str, Any]) -> tuple[str, Result | None, str | None]:
        """Return what is tested in words, the result (None: not run), and the verdict where it needs no p value."""
        kind = test["kind"]
        if kind == "loss-is-learned":
            return self._loss(str(test["loss"]))
        if kind == "possible-as-printed":
            return self._printed(test)
        if kind == "published-near-prior":
            row = self._published(test)
            words, verdict = self._against_prior(row, test)
            return f"printed F1 {words}", row, verdict
        sides = [find_side(self.runs, test[key]) for key in SIDES if key in test]
        names = [name_side(test[key]) for key in SIDES if key in test]
        if not all(sides):
            return " against ".join(names), None, NOT_RUN
        if kind in ("collapses", "does-not-collapse"):
            result = claim_tests.collapse_share(sides[0])
            verdict = claim_tests.beyond(result, 0.5)
            if verdict == UNDECIDED:
                verdict = claim_tests.undecided_after(len(sides[0]))
            if kind == "does-not-collapse":
                verdict = {HOLDS: FAILS, FAILS: HOLDS}.get(verdict, verdict)
            return f"share of runs with one class only: {names[0]}", result, verdict
        if kind == "collapses-more":
            result = claim_tests.collapse_difference(sides[0], sides[1])
            return f"share of runs with one class only: {names[0]} minus {names[1]}", result, None
        if kind == "recall-over-precision":
            result = claim_tests.recall_over_precision(sides[0], self.draws, self.seed)
            return f"recall minus precision: {names[0]}", result, None
        if kind in ("exceeds-prior", "near-prior"):
            result = claim_tests.score(sides[0], self.draws, self.seed)
            words, verdict = self._against_prior(result, test)
            return f"F1 of {names[0]} {words}", result, verdict
        result = claim_tests.difference(sides[0], sides[1], self.draws, self.permutations, self.seed)
        size = f"by {test['by']:g}" if kind == "greater-by" else f"margin {self.margin:g}"
        return f"F1 of {names[0]} minus {names[1]}, {size}", result, self._by_size(test, result)

    def _by_size(self, test: Mapping[str, Any], result: Result) -> str | None:
        """Return the verdict of the kinds that an interval alone decides."""
        if test["kind"] == "greater-by":
            return claim_tests.beyond(result, test["by"])
        margin = self.margin
        bounds = {"similar": (-margin, margin), "not-better": (-np.inf, margin), "not-worse": (-margin, np.inf)}
        return claim_tests.within(result, *bounds[test["kind"]]) if test["kind"] in bounds else None

    def by_p(self, test: Mapping[str, Any], result: Result, p_adjusted: float) -> str:
        """Return the verdict of the kinds that an adjusted p value decides."""
        if test["kind"] == "greater":
            return claim_tests.greater(result, p_adjusted, self.margin)
        verdict = claim_tests.direction(result, p_adjusted)
        if test["kind"] == "differs":
            similar = claim_tests.within(result, -self.margin, self.margin) == HOLDS
            return HOLDS if verdict != UNDECIDED else FAILS if similar else UNDECIDED
        if test["kind"] == "collapses-more" and verdict == UNDECIDED:
            return claim_tests.undecided_after(result.comments)
        return verdict

    def _against_prior(self, result: Result, test: Mapping[str, Any]) -> tuple[str, str]:
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
    claims: Sequence[Mapping[str, Any]], runs: Runs, published: Mapping[str, Any], draws: int, seed: int, margin: float
) -> pd.DataFrame:
    """Return a row per test of every claim: columns COLUMNS, NUMBERS and `test_verdict`.

    p values are adjusted (Holm) over all tests of all claims that are decided by one. Intervals are not adjusted.

    Args:
        draws: resamples behind every interval.
        seed: of the resamples.
        margin: the smallest difference in F1 that matters.
    """
    tests = [(claim, test) for claim in claims for test in claim["tests"]]
    judging = Judge(runs, published, draws, max(draws, round(FINENESS * len(tests) / LEVEL)), seed, margin)
    examined = [judging.examine(test) for _, test in tests]
    adjusted = iter(holm([result.p for _, result, verdict in examined if result and verdict is None]).tolist())
    rows = []
    for (claim, test), (words, result, verdict) in zip(tests, examined, strict=True):
        p_adjusted = np.nan
        if result and verdict is None:
            p_adjusted = next(adjusted)
            verdict = judging.by_p(test, result, p_adjusted)
        about = [claim["id"], claim["claim"], test.get("why"), ", ".join(claim.get("published", [])), ""]
        numbers = (np.nan, np.nan, np.nan, np.nan, p_adjusted, 0)
        if result:
            numbers = (result.estimate, result.low, result.high, result.p, p_adjusted, result.comments)
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
