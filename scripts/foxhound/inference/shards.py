"""Score folders of Parquet files, a file at a time and a window of rows at a time."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from foxhound.corpus.texts import split_scorable
from foxhound.errors import FoxhoundError, suggestion
from foxhound.files import raise_system_error
from foxhound.tables import each_batch

WINDOW = 4096  # rows that are sorted by length together
CHARACTERS = 4_000_000  # of a window: tokens take many times the memory of their text
READ = 256  # rows that are decoded at once: a row may be megabytes long
LONGEST_NAME = 200  # file systems allow 255 bytes, and Snakemake adds to the name
BUFFER = 1 << 20  # bytes of a file that are read at once


def find_shards(folder: str | None) -> dict[str, str]:
    """Return the Parquet files of a folder: name in the paths of results -> file.

    Raises:
        FoxhoundError: no folder is named, it is missing or has no Parquet file, or a path has { } < or > in it.
    """
    if folder is None:
        raise FoxhoundError(
            "Which comments? Name a folder of Parquet files:\n"
            "  snakemake --cores 2 results/predictions --config 'predict={input: FOLDER, column: text}'"
        )
    files = sorted(path for path in Path(folder).glob("[!.]*.parquet") if path.is_file())
    if not files:
        raise FoxhoundError(f"{folder}: no folder with files that end in .parquet (config key `predict.input`).")
    if patterns := [str(path) for path in files if set("{}<>") & set(str(path))]:
        raise FoxhoundError(
            f"{patterns[0]}: Snakemake reads {{ }} < > in a path as patterns. Rename the file or folder."
        )
    return {_safe_name(path.stem): str(path) for path in files}


def _safe_name(stem: str) -> str:
    """Return `stem`, escaped (it may hold any character) and shortened where it is too long for a file system."""
    name = quote(stem, safe="")
    return name if len(name) <= LONGEST_NAME else f"{name[:80]}-{hashlib.sha256(stem.encode()).hexdigest()}"


def score_rows(
    path: str, column: str, probabilities: Callable[[list[str]], np.ndarray], threshold: float
) -> Iterator[pd.DataFrame]:
    """Yield the table `answers` of one file, a window at a time: a row for each of its rows, in their order.

    Args:
        probabilities: texts -> probability of hateful, (texts,).
        threshold: texts from this probability on are called hateful.

    Raises:
        FoxhoundError: the file is damaged, has no such column, or the system refuses to read it.
    """
    try:
        with pq.ParquetFile(path, buffer_size=BUFFER, pre_buffer=False) as file:
            names = file.schema_arrow.names
            if column not in names:
                raise FoxhoundError(
                    f"{path}: no column {column!r}.{suggestion(column, names)} Columns: {', '.join(names)}. "
                    "Name it with the config key `predict.column`."
                )
            first = 0
            with tqdm(total=file.metadata.num_rows, unit="row", mininterval=10) as progress:
                for reasons, texts in _windows(file, column):
                    yield _window_answers(first, reasons, probabilities(texts) if texts else np.empty(0), threshold)
                    first += len(reasons)
                    progress.update(len(reasons))
    except (pa.ArrowException, OSError) as error:
        raise_system_error(error, path)
        raise FoxhoundError(f"{path}: damaged or not a Parquet file ({error}).") from error


def _window_answers(first: int, reasons: list[str | None], probabilities: np.ndarray, threshold: float) -> pd.DataFrame:
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
    return pd.DataFrame({"row": rows, "p_hateful": p_hateful, "hateful": hateful, "reason": reasons})


def _windows(file: pq.ParquetFile, column: str) -> Iterator[tuple[list[str | None], list[str]]]:
    """Yield for each window of rows why they cannot be scored (or None), and the texts that can be.

    Texts that are too long are dropped as they are read, so that no window holds them.
    """
    reasons: list[str | None] = []
    texts: list[str] = []
    for batch in each_batch(file, READ, [column]):
        more_reasons, more_texts = split_scorable(_column_values(batch.column(0)))
        reasons += more_reasons
        texts += more_texts
        if len(reasons) >= WINDOW or sum(map(len, texts)) >= CHARACTERS:
            yield reasons, texts
            reasons, texts = [], []
    if reasons:
        yield reasons, texts


def _column_values(column: pa.Array) -> list[Any]:
    """Return the values of a column, with bytes for text that is not UTF-8: Parquet does not check that."""
    try:
        return column.to_pylist()
    except UnicodeDecodeError:
        values = (column.dictionary_decode() if pa.types.is_dictionary(column.type) else column).cast(pa.binary())
        return [value and _decode(value) for value in values.to_pylist()]


def _decode(value: bytes) -> str | bytes:
    """Return the text, or the bytes where they are not UTF-8."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def gather_answers(answers: Mapping[str, str], folder: str | Path) -> None:
    """Make a folder of answers, under the names of the files that were scored.

    Args:
        answers: file that was scored -> file with its answers. These stay where they are; the folder holds links
            to them, or copies where the file system has no links.
    """
    Path(folder).mkdir(parents=True)
    for scored, answer in answers.items():
        target = Path(folder) / Path(scored).name
        try:
            os.link(answer, target)
        except OSError:
            shutil.copyfile(answer, target)


def describe_reasons(counts: Mapping[Any, int]) -> str:
    """Return `3 no text, 1 empty`, or that every row was scored."""
    return ", ".join(f"{count} {reason}" for reason, count in counts.items()) or "every row was scored"
