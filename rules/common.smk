"""Configuration, checked; the plan made from it; and the input and params functions of all rules."""

import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

sys.path.insert(0, str(Path(workflow.basedir) / "scripts"))

from foxhound.configuration import check_config
from foxhound.errors import FoxhoundError
from foxhound.plan import Plan

# Overlays from the command line come first in Snakemake's list, and override what follows.
CONFIG_FILES = sorted(workflow.configfiles, key=lambda file: file != "config.yaml")

try:
    check_config(config, Path(workflow.basedir) / "schemas/config.yaml", CONFIG_FILES)
except FoxhoundError as error:
    raise WorkflowError(str(error)) from None

PLAN = Plan(config)


def one_of(names):
    """A regular expression for exactly these names."""
    return "|".join(sorted(map(re.escape, names))) or "none"


wildcard_constraints:
    cleaning="classic|minimal",
    context="none|title",
    encoder=one_of(config["encoders"]),
    protocol=one_of(config["protocols"]),
    partition=r"fold-\d\d|draw-\d+",
    model=one_of([*config["lstm"]["models"], *config["finetune"]["models"]]),
    baseline=one_of(config["baselines"]["models"]),
    learning_rate=r"[\d.]+e-\d+",
    seed=r"\d+",


def get_raw_corpus(wildcards):
    """The raw corpus where it is at hand; nothing where it has to be downloaded."""
    path = config["corpora"][config["corpus"]["name"]]["path"]
    return {"raw": path} if Path(path).exists() else {}


def get_source_params(wildcards):
    """The corpus to obtain, and the one that may stand in for it."""
    fallback = config["corpus"].get("fallback")
    name = config["corpus"]["name"]
    return {
        "name": name,
        "definition": config["corpora"][name],
        "fallback": config["corpora"][fallback] if fallback else None,
    }


def get_corpora(wildcards):
    """How to read the corpus, and the one that may stand in for it."""
    names = {config["corpus"]["name"], config["corpus"].get("fallback")} - {None}
    return {name: config["corpora"][name] for name in sorted(names)}


def get_lstm_inputs(wildcards):
    """Token vectors of the encoder, or cleaned words with the partition's word vectors."""
    model = config["lstm"]["models"][wildcards.model]
    if model["embedding"] == "bert":
        return {
            "embeddings": f"<results>/embeddings/{config['encoder']}/{model['context']}.parquet"
        }
    words = f"<results>/word2vec/{model['cleaning']}"
    return {
        "tokens": f"<results>/cleaning/{model['cleaning']}.parquet",
        "words": f"{words}/{wildcards.protocol}/{wildcards.partition}.parquet",
    }


def get_lstm_model(wildcards):
    """The model's name and the settings that its predictions carry."""
    model = config["lstm"]["models"][wildcards.model]
    encoder = {"encoder": config["encoder"]} if model["embedding"] == "bert" else {}
    return {"name": wildcards.model, "settings": {"family": "lstm"} | model | encoder}


def get_finetune_training(wildcards):
    """The training settings of a model: those of all, and its own architecture."""
    model = config["finetune"]["models"][wildcards.model]
    return config["finetune"]["training"] | {"architecture": model["architecture"]}


def get_baseline_inputs(wildcards):
    """Every partition of the protocol, and token vectors for the baselines that pool them."""
    partitions = PLAN.baseline_partitions(wildcards.protocol)
    inputs = {
        "partitions": [
            f"<results>/partitions/{wildcards.protocol}/{name}.parquet"
            for name, _ in partitions
        ]
    }
    if wildcards.baseline.startswith("pooled"):
        inputs["embeddings"] = f"<results>/embeddings/{config['encoder']}/none.parquet"
    return inputs


def get_start(model):
    """What a fine-tuned model's encoder starts from, in the report's words."""
    name = PLAN.encoder(model)
    architecture = config["finetune"]["models"][model]["architecture"]
    if "package" in config["encoders"][name] and architecture.startswith("DistilBert"):
        return f"layers of {name} copied into a DistilBertModel, as Sanh et al. 2019 start their student"
    return name


def get_model_facts(wildcards):
    """What the report's model table says of every trained model."""
    lstm, finetune = config["lstm"]["models"], config["finetune"]["models"]
    names = dict.fromkeys(run.model for run in PLAN.runs)
    return [
        {"model": name}
        | (
            lstm[name] | {"encoder": config["encoder"]}
            if name in lstm
            else finetune[name]
            | {"encoder": PLAN.encoder(name), "starts_from": get_start(name)}
        )
        for name in names
    ]
