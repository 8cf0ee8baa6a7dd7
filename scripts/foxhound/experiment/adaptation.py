"""Adapt the experiment to the corpus: as many folds as it has room for, and nothing that needs a column it lacks."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from foxhound.corpus.loading import KEYS, column_names
from foxhound.corpus.split_sizes import FEWEST_FOLDS, SMALLEST_PART, draw_sizes, most_folds
from foxhound.corpus.state import RAW, CorpusState
from foxhound.errors import FoxhoundError
from foxhound.experiment.protocols import comments_to_divide

BASELINES_OF = {"thread": "article-only", "user": "user-only"}
COMBINATIONS = ("ensembles", "stacks")


def _adapt_folds(definition: Mapping[str, Any], comments: pd.DataFrame) -> tuple[dict[str, Any] | None, str]:
    """Return a fold protocol with the folds that the corpus has room for (None: with none), and what changed."""
    most, limit = most_folds(comments, definition.get("group"))
    if most >= definition["folds"]:
        return dict(definition), ""
    if most < FEWEST_FOLDS:
        return None, f"left out: the corpus has only {most} {limit}"
    change = f"{most} folds instead of {definition['folds']}: as many as there are {limit}"
    return {**definition, "folds": most}, change


def _adapt_draws(definition: Mapping[str, Any], comments: pd.DataFrame) -> tuple[dict[str, Any] | None, str]:
    """Return a draw protocol (None where a part would be too small), and the sizes of its parts where they shrink."""
    hateful = int(comments["label"].sum())
    smaller = min(hateful, len(comments) - hateful)
    kept = comments_to_divide(definition, comments)
    sizes, total = draw_sizes(definition, kept)
    if smaller < 2 * len(sizes):
        return None, f"left out: {smaller} comments of the smaller class are too few for {len(sizes)} parts"
    if min(sizes.values()) < SMALLEST_PART:
        return None, f"left out: of {kept} comments to divide, a part would get fewer than {SMALLEST_PART}"
    if total <= kept:
        return dict(definition), ""
    parts = ", ".join(f"{size} to {part}" for part, size in sizes.items())
    return dict(definition), f"{parts}: there are {kept} comments to divide, not {total}"


def _adapt_protocols(
    definitions: Mapping[str, Any], comments: pd.DataFrame
) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    """Return the protocols that the corpus has room for, what changed in them, and why the others are left out."""
    adapted: dict[str, Any] = {}
    changes: dict[str, str] = {}
    left_out: dict[str, str] = {}
    for name, definition in definitions.items():
        adapt = _adapt_folds if "folds" in definition else _adapt_draws
        protocol, change = adapt(definition, comments)
        if protocol is None:
            left_out[name] = change
        else:
            adapted[name], changes[name] = protocol, change
    return adapted, changes, left_out


def _needing_absent_columns(config: Mapping[str, Any], comments: pd.DataFrame | None) -> dict[str, str]:
    """Map what needs a column that the corpus lacks (models, baselines, protocols) to why it is left out."""
    names = column_names(config["corpus"])
    left_out: dict[str, str] = {}
    for role in ("title", "thread", "user"):
        if names[role] and (comments is None or comments[role].fillna("").astype(bool).any()):
            continue
        models = (config["lstm"]["models"] | config["finetune"]["models"]).items()
        # Lists: the order of a set differs from run to run, and the report would be made anew.
        needing = [name for name, model in models if role == "title" and model.get("context") == "title"]
        needing += [BASELINES_OF[role]] if role in BASELINES_OF else []
        needing += [name for name, definition in config["protocols"].items() if definition.get("group") == role]
        reason = f"left out: the comments have no {KEYS[role]} (config key `corpus.{KEYS[role]}`)"
        left_out |= dict.fromkeys(needing, reason)
    return left_out


def _without_members(config: Mapping[str, Any], left_out: Mapping[str, str]) -> dict[str, str]:
    """Map the ensembles and stacks that lose a member to why they are left out."""
    reasons = {}
    for name, members in (config["ensembles"] | config["stacks"]).items():
        lost = [member["model"] for member in members if member["model"] in left_out]
        if lost:
            reasons[name] = f"left out with its member {lost[0]}"
    return reasons


def _used(config: Mapping[str, Any]) -> set[str]:
    """Return the names of models, protocols, baselines and combinations that the experiment asks for."""
    sweeps = [config["sweeps"][name] for name in config["run"]]
    names = {name for sweep in sweeps for kind in ("models", "protocols") for name in sweep[kind]}
    baselines = config["baselines"]
    return names | {*baselines["models"], *baselines["protocols"], *config["ensembles"], *config["stacks"]}


def adapt_to_corpus(config: Mapping[str, Any], comments: pd.DataFrame | None) -> tuple[dict[str, Any], list[str]]:
    """Return the experiment as this corpus can be run with, and a line on everything that is otherwise than asked for.

    Args:
        config: checked.
        comments: the comments table; None as long as the raw file has to be fetched, and then nothing but the columns
            that the configuration names counts.

    Returns:
        Those keys of `config` that a corpus may change, and the lines.

    Raises:
        FoxhoundError: nothing is left to run.
    """
    left_out = _needing_absent_columns(config, comments)
    protocols = {name: dict(one) for name, one in config["protocols"].items() if name not in left_out}
    changes: dict[str, str] = {}
    if comments is not None:
        protocols, changes, too_small = _adapt_protocols(protocols, comments)
        left_out |= too_small
    left_out |= _without_members(config, left_out)

    def remaining(names: list[str]) -> list[str]:
        return [name for name in names if name not in left_out]

    sweeps = {
        name: sweep | {kind: remaining(sweep[kind]) for kind in ("models", "protocols")}
        for name, sweep in config["sweeps"].items()
    }
    sweeps = {name: sweep for name, sweep in sweeps.items() if sweep["models"] and sweep["protocols"]}
    run = [name for name in config["run"] if name in sweeps]
    used = _used(config)
    lines = [f"{name}: {change}" for name, change in (left_out | changes).items() if change and name in used]
    if config["run"] and not run:
        raise FoxhoundError(
            "This corpus is too small for every model that is asked for, or lacks what they need:\n  "
            + "\n  ".join(lines)
            + "\nBring more labelled comments, or select other sweeps in config.yaml, under `run`."
        )
    adapted = {
        "protocols": protocols,
        "sweeps": sweeps,
        "run": run,
        "baselines": {kind: remaining(names) for kind, names in config["baselines"].items()},
    }
    return adapted | {
        kind: {name: config[kind][name] for name in remaining(config[kind])} for kind in COMBINATIONS
    }, lines


def warnings(state: CorpusState | None, lines: list[str], folder: str) -> list[str]:
    """Return what the console says before anything runs: what was adapted, doubts, and a fallback that stands in."""
    messages = ["Adapted to this corpus:\n  " + "\n  ".join(lines)] if lines else []
    messages += [f"{state.raw}: {doubt}" for doubt in state.facts.get("doubts", [])] if state else []
    if state and state.facts["fallback"]:
        messages.append(
            f"EVERY NUMBER OF THIS RUN IS ABOUT THE DEMO CORPUS: {state.facts['reason']}. "
            f"To try again: rm {folder}/{RAW}"
        )
    return messages
