"""Read tables that strangers made: CSV, TSV, JSON Lines and Parquet, plain or compressed, within bounds.

Nothing here trusts a file: no bytes are run, no more is unpacked than `LARGEST`, and a mistake is named with its line.
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

SHOWN = 5
LONGEST_FIELD = 1 << 24
LARGEST = 1 << 29  # bytes, unpacked: ten times what 100,000 comments with their titles take
MOST = 1_000_000  # rows
BATCH = 256  # rows of a Parquet file that are decoded at once: one may be megabytes long
FORMATS = {"csv": "csv", "tsv": "tsv", "tab": "tsv", "jsonl": "jsonl", "ndjson": "jsonl", "json": "jsonl"}
FORMATS |= {"parquet": "parquet", "pq": "parquet"}
PACKED = (".gz", ".zst")
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
FOREIGN = {b"PK\x03\x04": "a ZIP archive or an Excel workbook", b"BZh": "a bzip2 file", b"\xfd7zXZ": "an xz file"}
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def raise_problems(path: str | Path, problems: list[str], remedy: str = "") -> None:
    """Raise one error that lists the first problems, counts the others, and says what to do."""
    if problems:
        more = f"\n  ... and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
        remedy = f"\n{remedy}" if remedy else ""
        raise FoxhoundError(f"{path}: {len(problems)} problem(s)\n  " + "\n  ".join(problems[:SHOWN]) + more + remedy)


def format_of(path: str | Path) -> str | None:
    """The format that a file's name tells, whether it is compressed or not; None where it tells none."""
    name = Path(path).name.lower()
    for ending in PACKED:
        name = name.removesuffix(ending)
    return FORMATS.get(name.rpartition(".")[2])


class _Bounded(io.RawIOBase):
    """The bytes of a stream, refused once there are more than `LARGEST`: a small file may unpack to a full disk."""

    def __init__(self, stream: Any, path: Path) -> None:
        self.stream, self.path, self.left = stream, path, LARGEST

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        read = self.stream.read(len(buffer))
        self.left -= len(read)
        if self.left < 0:
            raise FoxhoundError(f"{self.path}: more than {LARGEST:,} bytes once unpacked. Split it into smaller files.")
        buffer[: len(read)] = read
        return len(read)


@contextmanager
def open_text(path: Path, encoding: str = "utf-8") -> Iterator[TextIO]:
    """A text file, unpacked where it is gzip or Zstandard; a byte order mark decides over `encoding`.

    Raises:
        FoxhoundError: it is some other archive, or too large.
    """
    with open(path, "rb") as file:
        start = file.read(6)
        for mark, kind in FOREIGN.items():
            if start.startswith(mark):
                raise FoxhoundError(f"{path}: {kind}. Save the table as CSV (UTF-8), plain or packed as .gz or .zst.")
        file.seek(0)
        stream: Any = file
        if start.startswith(GZIP):
            stream = gzip.GzipFile(fileobj=file)
        elif start.startswith(ZSTD):
            stream = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")
        buffered = io.BufferedReader(_Bounded(stream, path), 1 << 16)
        ahead = buffered.peek(3)
        found = next((name for mark, name in MARKS.items() if ahead.startswith(mark)), encoding)
        yield io.TextIOWrapper(buffered, encoding=found, newline="")


def _check_row_count(path: Path, rows: int) -> None:
    if rows > MOST:
        raise FoxhoundError(
            f"{path}: more than {MOST:,} rows. Foxhound compares models on small corpora: take a sample."
        )


def _read_json_lines(path: Path, encoding: str) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    problems: list[str] = []
    with open_text(path, encoding) as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            if not rows and not problems and line.strip() == "[":
                raise FoxhoundError(f"{path}: one JSON array; an object per line is needed: jq -c '.[]' FILE > NEW")
            try:
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise ValueError(f"a {type(row).__name__} where an object was expected")
                rows.append(row | {"_line": number})
                if "\\u" in line:  # the one way in for half a character
                    json.dumps(row, ensure_ascii=False).encode()
            except UnicodeEncodeError:
                problems.append(f"line {number}: half a character (an unpaired surrogate)")
            except ValueError as error:
                problems.append(f"line {number}: broken JSON: {error}")
            _check_row_count(path, len(rows))
    raise_problems(path, problems)
    return pd.DataFrame(rows, dtype=object)


def _name_lines(reader: Any, path: Path) -> Iterator[list[str]]:
    """The rows of a csv.reader; a mistake in its quotes with the line it is in."""
    try:
        yield from reader
    except csv.Error as error:
        raise FoxhoundError(f"{path}: line {reader.line_num}: {error}. Double a quote inside quotes.") from error


def read_delimited(path: Path, separator: str, encoding: str = "utf-8") -> pd.DataFrame:
    """As csv.DictReader does, and with the line where each row starts: a quoted field may hold line breaks.

    A semicolon separates where the header has that and no comma: so do spreadsheets write CSV in much of Europe.
    """
    csv.field_size_limit(LONGEST_FIELD)
    columns: list[list[str]] = []
    lines, problems = [], []
    if separator == ",":
        with open_text(path, encoding) as file:
            start = file.readline(1 << 16)
            separator = ";" if ";" in start and "," not in start else ","
    with open_text(path, encoding) as file:
        reader = csv.reader(file, delimiter=separator, strict=True)
        rows = _name_lines(reader, path)
        header = next(rows, [])
        if twice := sorted({name for name in header if header.count(name) > 1}):
            raise FoxhoundError(f"{path}: the header has {twice[0]!r} more than once.")
        columns = [[] for _ in header]
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
    """A Parquet file, a few rows at a time: what is packed small may be large."""
    with pq.ParquetFile(path) as file:
        _check_row_count(path, file.metadata.num_rows)
        batches, size = [], 0
        for batch in file.iter_batches(BATCH):
            size += batch.nbytes
            if size > LARGEST:
                raise FoxhoundError(f"{path}: more than {LARGEST:,} bytes once unpacked. Split it into smaller files.")
            batches.append(batch)
        # What pandas wrote beside the columns is a stranger's JSON, and nothing that is needed.
        table = pa.Table.from_batches(batches, file.schema_arrow)
        frame = table.to_pandas(ignore_metadata=True).filter(regex="^(?!__index_level_)").astype(object)
    return frame.assign(_line=range(1, len(frame) + 1))


def read_raw(path: str | Path, format: str, encoding: str = "utf-8") -> pd.DataFrame:
    """Read a table as it is, with a column `_line` that says where each row stands.

    Args:
        path: the file; text may be compressed (gzip, Zstandard).
        format: `jsonl`, `csv`, `tsv` or `parquet`.
        encoding: of text without a byte order mark.

    Raises:
        FoxhoundError: the file cannot be read; names the line where that is known.
    """
    path = Path(path)
    try:
        if format == "jsonl":
            return _read_json_lines(path, encoding)
        if format in ("csv", "tsv"):
            return read_delimited(path, "," if format == "csv" else "\t", encoding)
        return _read_parquet(path)
    except UnicodeDecodeError as error:
        asked = "UTF-8" if error.encoding.lower().startswith("utf-8") else error.encoding
        raise FoxhoundError(
            f"{path}: not {asked} at byte {error.start} of what was being read. Save it as UTF-8, or say what it is: "
            "`encoding: cp1252` (most files of Windows programs) in the corpus definition."
        ) from error
    except (ValueError, OSError, EOFError, zlib.error, RecursionError, pa.ArrowException) as error:
        raise FoxhoundError(f"{path}: cannot be read as {format}: {error}") from error
