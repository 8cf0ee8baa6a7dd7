"""Log what a model took to train and takes to ask, and read it back: the report shows it beside the scores."""

import logging
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

LINE = "model: %.3f s to train, %.5f ms to ask a comment, %.3f MB"
FOUND = re.compile(r"model: ([\d.]+) s to train, ([\d.]+) ms to ask a comment, ([\d.]+) MB")
BYTES = 4  # of a weight


class ModelCost(NamedTuple):
    """Seconds to train and milliseconds to ask, as on the machine of the run; megabytes of float32 weights."""

    seconds: float
    milliseconds: float
    megabytes: float


def log_cost(seconds: float, milliseconds: float, weights: int) -> None:
    """Write what a model costs into the job's log.

    Args:
        weights: how many numbers the model keeps.
    """
    logging.info(LINE, seconds, milliseconds, weights * BYTES / 1e6)


def read_cost(logs: Path, places: Iterable[str]) -> ModelCost | None:
    """Return what a model of several parts costs; None where the logs say nothing of one of them.

    Args:
        logs: folder of logs.
        places: of each part, the log or the folder of logs of its jobs, of which the mean counts.
    """
    found = [_mean(logs / place) for place in places]
    parts = [part for part in found if part is not None]
    return ModelCost(*np.sum(parts, axis=0).tolist()) if parts and len(parts) == len(found) else None


def _mean(place: Path) -> np.ndarray | None:
    found = []
    for file in [place] if place.is_file() else sorted(place.rglob("*.log")):
        found += FOUND.findall(file.read_text(encoding="utf-8", errors="replace"))
    return np.array(found, float).mean(axis=0) if found else None
