"""Say where it is logged what each model costs, and how a kept model is asked."""

from foxhound.experiment.plan import Plan


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
