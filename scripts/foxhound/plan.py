"""From the configuration to the files that have to be made: every training run, its epochs, its partition."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


def rate_name(learning_rate: float) -> str:
    """A learning rate as it stands in paths: 0.0001 -> 1e-4, 2.5e-05 -> 2.5e-5."""
    return f"{Decimal(str(learning_rate)):e}"


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


FOLDS = "folds"
"""The piece of a fold protocol: all its folds. A piece of a draw protocol is one draw."""
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
            rates = [rate_name(rate) for rate in sweep["learning_rates"]] if tuned else [None]
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

    def predictions(self) -> dict[str, list[int]]:
        """Every predictions table that the scores are computed from, and its epochs of interest (0: it has none)."""
        baselines = {
            f"<results>/baselines/{baseline}/{protocol}/{piece}.parquet": [0]
            for baseline in self.config["baselines"]["models"]
            for protocol in self.protocols
            for piece in self.pieces(protocol)
        }
        return baselines | {run.path: epochs for run, epochs in self.runs.items()}

    def group(self, protocol: str) -> list[str]:
        """The column whose members stay together under `protocol`, if there is one."""
        group = self.config["protocols"][protocol].get("group")
        return [group] if group else []

    def baseline_columns(self, baseline: str) -> list[str]:
        """The columns of the comments that a baseline reads."""
        return ["label", *COLUMNS_OF_BASELINES.get(baseline, [])]

    def encoder(self, model: str) -> str:
        """The name of the encoder that a fine-tuned model starts from."""
        return self.config["finetune"]["models"][model].get("encoder", self.config["encoder"])
