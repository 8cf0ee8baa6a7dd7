"""Read texts to score, and tell which of them a model cannot score, and why."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from foxhound.errors import FoxhoundError, suggestion

LONGEST = 100_000  # characters; a model reads some 500 of them
FORMATS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}


def reason_unscorable(value: Any) -> str | None:
    """Return why `value` cannot be scored, or None where it can."""
    if not isinstance(value, str):
        # pandas' NA is known by its name, because importing pandas takes a second
        missing = value is None or type(value).__name__ == "NAType" or (isinstance(value, float) and value != value)
        return "no text" if missing else "not text"
    if not value.strip():
        return "empty"
    if len(value) > LONGEST:
        return f"longer than {LONGEST:,} characters"
    try:
        value.encode()
    except UnicodeEncodeError:
        return "half a character (an unpaired surrogate)"
    return None


def split_scorable(values: Sequence[Any]) -> tuple[list[str | None], list[str]]:
    """Return for each value why it cannot be scored (or None), and the values that can be."""
    reasons = [reason_unscorable(value) for value in values]
    return reasons, [value for value, reason in zip(values, reasons, strict=True) if reason is None]


def _split_lines(text: bytes, origin: str) -> list[str]:
    """Return the lines of UTF-8 text without their ends."""
    try:
        lines = text.decode("utf-8-sig").split("\n")  # str.splitlines breaks at other signs too
    except UnicodeDecodeError as error:
        raise FoxhoundError(f"{origin}: not UTF-8 at byte {error.start}. Save it as UTF-8.") from error
    return [line.removesuffix("\r") for line in (lines[:-1] if lines[-1] == "" else lines)]


def read_texts(path: str, column: str) -> list[Any]:
    """Return `column` of a CSV, TSV, JSON Lines or Parquet file, or the lines of any other; `-` is standard input.

    Raises:
        FoxhoundError: the file is missing or broken, or has no such column.
    """
    if path == "-":
        return _split_lines(sys.stdin.buffer.read(), "standard input")
    file = Path(path)
    if not file.is_file():
        raise FoxhoundError(f"{path}: there is no such file.")
    packed = file.suffix.lower() in (".gz", ".zst")
    format = FORMATS.get((file.with_suffix("") if packed else file).suffix.lower())
    if format is None:
        return _split_lines(file.read_bytes(), path)
    from foxhound.corpus.readers import read_raw  # imports pandas, which a line of text does not need

    frame = read_raw(file, format).drop(columns="_line", errors="ignore")
    if column not in frame:
        names = list(map(str, frame.columns))
        hint = suggestion(column, names)
        raise FoxhoundError(f"{path}: no column {column!r}.{hint} Columns: {', '.join(names)}. Name it with --column.")
    return frame[column].tolist()
