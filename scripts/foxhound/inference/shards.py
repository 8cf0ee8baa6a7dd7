"""Score folders of tables, a file at a time and a window of rows at a time."""

import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
from tqdm import tqdm

from foxhound.corpus.formats import ENDINGS, format_of
from foxhound.corpus.problems import SHOWN
from foxhound.corpus.texts import open_texts, reason_unscorable
from foxhound.errors import FoxhoundError
from foxhound.evaluation.conformal import Limits
from foxhound.inference.empty_texts import NO_TOKEN

log = logging.getLogger(__name__)
WINDOW = 4096  # rows that are sorted by length together
CHARACTERS = 4_000_000  # of a window: tokens take many times the memory of their text
LONGEST_NAME = 200  # file systems allow 255 bytes, and Snakemake adds to the name


def find_shards(folder: str | None) -> dict[str, str]:
    """Return the tables of a folder and of the folders in it: name in the paths of results -> file.

    As pyarrow.dataset reads it: partitions (`lang=en/part-1.parquet`) count, and what begins with `.` or `_` does not.
    Files that are no tables by their names are told of, and left alone.

    Raises:
        FoxhoundError: no folder is named, it is missing or has no table, two files would have one name, or a path has
            { } < or > in it.
    """
    if folder is None:
        raise FoxhoundError(
            "Which comments? Name a folder of tables, such as Parquet files:\n"
            "  snakemake --cores 2 results/predictions --config 'predict={input: FOLDER, column: text}'"
        )
    root = Path(folder)
    inside = [path for path in sorted(root.rglob("*")) if not _is_hidden(path.relative_to(root))]
    inside = [path for path in inside if path.is_symlink() or not path.is_dir()]  # links to folders are not followed
    files = [path for path in inside if path.is_file() and format_of(path) not in (None, "txt")]
    if not files:
        raise FoxhoundError(
            f"{folder}: no folder with tables, files that end in {ENDINGS} (config key `predict.input`)."
        )
    if others := [str(path) for path in inside if path not in files]:
        log.warning("%d file(s) in %s are no tables by their names, or no files, and are not scored: %s",
                    len(others), folder, ", ".join(others[:SHOWN]))  # fmt: skip
    if patterns := [str(path) for path in files if set("{}<>") & set(str(path))]:
        raise FoxhoundError(
            f"{patterns[0]}: Snakemake reads {{ }} < > in a path as patterns. Rename the file or folder."
        )
    shards: dict[str, str] = {}
    for path in files:
        name = _safe_name(_answers_to(path.relative_to(root)).removesuffix(".parquet"))
        if name in shards:
            raise FoxhoundError(f"{path}: the answers to it and to {shards[name]} would have one name. Rename one.")
        shards[name] = str(path)
    return shards


def _is_hidden(path: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.parts)


def _answers_to(path: Path) -> str:
    """Return the path of the answers to a file in the folder that is scored."""
    name = path.as_posix()
    if path.suffix == ".parquet":
        return name
    return name[: -len(".parquet")] + ".parquet" if path.suffix.lower() == ".parquet" else name + ".parquet"


def _safe_name(stem: str) -> str:
    """Return `stem`, escaped (it may hold any character) and shortened where it is too long for a file system."""
    name = quote(stem, safe="")
    return name if len(name) <= LONGEST_NAME else f"{name[:80]}-{hashlib.sha256(stem.encode()).hexdigest()}"


def score_rows(
    path: str,
    column: str,
    probabilities: Callable[[list[str]], np.ndarray],
    threshold: float,
    no_token: Callable[[str], bool] = lambda text: False,
    limits: Limits | None = None,
) -> Iterator[pd.DataFrame]:
    """Yield the table `answers` of one file, a window at a time: a row for each of its rows, in their order.

    Args:
        probabilities: texts -> probability of hateful, (texts,).
        threshold: texts from this probability on are called hateful.
        no_token: whether the model's tokenizer leaves nothing of a text.
        limits: between which a person is asked, where an error rate is wished for.

    Raises:
        FoxhoundError: the file is damaged, has no such column, or the system refuses to read it.
    """
    texts = open_texts(path, column, remedy=" Name it with the config key `predict.column`.")
    for note in texts.notes:
        log.info("%s: %s", path, note)
    first = 0
    with tqdm(total=texts.count, unit="row", mininterval=10) as progress:
        for reasons, scorable in _windows(texts.values, no_token):
            p_hateful = probabilities(scorable) if scorable else np.empty(0)
            yield _window_answers(first, reasons, p_hateful, threshold, limits)
            first += len(reasons)
            progress.update(len(reasons))


def _window_answers(
    first: int, reasons: list[str | None], probabilities: np.ndarray, threshold: float, limits: Limits | None
) -> pd.DataFrame:
    """Return the answers to one window of rows.

    Args:
        first: number of the window's first row.
        reasons: why each row cannot be scored, or None.
        probabilities: of the rows that can be, in their order.
    """
    scored = np.array([reason is None for reason in reasons])
    values = np.full(len(reasons), np.nan, np.float32)
    values[scored] = probabilities
    p_hateful, hateful = pd.array(values, "Float32"), pd.array(values >= threshold, "boolean")
    p_hateful[~scored] = pd.NA
    hateful[~scored] = pd.NA
    rows = np.arange(first, first + len(reasons))
    answer = np.full(len(reasons), None, object)
    if limits:
        answer[scored] = limits.answers(np.asarray(probabilities))
    return pd.DataFrame({"row": rows, "p_hateful": p_hateful, "hateful": hateful, "answer": answer, "reason": reasons})


def _windows(
    values: Iterable[tuple[Any, list[Any]]], no_token: Callable[[str], bool]
) -> Iterator[tuple[list[str | None], list[str]]]:
    """Yield for each window of rows why they cannot be scored (or None), and the texts that can be.

    Texts that are too long are dropped as they are read, so that no window holds them.
    """
    reasons: list[str | None] = []
    texts: list[str] = []
    characters = 0
    for value, _ in values:
        reason = reason_unscorable(value) or (NO_TOKEN if no_token(value) else None)
        reasons.append(reason)
        if reason is None:
            texts.append(value)
            characters += len(value)
        if len(reasons) >= WINDOW or characters >= CHARACTERS:
            yield reasons, texts
            reasons, texts, characters = [], [], 0
    if reasons:
        yield reasons, texts


def gather_answers(answers: Mapping[str, str], folder: str | Path, scored: str | Path) -> None:
    """Make a folder of answers, under the names of the files that were scored, in the same folders.

    Args:
        answers: file that was scored -> file with its answers. These stay where they are; the folder holds links
            to them, or copies where the file system has no links.
        scored: the folder that was scored.
    """
    Path(folder).mkdir(parents=True)
    for path, answer in answers.items():
        target = Path(folder) / _answers_to(Path(path).relative_to(scored))
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(answer, target)
        except OSError:
            shutil.copyfile(answer, target)


def describe_reasons(counts: Mapping[Any, int]) -> str:
    """Return `3 no text, 1 empty`, or that every row was scored."""
    return ", ".join(f"{count} {reason}" for reason, count in counts.items()) or "every row was scored"
