"""Follow a run: how many jobs of each stage are done, for how long, and how long the others are likely to take."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

STAGES = {
    "corpus and splits": ("source", "corpus", "column", "partition"),
    "words and vectors": (
        *("cleaning", "embeddings", "word2vec", "pretrained_vectors", "vectors_download"),
        "hatecheck_cases",
    ),
    "LSTMs": ("lstm",),
    "fine-tuning": ("finetune",),
    "baselines and ensembles": ("baselines", "ensembles"),
    "scores and tests": ("scores", "comparisons", "claims", "curves", "leaks", "recommendation"),
    "final model": (
        *("final_choice", "held_out", "final_training", "final_calibration", "final_export"),
        *("model_card", "model"),
    ),
    "checks": ("hatecheck", "sentences", "explanations", "attention"),
    "predictions": ("shard", "predictions"),
    "report": ("report", "search", "page"),
}
"""Stage -> its rules, in the order in which they are shown. A rule that stands nowhere is a stage of its own."""
STAGE_OF = {rule: stage for stage, rules in STAGES.items() for rule in rules}
PLACES = {stage: place for place, stage in enumerate(STAGES)}
OWN_PACE = 0.1
"""Share of the expected processor time after which a run's own pace counts as much as what was expected."""


def stage_of(rule: str) -> str:
    """Return the stage that a rule belongs to."""
    return STAGE_OF.get(rule, rule)


def in_words(seconds: float) -> str:
    """Return a time that is about right: `under a minute`, `a minute`, `34 minutes`, `2.5 hours`, `3 days`."""
    minutes = seconds / 60
    if minutes < 1.5:
        return "under a minute" if minutes < 1 else "a minute"
    if minutes < 100:
        number, unit = f"{minutes:.0f}", "minute"
    elif minutes < 60 * 48:
        number, unit = f"{minutes / 60:.1f}".removesuffix(".0"), "hour"
    else:
        number, unit = f"{minutes / 60 / 24:.0f}", "day"
    return f"{number} {unit}s"


def clock(seconds: float) -> str:
    """Return an exact time: `0:07`, `12:05`, `2:05:00`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


@dataclass
class Stage:
    """The jobs of one stage: their numbers, when the first was started and the last ended, and what failed."""

    name: str
    jobs: set[int] = field(default_factory=set)
    done: set[int] = field(default_factory=set)
    started: float | None = None
    ended: float | None = None
    failed: set[int] = field(default_factory=set)

    @property
    def finished(self) -> bool:
        """Whether all jobs have ended well."""
        return self.done == self.jobs


class Progress:
    """The state of a run.

    Args:
        jobs: number of a job -> its rule, and the seconds of processor that it is expected to take.
        expected: the seconds that all of it is expected to take (wall clock), by which the jobs' own are scaled.
        now: a clock, in seconds.
    """

    def __init__(
        self, jobs: Mapping[int, tuple[str, float]], expected: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.now, self.begun, self.expected = now, now(), expected
        self.seconds: dict[int, float] = {}
        self.stages: dict[str, Stage] = {}
        self._stage_of_job: dict[int, Stage] = {}
        self._running: dict[int, float] = {}
        self.add(jobs)

    def add(self, jobs: Mapping[int, tuple[str, float]], expected: float = 0.0) -> None:
        """Add jobs that have joined the run; those that are known stay as they are.

        Args:
            expected: the seconds that what is left is expected to take from now on, where that has changed.
        """
        if expected:
            self.expected = self.elapsed + expected
        for number, (rule, seconds) in jobs.items():
            if number not in self.seconds:
                stage = self.stages.setdefault(stage_of(rule), Stage(stage_of(rule)))
                stage.jobs.add(number)
                self._stage_of_job[number], self.seconds[number] = stage, seconds
        ordered = sorted(self.stages.values(), key=lambda stage: PLACES.get(stage.name, len(PLACES)))
        self.stages = {stage.name: stage for stage in ordered}

    def start(self, *numbers: int) -> None:
        """Record that jobs were started."""
        for number in numbers:
            if stage := self._stage_of_job.get(number):
                self._running[number] = self.now()
                stage.failed.discard(number)  # tried once more
                stage.started = stage.started or self.now()

    def finish(self, number: int) -> Stage | None:
        """Record that a job has ended well; return its stage if that was its last job."""
        stage = self._stage_of_job.get(number)
        if stage is None or number in stage.done:
            return None
        self._running.pop(number, None)
        stage.done.add(number)
        stage.ended = self.now()
        return stage if stage.finished else None

    def fail(self, number: int) -> None:
        """Record that a job has failed."""
        self._running.pop(number, None)
        if stage := self._stage_of_job.get(number):
            stage.failed.add(number)

    @property
    def done(self) -> int:
        """How many jobs have ended well."""
        return sum(len(stage.done) for stage in self.stages.values())

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return self.now() - self.begun

    def _left(self, stage: Stage) -> float:
        """Return the seconds of processor that the stage's jobs still need, by what was expected of them."""
        running = {job: self.now() - begun for job, begun in self._running.items() if job in stage.jobs}
        return sum(max(0.0, self.seconds[job] - running.get(job, 0.0)) for job in stage.jobs - stage.done)

    def remaining(self, name: str | None = None) -> float:
        """Return the seconds that a stage, or all of them, are likely to take still, by the run's own pace so far."""
        total = sum(self.seconds.values())
        if not total:
            return 0.0
        left = sum(map(self._left, self.stages.values()))
        part = left if name is None else self._left(self.stages[name])
        share = 1 - left / total
        # The pace so far says little at first, when jobs have hardly begun, and all towards the end.
        trust = share / (share + OWN_PACE)
        pace = (1 - trust) * self.expected / total + (trust * self.elapsed / (share * total) if share else 0.0)
        return part * pace

    def line(self, stage: Stage) -> str:
        """Return what there is to say of a stage: jobs done, elapsed time, and what is left."""
        counts = f"{stage.name:<24}{f'{len(stage.done)}/{len(stage.jobs)}':>10}"
        if stage.started is None:
            return counts
        if stage.finished and stage.ended is not None:
            return f"{counts}   {clock(stage.ended - stage.started):>8}"
        failed = f"   {len(stage.failed)} failed" if stage.failed else f"   {self._about(stage.name)} left"
        return f"{counts}   {clock(self.now() - stage.started):>8}{failed}"

    def total_line(self) -> str:
        """Return the same of the whole run."""
        counts = f"{'all':<24}{f'{self.done}/{len(self.seconds)}':>10}   {clock(self.elapsed):>8}"
        failed = any(stage.failed for stage in self.stages.values())
        over = failed or self.done == len(self.seconds)
        return counts if over else f"{counts}   {self._about()} left"

    def _about(self, name: str | None = None) -> str:
        words = in_words(self.remaining(name))
        return words if words.startswith("under") else f"about {words}"

    def active(self) -> list[Stage]:
        """Return the stages that have begun and not ended."""
        return [stage for stage in self.stages.values() if stage.started is not None and not stage.finished]
