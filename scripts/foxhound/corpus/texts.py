"""Which texts a model can be asked about, and where they come from."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from foxhound.errors import FoxhoundError, suggestion

LONGEST = 100_000  # characters; a model reads some 500 of them
FORMATS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}


def reason_unscorable(value: Any) -> str | None:
    """Why this cannot be scored; None where it can."""
    if not isinstance(value, str):
        # nan and pandas' NA, which this module does not import to know
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
    """Of each value the reason why it cannot be scored, and the texts of those that have none."""
    reasons = [reason_unscorable(value) for value in values]
    return reasons, [value for value, reason in zip(values, reasons, strict=True) if reason is None]


def _lines(text: bytes, origin: str) -> list[str]:
    try:
        lines = text.decode("utf-8-sig").split("\n")  # and not at the other signs that str.splitlines breaks at
    except UnicodeDecodeError as error:
        raise FoxhoundError(f"{origin}: not UTF-8 at byte {error.start}. Save it as UTF-8.") from error
    return [line.removesuffix("\r") for line in (lines[:-1] if lines[-1] == "" else lines)]


def read_texts(path: str, column: str) -> list[Any]:
    """What stands in `column` of a CSV, TSV, JSON Lines or Parquet file, or on the lines of any other; `-` is stdin.

    Raises:
        FoxhoundError: the file is missing or broken, or has no such column.
    """
    if path == "-":
        return _lines(sys.stdin.buffer.read(), "standard input")
    file = Path(path)
    if not file.is_file():
        raise FoxhoundError(f"{path}: there is no such file.")
    packed = file.suffix.lower() in (".gz", ".zst")
    format = FORMATS.get((file.with_suffix("") if packed else file).suffix.lower())
    if format is None:
        return _lines(file.read_bytes(), path)
    from foxhound.corpus.readers import read_raw  # pandas, which a sentence does without

    frame = read_raw(file, format).drop(columns="_line", errors="ignore")
    if column not in frame:
        names = list(map(str, frame.columns))
        hint = suggestion(column, names)
        raise FoxhoundError(f"{path}: no column {column!r}.{hint} Columns: {', '.join(names)}. Name it with --column.")
    return frame[column].tolist()
