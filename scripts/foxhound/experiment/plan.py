"""From the configuration to the files that have to be made: every training run, its epochs, its partition."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from foxhound.errors import FoxhoundError
from foxhound.names import ALARMS, FOLDS, learning_rate_name


@dataclass(frozen=True)
class Run:
    """One training run: a model on one partition of a protocol, with one seed (and learning rate)."""

    family: str
    model: str
    protocol: str
    partition: str
    seed: int
    learning_rate: str | None = None

    @property
    def path(self) -> str:
        """Where its predictions go."""
        rate = f"lr-{self.learning_rate}/" if self.learning_rate else ""
        return f"<results>/{self.family}/{self.model}/{self.protocol}/{self.partition}/{rate}seed-{self.seed}.parquet"


COLUMNS_OF_BASELINES = {"tfidf-logistic": ["text"], "article-only": ["thread"], "user-only": ["user"]}


class Plan:
    """Everything the configuration asks for.

    runs: training run -> its epochs of interest, over all selected sweeps.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.runs: dict[Run, list[int]] = {}
        for name in config["run"]:
            for run in self._expand(config["sweeps"][name]):
                epochs = {*self.runs.get(run, []), *config["sweeps"][name]["epochs"]}
                self.runs[run] = sorted(epochs)
        self.by_place: dict[tuple[str, str, str], list[Run]] = {}
        for run in self.runs:
            self.by_place.setdefault((run.model, run.protocol, run.partition), []).append(run)
        used = [run.protocol for run in self.runs] + config["baselines"]["protocols"]
        self.protocols = list(dict.fromkeys(used))

    def partitions(self, protocol: str, seeds: list[int]) -> list[tuple[str, int]]:
        """(partition, seed) pairs: every fold with every seed, or for each seed the draw it makes."""
        folds = self.config["protocols"][protocol].get("folds")
        if folds is None:
            return [(f"draw-{seed}", seed) for seed in seeds]
        return [(f"fold-{fold:02d}", seed) for seed in seeds for fold in range(1, folds + 1)]

    def _expand(self, sweep: dict[str, Any]) -> Iterator[Run]:
        for model in sweep["models"]:
            tuned = model in self.config["finetune"]["models"]
            rates = [learning_rate_name(rate) for rate in sweep["learning_rates"]] if tuned else [None]
            for protocol in sweep["protocols"]:
                for partition, seed in self.partitions(protocol, sweep["seeds"]):
                    for rate in rates:
                        yield Run("finetune" if tuned else "lstm", model, protocol, partition, seed, rate)

    def last_epoch(self, **wildcards: Any) -> int:
        """How long the run that these wildcards name trains."""
        return max(self.runs[Run(**(wildcards | {"seed": int(wildcards["seed"])}))])

    def pieces(self, protocol: str) -> list[str]:
        """What a baseline does in one job each: all folds at once, or one of the draws that a model uses."""
        if "folds" in self.config["protocols"][protocol]:
            return [FOLDS]
        drawn = sorted({run.seed for run in self.runs if run.protocol == protocol}) or [1]
        return [name for name, _ in self.partitions(protocol, drawn)]

    def piece_partitions(self, protocol: str, piece: str) -> list[str]:
        """The partitions of one piece."""
        return [name for name, _ in self.partitions(protocol, [1])] if piece == FOLDS else [piece]

    def all_partitions(self) -> list[str]:
        """Every partition of every protocol."""
        return [
            f"<results>/partitions/{protocol}/{partition}.parquet"
            for protocol in self.protocols
            for piece in self.pieces(protocol)
            for partition in self.piece_partitions(protocol, piece)
        ]

    def members(self, ensemble: str, protocol: str, piece: str) -> list[dict[str, int]]:
        """Of each member of an ensemble the predictions on this piece, all seeds, and the epoch that takes part.

        Empty where a member did not run on all of the piece.
        """
        found = []
        for member in (self.config["ensembles"] | self.config["stacks"])[ensemble]:
            name = member["model"]
            if name in self.config["baselines"]["models"]:
                found.append({f"<results>/baselines/{name}/{protocol}/{piece}.parquet": 0})
                continue
            rate = learning_rate_name(member["learning_rate"]) if "learning_rate" in member else None
            paths: dict[str, int] = {}
            for partition in self.piece_partitions(protocol, piece):
                runs = [run for run in self.by_place.get((name, protocol, partition), []) if run.learning_rate == rate]
                taken = {run.path: member["epoch"] for run in runs if member["epoch"] in self.runs[run]}
                if not taken:
                    return []
                paths |= taken
            if not paths:
                return []
            found.append(paths)
        return found

    def ensembles(self) -> dict[str, list[int]]:
        """The predictions of every ensemble, under each protocol and on each piece that all its members ran on.

        A stack learns its weights on other folds, and so is made on folds only. Where folds are groups (articles, say)
        none has an alarm as a member: of an unseen group an alarm knows nothing but the share of hateful comments in
        the others, which is the lower the higher the group's own is, and a stack would use that.
        """
        return {
            f"<results>/ensembles/{ensemble}/{protocol}/{piece}.parquet": [0]
            for ensemble, members in (self.config["ensembles"] | self.config["stacks"]).items()
            for protocol in self.protocols
            for piece in self.pieces(protocol)
            if (ensemble in self.config["ensembles"] or piece == FOLDS)
            and not (self.group(protocol) and any(member["model"] in ALARMS for member in members))
            and self.members(ensemble, protocol, piece)
        }

    def final_predictions(self) -> list[str]:
        """The held-out predictions of the model that is kept.

        Raises:
            FoxhoundError: the experiment does not run it under its protocol, to its epoch; or it reads titles.
        """
        final = self.config["final"]
        wanted = (final["model"], final["protocol"], learning_rate_name(final["learning_rate"]))
        found = [
            run.path
            for run, epochs in self.runs.items()
            if (run.model, run.protocol, run.learning_rate) == wanted and final["epoch"] in epochs
        ]
        if not found:
            raise FoxhoundError(
                f"The model to keep ({wanted[0]}, rate {wanted[2]}, epoch {final['epoch']}) does not run under "
                f"{wanted[1]} in this experiment, so nobody knows what it is worth. Select a sweep with it under "
                "`run`, or name another model under `final`."
            )
        if "title" in self.tuned_columns(final["model"]):
            raise FoxhoundError(
                f"The model to keep ({final['model']}) reads titles, and those who ask it have none. Name one with "
                "`context: none` under `final`."
            )
        return found

    def attended(self) -> tuple[dict[str, str], dict[str, Any]]:
        """The run whose attention is tested: the files it reads, and model, architecture, epochs, training, seed.

        Raises:
            FoxhoundError: it is no LSTM with attention on an encoder's vectors, or the experiment does not run it.
        """
        name = self.config["checks"]["attention"]
        model = self.config["lstm"]["models"].get(name, {})
        run = next((run for run in self.runs if run.model == name), None)
        if run is None or model.get("embedding") != "bert" or not model["architecture"].endswith("attention"):
            fit = sorted({run.model for run in self.runs if run.model.endswith("attention")})
            raise FoxhoundError(
                f"checks.attention: {name!r} is no LSTM with attention on BERT embeddings that a selected sweep runs. "
                f"Those there are: {', '.join(fit) or 'none'}."
            )
        files = {
            "embeddings": f"<results>/embeddings/{self.config['encoder']}/{model['context']}.parquet",
            "partition": f"<results>/partitions/{run.protocol}/{run.partition}.parquet",
        }
        facts = {"model": name, "architecture": model["architecture"], "epochs": max(self.runs[run])}
        return files, facts | {"training": self.training(name), "seed": run.seed}

    def predictions(self) -> dict[str, list[int]]:
        """Every predictions table that the scores are computed from, and its epochs of interest (0: it has none)."""
        baselines = {
            f"<results>/baselines/{baseline}/{protocol}/{piece}.parquet": [0]
            for baseline in self.config["baselines"]["models"]
            for protocol in self.protocols
            for piece in self.pieces(protocol)
        }
        return baselines | self.ensembles() | {run.path: epochs for run, epochs in self.runs.items()}

    def browsed(self) -> dict[str, int]:
        """The predictions that the page's error browser shows, and the largest epoch of interest of each.

        Those of the fold protocol that most models run under, the first by name among equals; none without one.
        """
        models = {
            protocol: {run.model for run in self.runs if run.protocol == protocol}
            for protocol in self.protocols
            if self.pieces(protocol) == [FOLDS]
        }
        if not models:
            return {}
        chosen = min(models, key=lambda protocol: (-len(models[protocol]), protocol))
        runs = {run.path: max(epochs) for run, epochs in self.runs.items() if run.protocol == chosen}
        whole = [path for path in self.predictions() if path.endswith(f"/{chosen}/{FOLDS}.parquet")]
        return runs | dict.fromkeys(whole, 0)

    def group(self, protocol: str) -> list[str]:
        """The column whose members stay together under `protocol`, if there is one."""
        group = self.config["protocols"][protocol].get("group")
        return [group] if group else []

    def baseline_columns(self, baseline: str) -> list[str]:
        """The columns of the comments that a baseline reads."""
        return ["label", *COLUMNS_OF_BASELINES.get(baseline, [])]

    @staticmethod
    def seed(piece: str) -> int:
        """The seed of a baseline or an ensemble: that of the draw it runs on, or 1."""
        return 1 if piece == FOLDS else int(piece.removeprefix("draw-"))

    def training(self, model: str) -> dict[str, Any]:
        """The training settings of a model: those of its family, then its own (and architecture, if fine-tuned)."""
        if model in self.config["lstm"]["models"]:
            return self.config["lstm"]["training"] | self.config["lstm"]["models"][model].get("training", {})
        tuned = self.config["finetune"]["models"][model]
        own = tuned.get("training", {}) | {"architecture": tuned["architecture"]}
        return self.config["finetune"]["training"] | own

    def lstm(self, model: str) -> dict[str, Any]:
        """An LSTM's name and the settings that its predictions carry."""
        definition = self.config["lstm"]["models"][model]
        told = {key: value for key, value in definition.items() if key != "training"}
        encoder = {"encoder": self.config["encoder"]} if definition["embedding"] == "bert" else {}
        return {"name": model, "settings": {"family": "lstm"} | told | encoder}

    def encoder(self, model: str) -> str:
        """The name of the encoder that a fine-tuned model starts from."""
        return self.config["finetune"]["models"][model].get("encoder", self.config["encoder"])

    def tuned_columns(self, model: str) -> list[str]:
        """The columns of the comments that a fine-tuned model reads."""
        titled = self.config["finetune"]["models"][model].get("context") == "title"
        return ["label", "text", *(["title"] if titled else [])]

    def start(self, model: str) -> str:
        """What a fine-tuned model's encoder starts from, in the report's words."""
        name = self.encoder(model)
        architecture = self.config["finetune"]["models"][model]["architecture"]
        if "package" in self.config["encoders"][name] and architecture.startswith("DistilBert"):
            return f"layers of {name} copied into a DistilBertModel, as Sanh et al. 2019 start their student"
        return name

    def made_of(self) -> dict[str, str]:
        """What a model does differently from the others of its family, and what an ensemble's members are."""
        told = {name: ", ".join(member["model"] for member in members)
                for name, members in (self.config["ensembles"] | self.config["stacks"]).items()}  # fmt: skip
        for name, model in self.config["finetune"]["models"].items():
            own = model.get("training", {}) | ({"context": model["context"]} if "context" in model else {})
            told[name] = ", ".join([model["architecture"], *(f"{key}: {value}" for key, value in own.items())])
        return told

    def model_facts(self) -> list[dict[str, Any]]:
        """What the report's model table says of every trained model."""
        lstm, finetune = self.config["lstm"]["models"], self.config["finetune"]["models"]
        facts = []
        for name in dict.fromkeys(run.model for run in self.runs):
            made = lstm[name] | {"encoder": self.config["encoder"]} if name in lstm else dict(finetune[name])
            if name in finetune:
                made |= {"encoder": self.encoder(name), "starts_from": self.start(name)}
            if "training" in made:
                made["training"] = ", ".join(f"{key}: {value}" for key, value in made["training"].items())
            facts.append({"model": name} | made)
        return facts
