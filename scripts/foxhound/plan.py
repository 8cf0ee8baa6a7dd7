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

    def epochs(self, **wildcards: Any) -> list[int]:
        """The epochs of interest of the run that these wildcards name."""
        return self.runs[Run(**(wildcards | {"seed": int(wildcards["seed"])}))]

    def baseline_partitions(self, protocol: str) -> list[tuple[str, int]]:
        """The partitions of `protocol` a baseline runs on: all folds once, or every draw that a model uses."""
        drawn = sorted({run.seed for run in self.runs if run.protocol == protocol})
        return self.partitions(protocol, [1] if "folds" in self.config["protocols"][protocol] else drawn or [1])

    def predictions(self) -> list[str]:
        """Every predictions table that the scores are computed from."""
        baselines = [
            f"<results>/baselines/{baseline}/{protocol}.parquet"
            for baseline in self.config["baselines"]["models"]
            for protocol in self.protocols
        ]
        return baselines + [run.path for run in self.runs]

    def encoder(self, model: str) -> str:
        """The name of the encoder that a fine-tuned model starts from."""
        return self.config["finetune"]["models"][model].get("encoder", self.config["encoder"])
