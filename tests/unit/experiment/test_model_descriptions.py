import yaml
from foxhound.experiment.model_descriptions import HEADS, describe_differences, describe_models
from foxhound.experiment.model_settings import ModelSettings
from foxhound.models.architectures import ARCHITECTURES
from shipped_config import CONFIG, ROOT, SCHEMA, merged
from small_experiment import config


def test_what_a_model_does_differently():
    made = config(
        finetune={"models": {"bert": {"architecture": "B", "training": {"batch_size": 8}, "context": "title"}}},
        ensembles={"both": [{"model": "bert", "learning_rate": 1e-4, "epoch": 2}, {"model": "always"}]},
    )
    assert describe_differences(ModelSettings(made)) == {
        "both": "bert, always",
        "bert": "B, batch_size: 8, context: title",
    }


def test_a_row_per_model_says_what_it_starts_from():
    definitions = {
        "bert": {"architecture": "BertForSequenceClassification", "training": {"dropout": False, "batch_size": 8}},
        "big": {"architecture": "BertModel-relu-head", "encoder": "large"},
    }
    encoders = {"minilm": {"package": "some-package"}, "large": {"model": "some/folder"}}
    words = {"embedding": "word2vec", "cleaning": "classic", "training": {"hidden": 9}}
    lstms = {"lstm": {"embedding": "bert", "context": "none"}, "words": words}
    models = ModelSettings(config(lstm={"models": lstms}, finetune={"models": definitions}, encoders=encoders))
    assert describe_models(models, ["bert", "lstm", "words", "bert", "big"]) == [
        {
            "model": "bert",
            "architecture": "BertForSequenceClassification",
            "training": "dropout: False, batch_size: 8",
            "encoder": "minilm",
            "head": "BERT's pooler and a linear layer",
        },
        {"model": "lstm", "embedding": "bert", "context": "none", "encoder": "minilm"},
        # Neither is the encoder, which this model does not read, nor a DistilBERT, which the next one is not.
        {"model": "words", "embedding": "word2vec", "cleaning": "classic", "vectors": "own", "training": "hidden: 9"},
        {
            "model": "big",
            "architecture": "BertModel-relu-head",
            "encoder": "large",
            "head": HEADS["BertModel-relu-head"],
        },
    ]


def test_every_architecture_has_its_head_described():
    allowed = yaml.safe_load(SCHEMA.read_text())["properties"]["finetune"]["properties"]["models"]
    assert (
        set(HEADS) == set(allowed["additionalProperties"]["properties"]["architecture"]["enum"]) == set(ARCHITECTURES)
    )


def test_no_shipped_model_is_called_a_distilbert_that_is_none():
    for overlay in [None, *sorted((ROOT / "experiments").glob("*.yaml"))]:
        shipped = merged(CONFIG, yaml.safe_load(overlay.read_text())) if overlay else CONFIG
        for name, model in shipped["finetune"]["models"].items():
            claims = "distil" in f"{name} {model['architecture']}".lower()
            assert claims == ("distil" in ModelSettings(shipped).encoder(name)), (overlay, name)
