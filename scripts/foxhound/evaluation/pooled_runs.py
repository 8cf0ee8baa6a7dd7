"""Load every run of every model as arrays: all epochs trained, folds pooled, comments in the order of their ids."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from foxhound.errors import FoxhoundError
from foxhound.evaluation.score_views import most_models
from foxhound.names import DRAW
from foxhound.tables import read_arrow, read_metadata

COLUMNS = ["id", "label", "p_hateful", "fold_or_split", "part", "seed", "epoch", "model", "settings"]
REMEDY = "Delete these predictions and run Snakemake again."


class Group(NamedTuple):
    """What is scored together: a model, with its learning rate if it has one, on one part of one protocol."""

    protocol: str
    part: str
    model: str
    learning_rate: float | None


@dataclass(frozen=True)
class Run:
    """One seed of a group: the folds of a fold protocol pooled, or one draw.

    epochs: those that all its folds trained, ascending; 0 alone for a baseline. Shape (epochs,).
    comments: positions among the sorted ids of the corpus, ascending, shape (comments,).
    labels, pieces: of each comment its label, and the name of the fold or draw that scored it.
    probabilities: of being hateful, shape (epochs, comments).
    losses: of each training job the sum of the epoch's batch losses, shape (jobs, epochs); no rows for a baseline.
    """

    seed: int
    epochs: np.ndarray
    comments: np.ndarray
    labels: np.ndarray
    pieces: np.ndarray
    probabilities: np.ndarray
    losses: np.ndarray

    @property
    def drawn(self) -> bool:
        """Say whether it is one draw, and not the folds of a fold protocol."""
        return self.pieces[0].partition("/")[2].startswith(DRAW)

    def at(self, epochs: np.ndarray) -> np.ndarray:
        """Return the probabilities after these epochs, shape (epochs, comments)."""
        return self.probabilities[np.searchsorted(self.epochs, epochs)]


Runs = dict[Group, list[Run]]


def load_runs(paths: Iterable[str], ids: Sequence[str]) -> Runs:
    """Read predictions files, each of one model, seed and set of settings, and pool the folds of each seed.

    Args:
        paths: of tables `predictions`.
        ids: of all comments of the corpus, sorted.

    Returns:
        Groups in order; the runs of each by seed.

    Raises:
        FoxhoundError: a comment is not in the corpus, a run scores one twice or lacks comments that others have, or
            epochs of a file score different comments.
    """
    known = pa.array(ids, pa.string())
    shares: defaultdict[Group, defaultdict[int, list[Run]]] = defaultdict(lambda: defaultdict(list))
    for path in paths:
        for group, run in _read_file(path, known):
            shares[group][run.seed].append(run)
    order = sorted(shares, key=lambda group: (*group[:3], group.learning_rate or 0.0))
    runs = {group: [_pool(group, shares[group][seed]) for seed in sorted(shares[group])] for group in order}
    _check_whole(runs)
    return runs


def _read_file(path: str, known: pa.Array) -> list[tuple[Group, Run]]:
    """Return for each part that the file scores its group, and its share of the run."""
    table = read_arrow(path, "predictions", COLUMNS)
    first: dict[str, Any] = table.slice(0, 1).to_pylist()[0]
    losses = np.array([read_metadata(path)["losses"]] if "losses" in read_metadata(path) else [])
    positions = pc.index_in(table["id"], value_set=known)
    if positions.null_count:
        unknown = table.filter(pc.is_null(positions))["id"][0]
        raise FoxhoundError(f"{path}: comment {unknown} is not in the corpus. {REMEDY}")
    columns = {name: table[name].to_numpy() for name in ("label", "p_hateful", "fold_or_split", "part", "epoch")}
    columns["comments"] = positions.to_numpy()
    shares = []
    for part in np.unique(columns["part"]):
        chosen = {name: values[columns["part"] == part] for name, values in columns.items()}
        order = np.lexsort((chosen["comments"], chosen["epoch"]))
        epochs = np.unique(chosen["epoch"])
        comments = chosen["comments"][order][: len(order) // len(epochs)]
        if not np.array_equal(chosen["comments"][order], np.tile(comments, len(epochs))):
            raise FoxhoundError(f"{path}: not every epoch scores the same comments. {REMEDY}")
        rows = order[: len(comments)]
        run = Run(
            seed=int(first["seed"]),
            epochs=epochs,
            comments=comments,
            labels=chosen["label"][rows].astype(np.float32),
            pieces=chosen["fold_or_split"][rows].astype(str),
            probabilities=chosen["p_hateful"][order].reshape(len(epochs), -1),
            losses=losses[:, epochs - 1] if losses.size else np.empty((0, len(epochs))),
        )
        protocol = str(first["fold_or_split"]).partition("/")[0]
        shares.append((Group(protocol, str(part), first["model"], first["settings"]["learning_rate"]), run))
    return shares


def _pool(group: Group, shares: list[Run]) -> Run:
    """Return the folds of one seed as one run, with the epochs that all of them trained."""
    epochs = reduce(np.intersect1d, [share.epochs for share in shares])
    comments = np.concatenate([share.comments for share in shares])
    order = np.argsort(comments)
    if len(np.unique(comments)) < len(comments):
        raise FoxhoundError(f"Predictions of {group} with seed {shares[0].seed} score a comment twice. {REMEDY}")
    return Run(
        seed=shares[0].seed,
        epochs=epochs,
        comments=comments[order],
        labels=np.concatenate([share.labels for share in shares])[order],
        pieces=np.concatenate([share.pieces for share in shares])[order],
        probabilities=np.concatenate([share.at(epochs) for share in shares], axis=1)[:, order],
        losses=np.concatenate([share.losses[:, np.isin(share.epochs, epochs)] for share in shares]),
    )


def _check_whole(runs: Runs) -> None:
    """Refuse runs that lack folds; draws differ from seed to seed by design."""
    expected: defaultdict[tuple[str, str], int] = defaultdict(int)
    for group, several in runs.items():
        expected[group[:2]] = max(expected[group[:2]], *(len(run.comments) for run in several))
    for group, several in runs.items():
        for run in several:
            if not run.drawn and len(run.comments) < expected[group[:2]]:
                raise FoxhoundError(
                    f"Predictions of {group} with seed {run.seed} score {len(run.comments)} of "
                    f"{expected[group[:2]]} comments. Part of a protocol cannot be scored. {REMEDY}"
                )


def common_epochs(runs: Sequence[Run]) -> np.ndarray:
    """Return the epochs that every one of these runs trained, ascending."""
    return reduce(np.intersect1d, [run.epochs for run in runs])


def main_runs(runs: Runs) -> Runs:
    """Return the test part of the fold protocol with the most models, that of `score_views.main_protocol`."""
    pooled = [group for group, several in runs.items() if not several[0].drawn]
    protocol = most_models(pd.DataFrame(pooled, columns=Group._fields))
    return {group: several for group, several in runs.items() if group[:2] == (protocol, "test")}
