"""Plan the experiment: every training run with its epochs and partition, and every file of predictions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from foxhound.experiment.model_settings import SEEDED_BASELINES, ModelSettings
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
        """Return where its predictions go."""
        rate = f"lr-{self.learning_rate}/" if self.learning_rate else ""
        return f"<results>/{self.family}/{self.model}/{self.protocol}/{self.partition}/{rate}seed-{self.seed}.parquet"


class Plan:
    """The runs and predictions that a configuration asks for.

    runs: training run -> its epochs of interest, over all selected sweeps.
    protocols: those that a selected sweep or the baselines use.
    models: the settings of every model.
    seeds: protocol -> the seeds of its runs.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self.config, self.models = config, ModelSettings(config)
        self.runs: dict[Run, list[int]] = {}
        for name in config["run"]:
            for run in self._expand(config["sweeps"][name]):
                epochs = {*self.runs.get(run, []), *config["sweeps"][name]["epochs"]}
                self.runs[run] = sorted(epochs)
        self.by_place: dict[tuple[str, str, str], list[Run]] = {}
        self.seeds: dict[str, set[int]] = {}
        for run in self.runs:
            self.seeds.setdefault(run.protocol, set()).add(run.seed)
            self.by_place.setdefault((run.model, run.protocol, run.partition), []).append(run)
        used = [run.protocol for run in self.runs] + config["baselines"]["protocols"]
        self.protocols = sorted(set(used))  # the order of sweeps means nothing

    def partitions(self, protocol: str, seeds: list[int]) -> list[tuple[str, int]]:
        """Return (partition, seed) pairs: every fold with every seed, or for each seed the draw it makes."""
        folds = self.config["protocols"][protocol].get("folds")
        if folds is None:
            return [(f"draw-{seed}", seed) for seed in seeds]
        return [(f"fold-{fold:02d}", seed) for seed in seeds for fold in range(1, folds + 1)]

    def _expand(self, sweep: dict[str, Any]) -> Iterator[Run]:
        """Yield the training runs of a sweep."""
        for model in sweep["models"]:
            tuned = model in self.models.finetuned_models
            rates = [learning_rate_name(rate) for rate in sweep["learning_rates"]] if tuned else [None]
            for protocol in sweep["protocols"]:
                for partition, seed in self.partitions(protocol, sweep["seeds"]):
                    for rate in rates:
                        yield Run("finetune" if tuned else "lstm", model, protocol, partition, seed, rate)

    def last_epoch(self, **wildcards: Any) -> int:
        """Return how many epochs the run that these wildcards name trains."""
        return max(self.runs[Run(**(wildcards | {"seed": int(wildcards["seed"])}))])

    def pieces(self, protocol: str, seeded: bool = True) -> list[str]:
        """Return what a baseline or an ensemble does in one job each: all folds with one seed, or one draw.

        Args:
            seeded: whether the seed changes anything; if not, one job does the folds. A draw is always of its seed.
        """
        seeds = sorted(self.seeds.get(protocol, [1]))
        if "folds" in self.config["protocols"][protocol]:
            return [FOLDS + str(seed) for seed in (seeds if seeded else [1])]
        return [name for name, _ in self.partitions(protocol, seeds)]

    def piece_partitions(self, protocol: str, piece: str) -> list[str]:
        """Return the partitions of one piece."""
        return [name for name, _ in self.partitions(protocol, [1])] if piece.startswith(FOLDS) else [piece]

    def all_partitions(self) -> list[str]:
        """Return every partition of every protocol."""
        return [
            f"<results>/partitions/{protocol}/{partition}.parquet"
            for protocol in self.protocols
            for piece in self.pieces(protocol, seeded=False)
            for partition in self.piece_partitions(protocol, piece)
        ]

    def word_vectors(self) -> list[str]:
        """Return every file of word vectors that a run reads."""
        paths = {
            self.models.word_vectors(run.model, run.protocol, run.partition, run.seed)
            for run in self.runs
            if run.family == "lstm"
        }
        return sorted(path for path in paths if path)

    def members(self, ensemble: str, protocol: str, piece: str) -> list[dict[str, int]]:
        """Return of each member of an ensemble the predictions on this piece, and the epoch that takes part.

        Empty where a member does not run on all of the piece with the piece's seed. Each seed is an ensemble of its
        own: with the seeds of a member averaged first, it would be compared with models that trained once.
        """
        combinations = self.config["ensembles"] | self.config["stacks"]
        members = [self._member_paths(member, protocol, piece) for member in combinations[ensemble]]
        return members if all(members) else []

    def _member_paths(self, member: dict[str, Any], protocol: str, piece: str) -> dict[str, int]:
        """Map one member's predictions on this piece to its epoch; empty where it does not run on all of it."""
        name, seed = member["model"], self.seed(piece)
        if name in self.config["baselines"]["models"]:
            own = piece if piece in self.pieces(protocol, name in SEEDED_BASELINES) else FOLDS + "1"
            return {f"<results>/baselines/{name}/{protocol}/{own}.parquet": 0}
        rate = learning_rate_name(member["learning_rate"]) if "learning_rate" in member else None
        paths: dict[str, int] = {}
        for partition in self.piece_partitions(protocol, piece):
            runs = self.by_place.get((name, protocol, partition), [])
            with_epoch = {
                run.path: member["epoch"]
                for run in runs
                if (run.learning_rate, run.seed) == (rate, seed) and member["epoch"] in self.runs[run]
            }
            if not with_epoch:
                return {}
            paths |= with_epoch
        return paths

    def ensembles(self) -> dict[str, list[int]]:
        """Return the predictions of every ensemble and stack, on each piece that all its members run on.

        A stack learns its weights on other folds, and so is made on folds only. Where folds are whole groups (articles,
        say), combinations with an article-only or user-only baseline are left out. About an unseen group such a
        baseline only knows the share of hateful comments in the other groups, which is the lower the higher the
        group's own share is; a stack would exploit that.
        """
        return {
            f"<results>/ensembles/{ensemble}/{protocol}/{piece}.parquet": [0]
            for ensemble, members in (self.config["ensembles"] | self.config["stacks"]).items()
            for protocol in self.protocols
            for piece in self.pieces(protocol, self._seeded(members))
            if (ensemble in self.config["ensembles"] or piece.startswith(FOLDS))
            and not (self.group(protocol) and any(member["model"] in ALARMS for member in members))
            and self.members(ensemble, protocol, piece)
        }

    def _seeded(self, members: list[dict[str, Any]]) -> bool:
        """Say whether one of an ensemble's members draws random numbers."""
        return any(
            member["model"] in SEEDED_BASELINES or member["model"] not in self.config["baselines"]["models"]
            for member in members
        )

    def predictions(self) -> dict[str, list[int]]:
        """Return every table that the scores are computed from, with its epochs of interest (0 for a baseline)."""
        baselines = {
            f"<results>/baselines/{baseline}/{protocol}/{piece}.parquet": [0]
            for baseline in self.config["baselines"]["models"]
            for protocol in self.protocols
            for piece in self.pieces(protocol, baseline in SEEDED_BASELINES)
        }
        # Sorted: the order of lists in the configuration changes no score, and must redo none.
        tables = baselines | self.ensembles() | {run.path: list(epochs) for run, epochs in self.runs.items()}
        return dict(sorted(tables.items()))

    def group(self, protocol: str) -> list[str]:
        """Return the column whose members stay together under `protocol`, if there is one."""
        group = self.config["protocols"][protocol].get("group")
        return [group] if group else []

    @staticmethod
    def seed(piece: str) -> int:
        """Return the seed of a baseline or an ensemble: its piece is named after it."""
        return int(piece.rpartition("-")[2])
