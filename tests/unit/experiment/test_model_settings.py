from foxhound.experiment.model_settings import ModelSettings
from small_experiment import config


def test_a_model_may_name_its_own_encoder():
    models = ModelSettings(config())
    assert (models.encoder("bert"), models.encoder("big")) == ("minilm", "large")


def test_a_model_trains_as_its_family_does_but_for_what_it_overrides():
    made = config(
        lstm={"training": {"hidden": 9, "loss": "logits"}, "models": {"lstm": {"embedding": "bert", "training": {"hidden": 1}}, "w": {"embedding": "word2vec"}}},
        finetune={"training": {"batch_size": 16}, "models": {"bert": {"architecture": "B", "training": {"batch_size": 8}}}},
    )  # fmt: skip
    models = ModelSettings(made)
    assert models.training("lstm") == {"hidden": 1, "loss": "logits"}
    assert models.training("w") == {"hidden": 9, "loss": "logits"}
    assert models.training("bert") == {"batch_size": 8, "architecture": "B"}
    assert models.lstm("lstm") == {
        "name": "lstm",
        "settings": {"family": "lstm", "embedding": "bert", "encoder": "minilm"},
    }
    assert models.lstm("w") == {"name": "w", "settings": {"family": "lstm", "embedding": "word2vec", "vectors": "own"}}


def test_the_columns_that_a_model_reads():
    models = ModelSettings(config(finetune={"models": {"bert": {"context": "title"}, "big": {}}}))
    assert models.finetune_columns("bert") == ["label", "text", "title"]
    assert models.finetune_columns("big") == ["label", "text"]
    assert models.baseline_columns("user-only") == ["label", "user"]
    assert models.baseline_columns("always-hateful") == ["label"]
