"""Read and write Parquet tables, each checked against its declared schema."""

import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from foxhound.errors import FoxhoundError
from foxhound.files import atomic_path, make_again, raise_system_error, read_own_yaml

SCHEMAS = Path(__file__).parents[2] / "schemas" / "tables.yaml"
TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "int8": pa.int8(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "binary": pa.binary(),
    "list<string>": pa.list_(pa.string()),
    "list<float32>": pa.list_(pa.float32()),
}
END = 8  # bytes: a Parquet file ends with the length of its footer, and a mark
SEAL = b"foxhound"


class MissingFileError(FoxhoundError):
    """There is no such file."""


class UnusableFileError(FoxhoundError):
    """The file has to be made again."""

    def __init__(self, path: str | Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}. {make_again(path)}")
        self.reason = reason


class DamagedFileError(UnusableFileError):
    """The file's bytes are not those that were written."""


class OtherTableError(UnusableFileError):
    """The file holds another table, or one of another version."""


def _footer_start(file: BinaryIO) -> int:
    """Return where the footer starts, or 0 if this is not a Parquet file."""
    size = file.seek(0, 2)
    file.seek(max(size - END, 0))
    start = size - END - int.from_bytes(file.read(4), "little")
    return max(start, 0)


def _seal(path: Path) -> None:
    """Put a checksum of the footer before it, where readers of Parquet look at nothing: only pages have one of theirs.

    Without it an altered byte in there gives other metadata, or the values of another column.
    """
    with open(path, "r+b") as file:
        start = _footer_start(file)
        file.seek(start)
        footer = file.read()
        file.seek(start)
        file.write(SEAL + zlib.crc32(footer).to_bytes(4, "little") + footer)


def _check_seal(path: str | Path) -> None:
    """Compare the footer with its checksum, which files of earlier versions do not have.

    Raises:
        DamagedFileError: they differ.
    """
    with open(path, "rb") as file:
        file.seek(max(_footer_start(file) - len(SEAL) - 4, 0))
        seal, checksum, footer = file.read(len(SEAL)), file.read(4), file.read()
    if seal == SEAL and zlib.crc32(footer).to_bytes(4, "little") != checksum:
        raise DamagedFileError(path, "damaged (its footer does not fit its checksum)")


@cache
def _declarations() -> dict[str, dict[str, Any]]:
    """Return schemas/tables.yaml: table -> column -> type."""
    return read_own_yaml(SCHEMAS)


def _arrow_type(declaration: str | dict[str, str]) -> pa.DataType:
    """Return the Arrow type of a declared one, which is a name or the fields of a struct."""
    if isinstance(declaration, dict):
        return pa.struct([pa.field(name, TYPES[kind]) for name, kind in declaration.items()])
    return TYPES[declaration]


@cache
def table_schema(name: str) -> pa.Schema:
    """Return the Arrow schema of table `name`, as schemas/tables.yaml declares it.

    A column is `type`, or `type?` where nulls are allowed; a mapping declares a struct of nullable fields.
    """
    fields = []
    for column, declaration in _declarations()[name].items():
        nullable = isinstance(declaration, str) and declaration.endswith("?")
        kind = declaration.removesuffix("?") if isinstance(declaration, str) else declaration
        fields.append(pa.field(column, _arrow_type(kind), nullable=nullable))
    return pa.schema(fields)


def _cast_to_schema(frame: pd.DataFrame | pa.Table, path: str | Path, name: str) -> pa.Table:
    """Return `frame` as an Arrow table with the schema of table `name`."""
    schema = table_schema(name)
    columns = list(frame.columns) if isinstance(frame, pd.DataFrame) else frame.column_names
    if sorted(columns) != sorted(schema.names):
        raise FoxhoundError(f"{path}: table {name!r} needs columns {schema.names}, got {columns}.")
    try:
        if isinstance(frame, pd.DataFrame):
            table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
        else:
            table = frame.select(schema.names).cast(schema)
    except (pa.ArrowException, ValueError) as error:
        raise FoxhoundError(f"{path}: does not fit table {name!r}: {error}") from error
    for field in schema:
        if not field.nullable and table[field.name].null_count:
            raise FoxhoundError(f"{path}: column {field.name!r} of table {name!r} must not hold nulls.")
    return table


@contextmanager
def table_writer(
    path: str | Path, name: str, metadata: dict[str, Any]
) -> Iterator[Callable[[pd.DataFrame | pa.Table], None]]:
    """Yield a function that appends a piece (a row group) to table `name`, which need not fit into memory.

    The file appears once the block has ended well. `metadata` goes into its footer as JSON.

    Raises:
        FoxhoundError: a column is missing, unknown, of the wrong type, or has a null where none is allowed.
    """
    footer = {b"foxhound": json.dumps(metadata, sort_keys=True).encode()}
    schema = table_schema(name).with_metadata(footer)
    # Vectors hardly compress: packed they are 7 % smaller and take ten times as long to read.
    compression = {field.name: "none" if field.type == pa.binary() else "zstd" for field in schema}
    settings = {"compression": compression, "write_page_checksum": True}
    with atomic_path(path) as temporary:
        with pq.ParquetWriter(temporary, schema, **settings) as writer:
            yield lambda frame: writer.write_table(_cast_to_schema(frame, path, name).replace_schema_metadata(footer))
        _seal(temporary)


def write_table(frame: pd.DataFrame | pa.Table, path: str | Path, name: str, metadata: dict[str, Any]) -> None:
    """Write `frame` as table `name`; raises as `table_writer` does."""
    with table_writer(path, name, metadata) as write:
        write(frame)


@contextmanager
def _open_file(path: str | Path) -> Iterator[pq.ParquetFile]:
    """Yield the open file, with what goes wrong in the block explained; raises as `open_table` does."""
    try:
        _check_seal(path)
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            yield file
    except FileNotFoundError as error:
        raise MissingFileError(f"{path}: there is no such file. Run Snakemake to build it.") from error
    except pa.ArrowMemoryError as error:
        raise FoxhoundError(
            f"{path}: not enough memory to read it ({error}). Run fewer jobs at a time. If that does not help, it is "
            f"damaged. {make_again(path)}"
        ) from error
    except (pa.ArrowInvalid, OSError, UnicodeDecodeError) as error:
        raise_system_error(error, path)
        raise DamagedFileError(path, f"damaged or not a Parquet file ({str(error).strip()})") from error
    except pa.ArrowException as error:
        raise OtherTableError(path, f"not a file that can be read here ({error})") from error


@contextmanager
def open_table(path: str | Path, name: str) -> Iterator[pq.ParquetFile]:
    """Yield the open file of table `name`, its schema checked, for readers that take it in pieces.

    Raises:
        MissingFileError: there is no such file.
        DamagedFileError: it is damaged, or not a Parquet file.
        OtherTableError: it holds another table.
        FoxhoundError: the system refuses to read it (no permission, too many open files, a broken disk).
    """
    with _open_file(path) as file:
        schema = file.schema_arrow
        for field in table_schema(name):
            if field.name not in schema.names or schema.field(field.name).type != field.type:
                raise OtherTableError(path, f"column {field.name!r} of table {name!r} is not {field.type}")
        yield file


def _check_count(rows: int, expected: int) -> None:
    """Refuse too few rows: Arrow passes over pages whose kind it does not know."""
    if rows != expected:
        raise pa.ArrowInvalid(f"{rows} rows instead of {expected}")


def each_batch(file: pq.ParquetFile, rows: int, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """Yield the file's rows, at most `rows` at a time, with one row group in memory.

    `iter_batches` over a whole file frees nothing that it has read (pyarrow 26): 2.6 GB for 100,000 comments.

    Raises:
        pyarrow.ArrowInvalid: rows are missing.
    """
    for group in range(file.num_row_groups):
        count = 0
        for batch in file.iter_batches(rows, row_groups=[group], columns=columns):
            count += batch.num_rows
            yield batch
        _check_count(count, file.metadata.row_group(group).num_rows)


def read_arrow(path: str | Path, name: str, columns: list[str] | None = None) -> pa.Table:
    """Read table `name`, or only `columns` of it; raises as `open_table` does."""
    unknown = set(columns or []) - set(table_schema(name).names)
    if unknown:
        raise FoxhoundError(f"{path}: table {name!r} has no column {sorted(unknown)[0]!r}.")
    with open_table(path, name) as file:
        table = file.read(columns=columns)
        _check_count(table.num_rows, file.metadata.num_rows)
    return table


def read_table(path: str | Path, name: str, columns: list[str] | None = None) -> pd.DataFrame:
    """Read table `name` as `read_arrow` does, into a pandas frame."""
    return read_arrow(path, name, columns).to_pandas()


def read_metadata(path: str | Path) -> dict[str, Any]:
    """Return the metadata (a result's provenance) that `write_table` put into the file's footer.

    Raises:
        FoxhoundError: as `open_table`, or there is none.
    """
    with _open_file(path) as file:
        try:
            metadata = json.loads(file.metadata.metadata[b"foxhound"])
        except (KeyError, TypeError, ValueError):
            metadata = None
    if not isinstance(metadata, dict):
        raise DamagedFileError(path, "damaged (its footer does not say how it was made)")
    return metadata
