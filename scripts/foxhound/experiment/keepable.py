"""Say which models of an experiment can be kept and asked, and how simple each of them is."""

from foxhound.experiment.plan import Plan
from foxhound.names import TFIDF, learning_rate_name

POOLED = "pooled-logistic"
PARTS = {TFIDF: 1, POOLED: 2}
"""Baselines that can be kept: one counts words, the other needs an encoder beside its weights."""
OF_BASELINES, FINETUNED, WITH_FINETUNED = 3, 4, 5


def keepable(plan: Plan) -> dict[str, int]:
    """Map each model that can be kept to how many parts it has, the simplest 1.

    A kept model reads the comment alone, and has held-out predictions under `final.protocol` to be calibrated on.
    """
    protocol, config = plan.config["final"]["protocol"], plan.config
    parts = {name: PARTS[name] for name in config["baselines"]["models"] if name in PARTS}
    run = {(run.model, run.learning_rate) for run in plan.runs if run.protocol == protocol}
    of_text = [name for name in plan.models.finetuned_models if "title" not in plan.models.finetune_columns(name)]
    tuned = {name for name, _ in run}.intersection(of_text)
    parts |= dict.fromkeys(sorted(tuned), FINETUNED)
    made = {path.split("/")[2] for path in plan.ensembles() if path.split("/")[3] == protocol}
    for name, members in config["ensembles"].items():
        rates = [
            learning_rate_name(member["learning_rate"]) if "learning_rate" in member else None for member in members
        ]
        able = all(
            member["model"] in PARTS or (member["model"] in tuned and (member["model"], rate) in run)
            for member, rate in zip(members, rates, strict=True)
        )
        if name in made and able:
            parts[name] = WITH_FINETUNED if any(member["model"] in tuned for member in members) else OF_BASELINES
    return parts


def cost_places(plan: Plan) -> dict[str, list[str]]:
    """Map each model to the logs of what it is made of, in the folder of logs: `{protocol}` stands for the protocol.

    An encoder whose vectors several members read counts once.
    """
    encoder, config = plan.config["encoder"], plan.config
    places = {name: [f"finetune/{name}/{{protocol}}"] for name in plan.models.finetuned_models}
    for name, model in plan.models.lstm_models.items():
        read = [f"embeddings/{encoder}/{model['context']}.log"] if model["embedding"] == "bert" else []
        places[name] = [f"lstm/{name}/{{protocol}}", *read]
    for name in config["baselines"]["models"]:
        read = [f"embeddings/{encoder}/none.log"] if name.startswith("pooled") else []
        places[name] = [f"baselines/{name}/{{protocol}}", *read]
    for name, members in (config["ensembles"] | config["stacks"]).items():
        of_members = [place for member in members for place in places.get(member["model"], [])]
        places[name] = list(dict.fromkeys(of_members))
    return places


def how_to_ask(folder: str) -> str:
    """Return how the recommended model is kept and asked, of an experiment whose report is in this folder."""
    return (
        f"To keep the model: `snakemake --cores 2 {folder}/model` (with the `--configfile` of this experiment, if it "
        f'has one). To ask it: `foxhound predict --model {folder}/model "a comment"`.'
    )
