"""Read the configuration of each model: its settings, its encoder, and the columns that it reads."""

from typing import Any

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
        encoder = {"encoder": self.config["encoder"]} if definition["embedding"] == "bert" else {}
        return {"name": model, "settings": {"family": "lstm"} | settings | encoder}

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
