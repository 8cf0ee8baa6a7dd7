"""Fit the experiment to the corpus: as many folds as it has room for, and nothing that needs a column it lacks."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from foxhound.corpus.loading import KEYS, column_names
from foxhound.corpus.split_sizes import FEWEST_FOLDS, SMALLEST_PART, draw_sizes, most_folds
from foxhound.corpus.state import RAW, CorpusState
from foxhound.errors import FoxhoundError

BASELINES_OF = {"thread": "article-only", "user": "user-only"}


def _fit_protocol(definition: Mapping[str, Any], comments: pd.DataFrame) -> tuple[dict[str, Any] | None, str]:
    """A protocol as this corpus has room for it, None where it has none; and what is otherwise than asked for."""
    if "folds" in definition:
        most, what = most_folds(comments, definition.get("group"))
        if most >= definition["folds"]:
            return dict(definition), ""
        if most < FEWEST_FOLDS:
            return None, f"left out: the corpus has only {most} {what}"
        return {
            **definition,
            "folds": most,
        }, f"{most} folds instead of {definition['folds']}: as many as there are {what}"
    hateful = int(comments["label"].sum())
    others = len(comments) - hateful
    kept = len(comments) if definition["rebalance"] == "none" else hateful + min(hateful, others)
    sizes, asked = draw_sizes(definition, kept)
    if min(hateful, others) < 2 * len(sizes):
        return (
            None,
            f"left out: {min(hateful, others)} comments of the smaller class are too few for {len(sizes)} parts",
        )
    if min(sizes.values()) < SMALLEST_PART:
        return None, f"left out: of {kept} comments to divide, a part would get fewer than {SMALLEST_PART}"
    said = ", ".join(f"{size} to {part}" for part, size in sizes.items())
    return dict(definition), f"{said}: there are {kept} comments to divide, not {asked}" if asked > kept else ""


def _used(config: Mapping[str, Any]) -> set[str]:
    """The names that the experiment asks for."""
    sweeps = [config["sweeps"][name] for name in config["run"]]
    names = {name for sweep in sweeps for kind in ("models", "protocols") for name in sweep[kind]}
    baselines = config["baselines"]
    return names | {*baselines["models"], *baselines["protocols"], *config["ensembles"], *config["stacks"]}


def fit(config: Mapping[str, Any], comments: pd.DataFrame | None) -> tuple[dict[str, Any], list[str]]:
    """The experiment as this corpus can be run with, and a line on everything that is otherwise than asked for.

    Args:
        config: checked.
        comments: the comments table; None as long as the raw file has to be fetched, and then nothing but the columns
            that the configuration names counts.

    Returns:
        Those keys of `config` that a corpus may change, and the lines.

    Raises:
        FoxhoundError: nothing is left to run.
    """
    names = column_names(config["corpus"])
    absent = [
        role
        for role in ("title", "thread", "user")
        if not names[role] or (comments is not None and not comments[role].fillna("").astype(bool).any())
    ]
    lost: dict[str, str] = {}  # name -> what is said of it
    told: dict[str, str] = {}
    for role in absent:
        models = (config["lstm"]["models"] | config["finetune"]["models"]).items()
        needs = {name for name, model in models if role == "title" and model.get("context") == "title"}
        needs |= {BASELINES_OF[role]} if role in BASELINES_OF else set()
        needs |= {name for name, definition in config["protocols"].items() if definition.get("group") == role}
        lost |= dict.fromkeys(needs, f"left out: the comments have no {KEYS[role]} (config key `corpus.{KEYS[role]}`)")
    protocols: dict[str, Any] = {}
    for name, definition in config["protocols"].items():
        if name not in lost:
            fitted, said = _fit_protocol(definition, comments) if comments is not None else (dict(definition), "")
            if fitted:
                protocols[name] = fitted
                told[name] = said
            else:
                lost[name] = said
    for kind in ("ensembles", "stacks"):
        for name, members in config[kind].items():
            if gone := [member["model"] for member in members if member["model"] in lost]:
                lost[name] = f"left out with its member {gone[0]}"
    kept = {
        name: sweep | {kind: [one for one in sweep[kind] if one not in lost] for kind in ("models", "protocols")}
        for name, sweep in config["sweeps"].items()
    }
    run = [name for name in config["run"] if kept[name]["models"] and kept[name]["protocols"]]
    used = _used(config)
    lines = [f"{name}: {said}" for name, said in (lost | told).items() if said and name in used]
    if config["run"] and not run:
        raise FoxhoundError(
            "This corpus is too small for every model that is asked for, or lacks what they need:\n  "
            + "\n  ".join(lines)
            + "\nBring more labelled comments, or select other sweeps in config.yaml, under `run`."
        )
    return {
        "protocols": protocols,
        "sweeps": {name: sweep for name, sweep in kept.items() if sweep["models"] and sweep["protocols"]},
        "run": run,
        "baselines": {
            kind: [one for one in config["baselines"][kind] if one not in lost] for kind in config["baselines"]
        },
        **{
            kind: {name: one for name, one in config[kind].items() if name not in lost}
            for kind in ("ensembles", "stacks")
        },
    }, lines


def warnings(state: CorpusState | None, lines: list[str], folder: str) -> list[str]:
    """What the console says before anything runs: that another corpus stands in, and what was fitted to this one."""
    said = ["Fitted to this corpus:\n  " + "\n  ".join(lines)] if lines else []
    if state and state.facts["fallback"]:
        said.append(
            f"EVERY NUMBER OF THIS RUN IS ABOUT THE DEMO CORPUS: {state.facts['reason']}. "
            f"To try again: rm {folder}/{RAW}"
        )
    return said
