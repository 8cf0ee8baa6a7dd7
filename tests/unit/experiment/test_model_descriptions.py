from foxhound.experiment.model_descriptions import describe_differences, describe_models, initial_weights
from foxhound.experiment.model_settings import ModelSettings
from small_experiment import config


def test_what_a_model_does_differently():
    made = config(
        finetune={"models": {"bert": {"architecture": "B", "training": {"restart": 1}, "context": "title"}}},
        ensembles={"both": [{"model": "bert", "learning_rate": 1e-4, "epoch": 2}, {"model": "always"}]},
    )
    assert describe_differences(ModelSettings(made)) == {
        "both": "bert, always",
        "bert": "B, restart: 1, context: title",
    }


def test_a_row_per_model_says_what_it_starts_from():
    definitions = {
        "bert": {"architecture": "BertForSequenceClassification", "training": {"dropout": False, "restart": 1}},
        "distil": {"architecture": "DistilBertForSequenceClassification"},
        "big": {"architecture": "DistilBertForSequenceClassification", "encoder": "large"},
    }
    encoders = {"minilm": {"package": "some-package"}, "large": {"model": "some/folder"}}
    models = ModelSettings(config(finetune={"models": definitions}, encoders=encoders))
    assert describe_models(models, ["bert", "lstm", "bert"]) == [
        {
            "model": "bert",
            "architecture": "BertForSequenceClassification",
            "training": "dropout: False, restart: 1",
            "encoder": "minilm",
            "starts_from": "minilm",
        },
        {"model": "lstm", "encoder": "minilm"},
    ]
    assert initial_weights(models, "distil").startswith("layers of minilm copied into a DistilBertModel")
    assert initial_weights(models, "big") == "large"
