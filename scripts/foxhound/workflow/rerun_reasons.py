"""Say why jobs would run, a line per rule, in a user's words: "label of 3 comments changed", not two hashes."""

import ast
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from foxhound.corpus.columns import COLUMNS
from foxhound.workflow.records import UNKNOWN

LISTED, LONGEST = 3, 60


class _Unset:
    """A key that is not there, which null is not."""

    def __repr__(self) -> str:
        return ""


UNSET = _Unset()


@dataclass
class JobPlan:
    """A job that would run, and what Snakemake says of it.

    old, new: the params it ran with last that have gone, and those that have come, as Snakemake records them.
    names: recorded value of a new param -> its name.
    newer: inputs that changed since; after: rules that run before it and make its input.
    columns: columns of the comments, among its inputs or its output, that changed.
    """

    rule: str
    missing: bool = False
    forced: bool = False
    unfinished: bool = False
    inputs_changed: bool = False
    newer: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    old: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)


def listed(names: Iterable[str]) -> str:
    """List the first names, and say how many more there are."""
    different = list(dict.fromkeys(names))
    more = len(different) - LISTED
    return ", ".join(different[:LISTED]) + (f" and {more} more" if more > 0 else "")


@dataclass(frozen=True)
class CommentChanges:
    """What happened to the comments, in words; empty where nothing is known to have.

    rows: "2 comments added". columns: column -> "label of 3 comments changed".
    """

    rows: list[str] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)

    def words(self, columns: list[str]) -> list[str]:
        """Say what happened to the rows and to these columns.

        An id that is made from a text changes with it, and so does every column.
        """
        known = [self.columns[column] for column in columns if column in self.columns]
        if columns and not known and not self.rows and "text" in self.columns:
            known = [self.columns["text"]]
        return (self.rows if columns else []) + known


def comment_changes(before: pd.DataFrame | None, now: pd.DataFrame | None) -> CommentChanges:
    """Compare two comments tables: by position where they are equally long (an id made from a text changes with it),
    else by id."""
    if before is None or now is None:
        return CommentChanges()
    rows = []
    if len(before) == len(now):
        before, now = before.reset_index(drop=True), now.reset_index(drop=True)
    else:
        gone, come = set(before["id"]) - set(now["id"]), set(now["id"]) - set(before["id"])
        rows = [f"{count(len(ids), 'comment')} {verb}" for ids, verb in ((come, "added"), (gone, "removed")) if ids]
        before, now = (frame[~frame["id"].isin(gone | come)].set_index("id") for frame in (before, now))
        now = now.reindex(before.index)
    changed = {
        column: int((before[column].fillna("") != now[column].fillna("")).sum())
        for column in COLUMNS
        if column in before
    }
    words = {column: f"{column} of {count(number, 'comment')} changed" for column, number in changed.items() if number}
    return CommentChanges(rows, words)


def count(number: int, noun: str) -> str:
    """Return `1 comment`, `3 comments`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _value(recorded: str) -> Any:
    """Return a recorded param as the value it was, or else its text."""
    try:
        return ast.literal_eval(recorded)
    except (ValueError, SyntaxError):
        return recorded


def _pair(value: Any, old: list[Any]) -> Any:
    """Return the old value that `value` replaces: a mapping with a key in common, or the only one of its type."""
    if isinstance(value, Mapping):
        return next((one for one in old if isinstance(one, Mapping) and one.keys() & value.keys()), None)
    same = [one for one in old if type(one) is type(value)]
    return same[0] if len(same) == 1 else None


def differences(name: str, old: Any, new: Any) -> list[str]:
    """Say `setting training.hidden changed from 100 to 8`, for every leaf that differs.

    By how it is written, as Snakemake compares: 1, 1.0 and True are equal, and yet another record.
    """
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        pairs = {key: (old.get(key, UNSET), new.get(key, UNSET)) for key in dict.fromkeys([*old, *new])}
        return [
            words
            for key, (before, now) in pairs.items()
            if repr(before) != repr(now)
            for words in differences(f"{name}.{key}", before, now)
        ]
    was, now = ("null" if value is None else str(value) for value in (old, new))
    if len(was + now) > LONGEST:
        return [f"setting {name} changed"]
    if new is UNSET:
        return [f"setting {name} is no longer set, it was {was}"]
    if old is UNSET:
        return [f"setting {name} is {now}, it was not set"]
    return [f"setting {name} changed from {was} to {now}"]


def params_causes(job: JobPlan, changes: CommentChanges) -> list[str]:
    """Say what changed between the params a job ran with last and those it would run with."""
    if job.old == [UNKNOWN]:
        return ["no record of what it was made with"]
    old = [_value(value) for value in job.old]
    causes = []
    for recorded in job.new:
        name, value = job.names.get(recorded, "settings"), _value(recorded)
        before = _pair(value, old)
        if name == "code" and isinstance(before, Mapping):
            modules = sorted(key for key in {*before, *value} if before.get(key) != value.get(key))
            tables = [name for name in modules if name.startswith("schemas/")]
            files = [f"scripts/{name}" for name in modules if name not in tables]
            causes += [f"code of {listed(files)} changed"] if files else []
            causes += [f"{listed(tables)} changed"] if tables else []
        elif name == "content":
            files = [key for key in value if not isinstance(before, Mapping) or before.get(key) != value[key]]
            causes.append(f"{listed(files)} changed")
        elif name == "columns" and isinstance(before, Mapping):
            causes += changes.words([column for column in value if before.get(column) != value[column]])
        elif name == "source":
            causes += [] if job.after else ["what is known of the corpus changed"]
        else:
            setting = f"{job.rule}.{name}".replace(".numbers", "").replace(".settings", "")
            said = [] if before is None else differences(setting, before, value)
            causes += said or [f"setting {setting} changed"]
    return causes


def own_causes(job: JobPlan, changes: CommentChanges) -> list[str]:
    """Say why this job would run on its own account; nothing where it only follows others."""
    if job.forced:
        return ["forced"]
    causes = ["stopped half-way last time"] if job.unfinished else []
    words = changes.words(job.columns)
    if not words and job.columns and not job.missing:
        words = [f"{listed(job.columns)} of comments changed"]
    causes += words or (["not made yet"] if job.missing and not job.unfinished else [])
    causes += [f"{listed(job.newer)} changed"] if job.newer else []
    if not (words and job.missing):
        causes += params_causes(job, changes)
    return causes or (["other input files than last time"] if job.inputs_changed else [])


def explain(jobs: Iterable[JobPlan], changes: CommentChanges) -> list[str]:
    """Return a line per rule: how many jobs would run, and because of what.

    Args:
        jobs: in the order of the workflow.
        changes: what `comment_changes` says.
    """
    numbers: Counter[str] = Counter()
    causes: dict[str, Counter[str]] = {}
    after: dict[str, dict[str, None]] = {}
    for job in jobs:
        numbers[job.rule] += 1
        causes.setdefault(job.rule, Counter()).update(own_causes(job, changes))
        after.setdefault(job.rule, {}).update(dict.fromkeys(job.after))
    width = max(map(len, numbers), default=0)
    lines = []
    for rule, number in numbers.items():
        own = [f"{cause} ({times})" if times < number else cause for cause, times in causes[rule].items()]
        reason = "; ".join(own) or f"follows {listed(after[rule])}"
        lines.append(f"{rule:<{width}}  {count(number, 'job'):>8}  {reason}")
    return lines
