"""Describe models in the words of the report."""

from collections.abc import Iterable
from typing import Any

from foxhound.experiment.model_settings import ModelSettings

HEADS = {
    "BertForSequenceClassification": "BERT's pooler and a linear layer",
    "BertModel-relu-head": "that of DistilBertForSequenceClassification (linear, ReLU, linear), on a BERT",
    "BertModel-linear-head": "a linear layer on the first token: the published custom head, on a BERT",
    "DistilBertForSequenceClassification": "DistilBERT's (linear, ReLU, linear)",
    "DistilBertModel-first-token": "a linear layer on the first token: the published custom head",
    "AutoModelForSequenceClassification": "the one that transformers gives this kind of encoder",
}


def describe_differences(models: ModelSettings) -> dict[str, str]:
    """Map each fine-tuned model to what it does differently from the others, and each ensemble to its members."""
    config = models.config
    combinations = (config["ensembles"] | config["stacks"]).items()
    described = {name: ", ".join(member["model"] for member in members) for name, members in combinations}
    for name, model in models.finetuned_models.items():
        own = model.get("training", {}) | ({"context": model["context"]} if "context" in model else {})
        described[name] = ", ".join([model["architecture"], *(f"{key}: {value}" for key, value in own.items())])
    return described


def describe_models(models: ModelSettings, names: Iterable[str]) -> list[dict[str, Any]]:
    """Return what the report's table of models says of each of them."""
    rows = []
    for name in dict.fromkeys(names):
        if name in models.lstm_models:
            row = models.lstm_models[name] | models.lstm(name)["settings"]
            del row["family"]
        else:
            row = models.finetuned_models[name] | {"encoder": models.encoder(name)}
            row |= {"head": HEADS[row["architecture"]]}
        if "training" in row:
            row["training"] = ", ".join(f"{key}: {value}" for key, value in row["training"].items())
        rows.append({"model": name} | row)
    return rows
