"""Size an experiment to a budget: folds, draws, seeds and models as plain YAML, so that a run plans none of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from foxhound.corpus.split_sizes import FEWEST_FOLDS, most_folds
from foxhound.errors import FoxhoundError
from foxhound.experiment.adaptation import adapt_to_corpus
from foxhound.experiment.configuration import merged
from foxhound.experiment.costs import Costs, Estimate, estimate
from foxhound.experiment.plan import Plan
from foxhound.experiment.workload import Workload

ROOT = Path(__file__).resolve().parents[3]
STEPS, WHOLE_GRID = ROOT / "resources" / "sizing.yaml", ROOT / "experiments" / "whole-grid.yaml"
GROUPS = {"random": None, "user": "user", "article": "thread"}
"""Kind of folds, as resources/sizing.yaml has it -> the column whose groups they keep whole."""
PREFIX = {"random": "stratified", "user": "user-grouped", "article": "article-grouped"}
NOTHING = 1e-6  # seconds
FOLDS_OF_CHEAP_MODELS = 5
SWEEP = ("models", "protocols", "learning_rates", "epochs", "seeds")


def load_steps() -> dict[str, Any]:
    """Read the order of value."""
    steps: dict[str, Any] = yaml.safe_load(STEPS.read_text(encoding="utf-8"))
    return steps


def whole_grid(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the experiment with the published grid in place of its own: experiments/whole-grid.yaml."""
    return merged(dict(config), yaml.safe_load(WHOLE_GRID.read_text(encoding="utf-8")))


def estimate_all(config: Mapping[str, Any], comments: pd.DataFrame | None, costs: Costs, cores: int) -> Estimate:
    """Return what all jobs of an experiment take, whatever of them is there already.

    Args:
        config: merged and checked, and not adapted to the corpus.
        comments: the comments table; None as long as it has to be fetched.
    """
    adapted, _ = adapt_to_corpus(config, comments)
    workload = Workload(Plan(dict(config) | adapted), comments)
    jobs: dict[int, tuple[str, Mapping[str, str]]] = {
        number: (job.rule, job.wildcards) for number, job in enumerate(workload.jobs())
    }
    return estimate(workload, costs, jobs, cores)


@dataclass
class Sized:
    """An experiment that fits a budget.

    overlay: what differs from the configuration.
    seconds: what it takes. folds: of each kind, where any fit.
    taken, left_out: (name, why, seconds that the step adds) of the steps, in order.
    """

    overlay: dict[str, Any]
    seconds: float
    folds: dict[str, int]
    taken: list[tuple[str, str, float]] = field(default_factory=list)
    left_out: list[tuple[str, str, float]] = field(default_factory=list)


class Sizer:
    """Try experiments of growing size.

    Args:
        config: merged and checked, and not adapted to the corpus.
        comments: the comments table; None as long as it has to be fetched.
        costs: of this machine.
        cores: jobs side by side.
        steps: what resources/sizing.yaml holds.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        comments: pd.DataFrame | None,
        costs: Costs,
        cores: int,
        steps: Mapping[str, Any],
    ) -> None:
        self.config, self.comments, self.costs, self.cores, self.steps = config, comments, costs, cores, steps

    def most(self, kind: str, folds: int) -> int:
        """Return how many folds of a kind there are, of so many that are asked for; 0 where there are none."""
        group = GROUPS[kind]
        key = {"thread": "group"}.get(group or "", group)
        if key and not (self.config["corpus"].get(key) or (key == "group" and self.config["corpus"].get("title"))):
            return 0
        if self.comments is None:
            return folds
        if group and not self.comments[group].fillna("").astype(bool).any():
            return 0
        most, _ = most_folds(self.comments, group)
        return min(folds, most) if most >= FEWEST_FOLDS else 0

    def protocols(self, folds: int) -> dict[str, tuple[str, dict[str, Any]]]:
        """Map each kind of folds to its protocol, name and definition, with so many folds or as many as there are.

        A protocol that the configuration defines alike keeps its name: what was trained under it need not be again.
        """
        found = {}
        for kind, group in GROUPS.items():
            if count := self.most(kind, folds):
                definition = {"folds": count, "seed": 0} | ({"group": group} if group else {})
                same = (name for name, other in self.config["protocols"].items() if other == definition)
                found[kind] = (next(same, f"{PREFIX[kind]}-{count}"), definition)
        return found

    def overlay(self, steps: Sequence[Mapping[str, Any]], folds: int) -> dict[str, Any]:
        """Return the overlay with these steps, under so many folds; under draws in place of the first if 0."""
        # Cheap models run under folds even where what is fine-tuned does not.
        protocols = self.protocols(folds or FOLDS_OF_CHEAP_MODELS)
        names = {kind: name for kind, (name, _) in protocols.items()} if folds else {}
        sweeps: dict[str, Any] = {}
        for step in steps:
            sweep = {key: step[key] for key in SWEEP if key in step}
            sweep["epochs"] = self._epochs(step)
            if "folds" in step:
                sweep["protocols"] = [names[kind] for kind in step["folds"] if kind in names]
            if step is self.steps["steps"][0] and not folds:
                sweep |= {"protocols": [self.steps["draws"]], "seeds": self.steps["draw_seeds"]}
            if sweep["protocols"]:
                sweeps[f"sized-{step['name']}"] = sweep
        return {
            "protocols": dict(protocols.values()),
            "sweeps": sweeps,
            "run": [*sweeps],
            "baselines": {"protocols": [name for name, _ in protocols.values()]},
            "final": self._final(names.get("random", self.steps["draws"])),
        }

    def _epochs(self, step: Mapping[str, Any]) -> list[int]:
        """Return the epochs of a step, and those on the way that ensembles, stacks and the final model take."""
        combinations = [*self.config["ensembles"].values(), *self.config["stacks"].values()]
        members = [member for several in combinations for member in several] + [self.config["final"]]
        taken = {member["epoch"] for member in members if member["model"] in step["models"] and member.get("epoch")}
        return sorted({*step["epochs"], *(epoch for epoch in taken if epoch < max(step["epochs"]))})

    def _final(self, protocol: str) -> dict[str, Any]:
        """Return the final model: the configuration's, unless it is fine-tuned and the first step trains another."""
        first, final = self.steps["steps"][0], self.config["final"]
        if final["model"] not in self.config["finetune"]["models"]:
            return {"protocol": protocol}
        trained = final["model"] in first["models"] and final["learning_rate"] in first["learning_rates"]
        if trained and final["epoch"] <= max(first["epochs"]):
            return {"protocol": protocol}
        own = {"model": first["models"][0], "learning_rate": first["learning_rates"][0], "epoch": max(first["epochs"])}
        return own | {"protocol": protocol}

    def seconds(self, overlay: Mapping[str, Any]) -> float:
        """Return what the experiment takes with an overlay of this kind."""
        config = dict(self.config)
        for key, value in overlay.items():
            config[key] = config[key] | value if isinstance(value, dict) else value
        return estimate_all(config, self.comments, self.costs, self.cores).wall

    def fit(self, budget: float) -> Sized:
        """Return the experiment that fits a budget, in seconds.

        Raises:
            FoxhoundError: nothing does.
        """
        steps = self.steps["steps"]
        folds = self._folds(budget)
        taken: list[Mapping[str, Any]] = [steps[0]]
        seconds = self.seconds(self.overlay(taken, folds))
        if seconds > budget:
            raise FoxhoundError(
                f"Not even the first step fits: the final model on {len(self.steps['draw_seeds'])} draws, and the "
                f"baselines, take {seconds / 60:.0f} minutes on {self.cores} cores. Give more --minutes or --cores."
            )
        counts = {kind: one["folds"] for kind, (_, one) in self.protocols(folds).items()} if folds else {}
        sized = Sized({}, seconds, counts)
        sized.taken.append((steps[0]["name"], steps[0]["why"], seconds))
        for step in steps[1:]:
            larger = self.overlay([*taken, step], folds)
            if f"sized-{step['name']}" not in larger["sweeps"]:
                continue  # the corpus has no column for it, or no folds fit
            more = self.seconds(larger)
            if more - sized.seconds < NOTHING:
                continue  # what its models need is not in the corpus
            if more <= budget:
                taken.append(step)
                sized.taken.append((step["name"], step["why"], more - sized.seconds))
                sized.seconds = more
            else:
                sized.left_out.append((step["name"], step["why"], more - sized.seconds))
        sized.overlay = self.overlay(taken, folds)
        return sized

    def _folds(self, budget: float) -> int:
        """Return how many folds fit, 0 if none do."""
        steps = self.steps["steps"]
        for needed in (self.steps["needed"], 1):
            for folds in self.steps["folds"]:
                if self.seconds(self.overlay(steps[:needed], folds)) <= budget:
                    return int(folds)
        return 0


def cost_sentence(sized: Sized, in_words: Callable[[float], str], whole: float, cores: int) -> str:
    """Return what the experiment takes: `about 18 minutes on 2 cores; the whole grid: about 26 hours`."""

    def about(seconds: float) -> str:
        words = in_words(seconds)
        return words if words.startswith("under") else f"about {words}"

    return f"{about(sized.seconds)} on {cores} core{'s' * (cores != 1)}; the whole grid: {about(whole)}"


def write_overlay(sized: Sized, in_words: Callable[[float], str], cost: str, asked: str) -> str:
    """Return the overlay as text, with what is in it, what was left out, and what each of these costs.

    Args:
        in_words: puts seconds into words.
        cost: what `cost_sentence` returns.
        asked: the command that it answers.
    """
    folds = (
        ", ".join(f"{count} ({kind})" for kind, count in sized.folds.items())
        or "none fit: the final model runs on draws"
    )
    width = max(len(in_words(seconds)) for *_, seconds in [*sized.taken, *sized.left_out])
    lines = [
        f"Sized by `{asked}`: {cost}.",
        f"Folds: {folds}. The steps, in order of value (resources/sizing.yaml), and what each adds:",
        *(f"  {in_words(seconds):>{width}}  {name}: {why}" for name, why, seconds in sized.taken),
    ]
    if sized.left_out:
        lines.append("Left out, and what it would add:")
        lines += [f"  {in_words(seconds):>{width}}  {name}: {why}" for name, why, seconds in sized.left_out]
    head = "".join(f"# {line}\n" for line in lines)
    return head + yaml.safe_dump(sized.overlay, sort_keys=False, default_flow_style=None, width=110)
