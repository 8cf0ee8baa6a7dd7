"""Read the configuration of each model: its settings, its encoder, and the columns that it reads."""

from typing import Any

OWN, PRETRAINED = "own", "pretrained"
"""Word vectors that are trained on each partition's training texts, and those of `word2vec.pretrained`."""

SEEDED_BASELINES = ("pooled-mlp",)
"""Baselines whose training draws random numbers: they run with every seed that a model under the same folds has."""

COLUMNS_OF_BASELINES = {"tfidf-logistic": ["text"], "article-only": ["thread"], "user-only": ["user"]}


class ModelSettings:
    """The models that a configuration defines, by name."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.lstm_models: dict[str, dict[str, Any]] = config["lstm"]["models"]
        self.finetuned_models: dict[str, dict[str, Any]] = config["finetune"]["models"]

    def training(self, model: str) -> dict[str, Any]:
        """Return the training settings of a model: its family's, then its own (and architecture, if fine-tuned)."""
        if model in self.lstm_models:
            return self.config["lstm"]["training"] | self.lstm_models[model].get("training", {})
        definition = self.finetuned_models[model]
        own = definition.get("training", {}) | {"architecture": definition["architecture"]}
        return self.config["finetune"]["training"] | own

    def lstm(self, model: str) -> dict[str, Any]:
        """Return an LSTM's name and the settings that its predictions carry."""
        definition = self.lstm_models[model]
        settings = {key: value for key, value in definition.items() if key != "training"}
        read = {"encoder": self.config["encoder"]} if definition["embedding"] == "bert" else {"vectors": OWN}
        return {"name": model, "settings": {"family": "lstm"} | read | settings}

    def word_vectors(self, model: str, protocol: str, partition: str, seed: int | str) -> str | None:
        """Return the file of word vectors that a run of an LSTM reads; None where it reads an encoder's vectors."""
        settings = self.lstm(model)["settings"]
        if settings["embedding"] == "bert":
            return None
        if settings["vectors"] == PRETRAINED:
            return "<results>/word2vec/pretrained.parquet"
        return f"<results>/word2vec/{settings['cleaning']}/{protocol}/{partition}/seed-{seed}.parquet"

    def encoder(self, model: str) -> str:
        """Return the name of the encoder that a fine-tuned model starts from."""
        return self.finetuned_models[model].get("encoder", self.config["encoder"])

    def finetune_columns(self, model: str) -> list[str]:
        """Return the columns of the comments that a fine-tuned model reads."""
        titled = self.finetuned_models[model].get("context") == "title"
        return ["label", "text", *(["title"] if titled else [])]

    def baseline_columns(self, baseline: str) -> list[str]:
        """Return the columns of the comments that a baseline reads."""
        return ["label", *COLUMNS_OF_BASELINES.get(baseline, [])]
