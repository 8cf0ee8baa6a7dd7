"""Say which models can be kept, and what it takes to train each of them on all comments."""

from collections.abc import Callable, Mapping
from typing import Any

from foxhound.experiment.plan import Plan
from foxhound.names import ALARMS, DUMMIES, FINETUNE, POOLED, RECOMMENDED, TFIDF

OWN_HEADS = ("BertModel-relu-head", "BertModel-linear-head", "DistilBertModel-first-token")
"""Architectures that no class of transformers has."""

PARTS = {TFIDF: 1, POOLED: 2}
"""Baseline that can be kept -> how many parts it has: one that counts words, and an encoder with a line on top."""
ENSEMBLE, FINE_TUNED, ENSEMBLE_WITH_FINE_TUNED = 3, 4, 5


def why_not_kept(config: Mapping[str, Any], name: str) -> str:
    """Return why a model cannot be kept; nothing if it can, or if it is not defined.

    Args:
        config: checked, but for `final`.
    """
    if name in config["ensembles"]:
        reasons = ((member["model"], why_not_kept(config, member["model"])) for member in config["ensembles"][name])
        return next((f"its member {member} cannot be kept: {reason}" for member, reason in reasons if reason), "")
    if name in config["stacks"]:
        return "the weights of a stack are learned on its members' held-out predictions, fold by fold"
    if name in config["lstm"]["models"]:
        return "no LSTM can"
    if name in config["finetune"]["models"]:
        return _why_not_fine_tuned(config["finetune"]["models"][name])
    if name in DUMMIES:
        return "it knows nothing of the comments"
    if name in ALARMS:
        return "it never reads a comment"
    return "" if name in PARTS or name == RECOMMENDED else "there is no way to export it"


def _why_not_fine_tuned(model: Mapping[str, Any]) -> str:
    if model["architecture"] in OWN_HEADS:
        return "transformers cannot load this model without our code"
    return "it reads titles, and those who ask it have none" if model.get("context") == "title" else ""


def can_be_kept(config: Mapping[str, Any]) -> list[str]:
    """Return every name that `final.model` can have."""
    defined = [*PARTS, *config["ensembles"], *config["finetune"]["models"]]
    return [RECOMMENDED, *(name for name in defined if not why_not_kept(config, name))]


def keepable(plan: Plan) -> dict[str, int]:
    """Map each model that can be kept, and has held-out predictions under the final protocol, to its number of parts.

    The fewer parts, the simpler it is: `PARTS` of baselines, then ensembles of them, then what is fine-tuned.
    """
    config, protocol = plan.config, plan.config["final"]["protocol"]
    combined = {tuple(path.split("/")[2:4]) for path in plan.ensembles()}
    tuned = {run.model for run in plan.runs if run.protocol == protocol and run.family == FINETUNE}
    found: dict[str, int] = {}
    if protocol in plan.protocols:
        found |= {name: parts for name, parts in PARTS.items() if name in config["baselines"]["models"]}
    for name, members in config["ensembles"].items():
        if (name, protocol) in combined:
            with_tuned = any(member["model"] in plan.models.finetuned_models for member in members)
            found[name] = ENSEMBLE_WITH_FINE_TUNED if with_tuned else ENSEMBLE
    found |= dict.fromkeys(sorted(tuned), FINE_TUNED)
    return {name: parts for name, parts in found.items() if not why_not_kept(config, name)}


def candidates(plan: Plan) -> list[str]:
    """Return the models of which one becomes the final one: the one named, or where it is recommended all `keepable`.

    None where the ensemble that is named needs columns that this corpus lacks, or nothing can be kept.
    """
    name = plan.config["final"]["model"]
    if name == RECOMMENDED:
        return list(keepable(plan))
    return [name] if name in {*PARTS, *plan.config["ensembles"], *plan.models.finetuned_models} else []


def final_choices(plan: Plan, find_encoder: Callable[[str], Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Map each of the `candidates` to what it takes to train it.

    Args:
        find_encoder: name -> definition of an encoder, with whatever tells one version of its files from another.

    Returns:
        model -> its learning_rate and epoch (None and 0 where it has none, or they come with the recommendation), the
        seed, and `members`: the settings of what it is made of, which is itself unless it is an ensemble.
    """
    final, tuned = plan.config["final"], plan.models.finetuned_models
    run = {key: final[key] for key in ("learning_rate", "epoch") if final["model"] in tuned}
    return {name: _choice(plan, name, run, find_encoder) for name in candidates(plan)}


def _choice(
    plan: Plan, name: str, run: dict[str, Any], find_encoder: Callable[[str], Mapping[str, Any]]
) -> dict[str, Any]:
    """Return what it takes to train one model; `run` has the learning rate and the epoch of a fine-tuned one."""
    members = plan.config["ensembles"].get(name, [{"model": name} | run])
    settings = [member | _settings(plan, member["model"], find_encoder) for member in members]
    return {"learning_rate": None, "epoch": 0, "seed": plan.config["final"]["seed"]} | run | {"members": settings}


def _settings(plan: Plan, model: str, find_encoder: Callable[[str], Mapping[str, Any]]) -> dict[str, Any]:
    """Return the kind of a member, and the settings that it is trained with but for rate and epoch."""
    config, models = plan.config, plan.models
    if model in models.finetuned_models:
        encoder = find_encoder(models.encoder(model))
        return {"kind": FINETUNE, "encoder": encoder, "training": models.training(model)}
    if model == POOLED:
        read = {name: config["embeddings"][name] for name in ("layer", "max_tokens")}
        return {"kind": model, "encoder": find_encoder(config["encoder"])} | read
    return {"kind": model}
