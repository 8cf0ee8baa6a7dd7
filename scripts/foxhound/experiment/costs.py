"""Estimate what an experiment costs: seconds of processor per job, and how long all of it takes on some cores."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foxhound.experiment.workload import ASSUMED, Work, Workload
from foxhound.files import read_own_yaml

TABLE = Path(__file__).resolve().parents[3] / "resources" / "costs.yaml"
MATRIX_KINDS = ("finetune", "embeddings", "lstm-bert", "lstm-word2vec")
"""Kinds whose units are matrix products: they go by the machine's matrix rate, all else by how fast it runs Python."""
LEVELS = {
    **dict.fromkeys(("source", "corpus", "column"), 0),
    **dict.fromkeys(("ensembles", "leaks"), 2),
    "scores": 3,
    **dict.fromkeys(("comparisons", "curves"), 4),
    **dict.fromkeys(("claims", "recommendation"), 5),
    "final_choice": 6,
    **dict.fromkeys(("report", "search", "held_out", "final_training"), 7),
    **dict.fromkeys(("page", "final_calibration"), 8),
    "final_export": 9,
    "model_card": 10,
    "model": 11,
}
"""Rule -> which jobs it waits for: all of a level wait for the level before. What is not named here trains: level 1."""
TRAINING_LEVEL = 1
PRIOR = 20.0
"""Seconds of a kind of job at which what it has cost here counts as much as the committed table."""


@dataclass(frozen=True)
class Speed:
    """How long a machine takes for the two pieces of work of foxhound/compute/speed.py, in seconds of processor."""

    matrix: float
    plain: float


class Costs:
    """What each kind of job costs.

    Args:
        table: resources/costs.yaml: `machine` (a Speed), and per kind the seconds of a job's start and of a unit.
        speed: of this machine; None where it could not be measured, which then counts as the table's.
        own: kind -> what its jobs were estimated at here, and what they have cost (seconds).
    """

    def __init__(
        self,
        table: Mapping[str, Any],
        speed: Speed | None = None,
        own: Mapping[str, tuple[float, float]] | None = None,
    ) -> None:
        reference = Speed(**table["machine"])
        self.speed = speed = speed or reference
        self.kinds = table["kinds"]
        self.matrix, self.plain = speed.matrix / reference.matrix, speed.plain / reference.plain
        self.own = {kind: (PRIOR + cost) / (PRIOR + estimated) for kind, (estimated, cost) in (own or {}).items()}

    def seconds(self, work: Work) -> float:
        """Return the seconds of processor that a job takes by itself."""
        start, unit = self.kinds.get(work.kind, self.kinds["other"])
        pace = self.matrix if work.kind in MATRIX_KINDS else self.plain
        return float((start * self.plain + work.units * unit * pace) * self.own.get(work.kind, 1.0))

    @property
    def per_job(self) -> float:
        """Return the seconds of processor that Snakemake spends on a job: starting, watching and recording it."""
        return float(self.kinds["job"][0]) * self.plain

    @property
    def planning(self) -> float:
        """Return the seconds that a run takes before its first job."""
        return float(self.kinds["planning"][0]) * self.plain


def load_costs() -> dict[str, Any]:
    """Read the committed table."""
    table: dict[str, Any] = read_own_yaml(TABLE)
    return table


def wall_seconds(jobs: Iterable[tuple[str, float]], cores: int) -> float:
    """Return how long jobs take side by side on `cores`, each with one thread.

    Args:
        jobs: (rule, seconds of processor).
    """
    levels: dict[int, list[float]] = {}
    for rule, seconds in jobs:
        levels.setdefault(LEVELS.get(rule, TRAINING_LEVEL), []).append(seconds)
    return sum(max(sum(several) / cores, max(several)) for several in levels.values())


def known_costs(
    table: Mapping[str, Any], workload: Workload, speed: Mapping[str, float] | None, spent: Mapping[str, float]
) -> Costs:
    """Return what jobs cost on this machine, by its speed and by what the experiment's own jobs have cost so far.

    Args:
        speed: `matrix` and `plain`, as a Speed; None where it could not be measured.
        spent: path of a job (as in `Job`) -> the seconds of processor that it took.
    """
    by_speed = Costs(table, Speed(**speed) if speed else None)
    own: dict[str, tuple[float, float]] = {}
    for job in workload.jobs() if spent else ():
        if job.path in spent:
            work = workload.work(job.rule, job.wildcards)
            estimated, cost = own.get(work.kind, (0.0, 0.0))
            own[work.kind] = (estimated + by_speed.seconds(work), cost + spent[job.path])
    return Costs(table, Speed(**speed) if speed else None, own)


@dataclass(frozen=True)
class Estimate:
    """What some jobs will take.

    jobs: number of a job -> its rule, and its seconds of processor.
    wall: seconds that all of them take on `cores`, side by side.
    """

    jobs: dict[int, tuple[str, float]]
    wall: float
    cores: int

    @property
    def processor(self) -> float:
        """Seconds of processor of all jobs."""
        return sum(seconds for _, seconds in self.jobs.values())

    def told(
        self, in_words: Callable[[float], str], is_local: bool, is_guess: bool
    ) -> tuple[dict[int, tuple[str, float]], float, str]:
        """Return the jobs, the seconds, and both in words.

        Args:
            in_words: puts seconds into words.
            is_local: whether the jobs run on this machine. How many run side by side elsewhere, nobody knows.
            is_guess: whether the corpus has yet to be fetched.
        """
        count = f"{len(self.jobs)} job{'s' * (len(self.jobs) != 1)}"
        long = f"{in_words(self.wall)} on {self.cores} core{'s' * (self.cores != 1)}"
        if not is_local:
            long = f"{in_words(self.processor)} of processor, as on one core of this machine"
        about = "" if long.startswith("under") else "about "
        guess = f" (if the corpus, which has yet to be fetched, has some {ASSUMED.comments} comments)" * is_guess
        return self.jobs, self.wall, f"{count}, {about}{long}{guess}"


def estimate(
    workload: Workload, costs: Costs, jobs: Mapping[int, tuple[str, Mapping[str, str]]], cores: int
) -> Estimate:
    """Return what these jobs, a rule and its wildcards each, will take on so many cores."""
    seconds = {
        number: (rule, costs.per_job + costs.seconds(workload.work(rule, wildcards)))
        for number, (rule, wildcards) in jobs.items()
    }
    return Estimate(seconds, costs.planning + wall_seconds(seconds.values(), cores), cores)
