"""Read tables of unknown origin: CSV, TSV, JSON Lines and Parquet, plain or compressed, within bounds.

No file is trusted: nothing in it is run, no more than `MOST_BYTES` is unpacked, and a mistake is named with its line.
"""

import codecs
import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from foxhound.errors import FoxhoundError
from foxhound.files import raise_system_error

SHOWN = 5  # problems (or labels) that a message lists
LONGEST_FIELD = 1 << 24  # characters
MOST_BYTES = 1 << 29  # once unpacked: ten times what 100,000 comments with their titles take
MOST_ROWS = 1_000_000
BATCH = 256  # rows of a Parquet file that are decoded at once: one may be megabytes long
FORMATS = {"csv": "csv", "tsv": "tsv", "tab": "tsv", "jsonl": "jsonl", "ndjson": "jsonl", "json": "jsonl"}
FORMATS |= {"parquet": "parquet", "pq": "parquet"}
PACKED = (".gz", ".zst")
BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
ARCHIVES = {b"PK\x03\x04": "a ZIP archive or an Excel workbook", b"BZh": "a bzip2 file", b"\xfd7zXZ": "an xz file"}
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def raise_problems(path: str | Path, problems: list[str], remedy: str = "") -> None:
    """Raise one error, if there are problems, that lists the first, counts the others, and says what to do."""
    if problems:
        more = f"\n  ... and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
        remedy = f"\n{remedy}" if remedy else ""
        raise FoxhoundError(f"{path}: {len(problems)} problem(s)\n  " + "\n  ".join(problems[:SHOWN]) + more + remedy)


def format_of(path: str | Path) -> str | None:
    """Return the format that a file's name tells, compressed or not, or None."""
    name = Path(path).name.lower()
    for ending in PACKED:
        name = name.removesuffix(ending)
    return FORMATS.get(name.rpartition(".")[2])


class _Bounded(io.RawIOBase):
    """Pass on the bytes of a stream, up to `MOST_BYTES`: a small file may unpack to more than a disk holds."""

    def __init__(self, stream: Any, path: Path) -> None:
        self.stream, self.path, self.left = stream, path, MOST_BYTES

    def readable(self) -> bool:
        """Return True, which io.BufferedReader asks for."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` with the next bytes; return how many.

        Raises:
            FoxhoundError: there are more than `MOST_BYTES` in all.
        """
        piece = self.stream.read(len(buffer))
        self.left -= len(piece)
        if self.left < 0:
            raise FoxhoundError(
                f"{self.path}: more than {MOST_BYTES:,} bytes once unpacked. Split it into smaller files."
            )
        buffer[: len(piece)] = piece
        return len(piece)


@contextmanager
def open_text(path: Path, encoding: str = "utf-8") -> Iterator[TextIO]:
    """Open a text file, unpacked where it is gzip or Zstandard; a byte order mark overrules `encoding`.

    Raises:
        FoxhoundError: the file is another kind of archive, or too large.
    """
    with open(path, "rb") as file:
        start = file.read(6)
        for signature, kind in ARCHIVES.items():
            if start.startswith(signature):
                raise FoxhoundError(f"{path}: {kind}. Save the table as CSV (UTF-8), plain or packed as .gz or .zst.")
        file.seek(0)
        stream: Any = file
        if start.startswith(GZIP):
            stream = gzip.GzipFile(fileobj=file)
        elif start.startswith(ZSTD):
            stream = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")
        buffered = io.BufferedReader(_Bounded(stream, path), 1 << 16)
        ahead = buffered.peek(3)
        encoding = next((name for mark, name in BYTE_ORDER_MARKS.items() if ahead.startswith(mark)), encoding)
        yield io.TextIOWrapper(buffered, encoding=encoding, newline="")


def _check_row_count(path: Path, rows: int) -> None:
    """Refuse a file of more than `MOST_ROWS` rows."""
    if rows > MOST_ROWS:
        raise FoxhoundError(
            f"{path}: more than {MOST_ROWS:,} rows. Foxhound compares models on small corpora: use a sample."
        )


def _parse_json_line(line: str) -> dict[str, Any]:
    """Return the object on a line of JSON.

    Raises:
        UnicodeEncodeError: it holds half a character.
        ValueError: the line is not JSON, or no object.
    """
    row = json.loads(line)
    if not isinstance(row, dict):
        raise ValueError(f"a {type(row).__name__} where an object was expected")
    if "\\u" in line:  # only an escape can hold half a character
        json.dumps(row, ensure_ascii=False).encode()
    return row


def _read_json_lines(path: Path, encoding: str) -> pd.DataFrame:
    """Return the objects of a JSON Lines file, a row each, with `_line`."""
    rows: list[dict[str, Any]] = []
    problems: list[str] = []
    with open_text(path, encoding) as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            if not rows and not problems and line.strip() == "[":
                raise FoxhoundError(
                    f"{path}: one JSON array; an object per line is needed. Convert it: jq -c '.[]' FILE > NEW"
                )
            try:
                rows.append(_parse_json_line(line) | {"_line": number})
            except UnicodeEncodeError:
                problems.append(f"line {number}: half a character (an unpaired surrogate)")
            except ValueError as error:
                problems.append(f"line {number}: broken JSON: {error}")
            _check_row_count(path, len(rows))
    raise_problems(path, problems)
    return pd.DataFrame(rows, dtype=object)


def _csv_rows(reader: Any, path: Path) -> Iterator[list[str]]:
    """Yield the rows of a csv.reader; refuse a mistake in its quotes, with the line it is in."""
    try:
        yield from reader
    except csv.Error as error:
        raise FoxhoundError(f"{path}: line {reader.line_num}: {error}. Double a quote inside quotes.") from error


def _is_separated_by_semicolons(path: Path, encoding: str) -> bool:
    """Say whether the header has semicolons and no comma: spreadsheets write CSV so in much of Europe."""
    with open_text(path, encoding) as file:
        header = file.readline(1 << 16)
    return ";" in header and "," not in header


def read_delimited(path: Path, separator: str, encoding: str = "utf-8") -> pd.DataFrame:
    """Read a CSV or TSV file, with the line where each row starts: a quoted field may hold line breaks.

    Args:
        separator: a tab or a comma; a comma stands for a semicolon too, where the header has none.
    """
    csv.field_size_limit(LONGEST_FIELD)
    if separator == "," and _is_separated_by_semicolons(path, encoding):
        separator = ";"
    lines: list[int] = []
    problems: list[str] = []
    with open_text(path, encoding) as file:
        reader = csv.reader(file, delimiter=separator, strict=True)
        rows = _csv_rows(reader, path)
        header = next(rows, [])
        if repeated := sorted({name for name in header if header.count(name) > 1}):
            raise FoxhoundError(f"{path}: the header has {repeated[0]!r} more than once. Rename or remove a column.")
        columns: list[list[str]] = [[] for _ in header]
        line = reader.line_num + 1
        for row in rows:
            if row and len(row) != len(header):
                problems.append(f"line {line}: {len(row)} fields where the header has {len(header)}")
            elif row:
                for column, value in zip(columns, row, strict=True):
                    column.append(value)
                lines.append(line)
                _check_row_count(path, len(lines))
            line = reader.line_num + 1
    raise_problems(path, problems)
    values = dict(zip(header, columns, strict=True)) | {"_line": lines}
    return pd.DataFrame(values, dtype=object)


def _read_parquet(path: Path) -> pd.DataFrame:
    """Read a Parquet file, a few rows at a time: it may unpack to far more than its size."""
    with pq.ParquetFile(path) as file:
        _check_row_count(path, file.metadata.num_rows)
        batches, size = [], 0
        for batch in file.iter_batches(BATCH):
            size += batch.nbytes
            if size > MOST_BYTES:
                raise FoxhoundError(
                    f"{path}: more than {MOST_BYTES:,} bytes once unpacked. Split it into smaller files."
                )
            batches.append(batch)
        # The metadata of pandas is JSON of unknown origin, and not needed.
        table = pa.Table.from_batches(batches, file.schema_arrow)
        frame = table.to_pandas(ignore_metadata=True).filter(regex="^(?!__index_level_)").astype(object)
    return frame.assign(_line=range(1, len(frame) + 1))


def read_raw(path: str | Path, format: str, encoding: str = "utf-8") -> pd.DataFrame:
    """Read a table as it is, with a column `_line`: the line (in Parquet the row) where each row starts.

    Args:
        path: the file; text may be compressed (gzip, Zstandard).
        format: `jsonl`, `csv`, `tsv` or `parquet`.
        encoding: of text without a byte order mark.

    Raises:
        FoxhoundError: the file cannot be read; the message names the line where that is known.
    """
    path = Path(path)
    try:
        if format == "jsonl":
            return _read_json_lines(path, encoding)
        if format in ("csv", "tsv"):
            return read_delimited(path, "," if format == "csv" else "\t", encoding)
        return _read_parquet(path)
    except UnicodeDecodeError as error:
        expected = "UTF-8" if error.encoding.lower().startswith("utf-8") else error.encoding
        raise FoxhoundError(
            f"{path}: not {expected} at byte {error.start} of what was being read. Save it as UTF-8, or name its "
            "encoding in config.yaml, under `corpus`: `encoding: cp1252` (most files of Windows programs)."
        ) from error
    except (ValueError, OSError, EOFError, zlib.error, RecursionError, pa.ArrowException) as error:
        raise_system_error(error, path)
        raise FoxhoundError(f"{path}: cannot be read as {format}: {error}") from error
