"""Read Parquet files, a few rows at a time: they may unpack to far more than their size."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from foxhound.corpus import unpacking
from foxhound.corpus.table_file import Row, TableFile
from foxhound.errors import FoxhoundError
from foxhound.files import raise_system_error
from foxhound.tables import each_batch

READ = 256  # rows that are decoded at once: a row may be megabytes long
BUFFER = 1 << 20  # bytes of a file that are read at once
INDEX = "__index_level_"  # how pandas calls an index without a name
BINARY = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
REFUSED = (pa.ArrowException, OSError, ValueError, OverflowError, TypeError, KeyError)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what Arrow refuses into words."""
    try:
        yield
    except REFUSED as error:
        raise_system_error(error, path)
        raise FoxhoundError(f"{path}: damaged or not a Parquet file ({error}).") from error


def class_names(metadata: dict[bytes, bytes] | None) -> dict[str, list[str]]:
    """Return column -> names of its numbers 0, 1, 2 ..., where Hugging Face's datasets library wrote them (ClassLabel).

    The metadata of a file of unknown origin may hold anything: what does not fit is as good as absent.
    """
    try:
        features = json.loads((metadata or {})[b"huggingface"])["info"]["features"]
        found = {name: feature["names"] for name, feature in features.items() if feature.get("_type") == "ClassLabel"}
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return {}
    return {
        name: names
        for name, names in found.items()
        if isinstance(names, list) and names and all(isinstance(one, str) for one in names)
    }


def _named(value: Any, names: list[str]) -> Any:
    """Return the name of a class; -1 is the library's word for a missing one."""
    if isinstance(value, int) and not isinstance(value, bool):
        return names[value] if 0 <= value < len(names) else None if value == -1 else value
    return value


def _decode(value: bytes) -> str | bytes:
    """Return the text, or the bytes where they are not UTF-8."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def column_values(column: pa.Array) -> list[Any]:
    """Return the values of a column, with bytes for text that is not UTF-8: Parquet does not check that.

    Some programs write text without saying that it is text; it is read as such where it is UTF-8.
    """
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not any(is_binary(kind) for is_binary in BINARY):
        try:
            return column.to_pylist()
        except UnicodeDecodeError:
            pass
    values = (column.dictionary_decode() if pa.types.is_dictionary(column.type) else column).cast(pa.large_binary())
    return [value if value is None else _decode(value) for value in values.to_pylist()]


def open_parquet(path: Path, bounded: bool = True) -> TableFile:
    """Look at a Parquet file.

    Args:
        bounded: whether more than `MOST_BYTES`, once unpacked, is an error.

    Raises:
        FoxhoundError: it is damaged, or has two columns of one name.
    """
    with _explained(path), pq.ParquetFile(path, buffer_size=BUFFER, pre_buffer=False) as file:
        # The metadata of pandas is JSON of unknown origin, and not needed.
        names = [name for name in file.schema_arrow.names if not name.startswith(INDEX)]
        count, classes = file.metadata.num_rows, class_names(file.schema_arrow.metadata)
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise FoxhoundError(f"{path}: two columns are named {repeated[0]!r}. Rename or remove one.")
    classes = {name: several for name, several in classes.items() if name in names}

    def rows(columns: Sequence[str]) -> Iterator[Row]:
        wanted = list(columns)
        number = size = 0
        with _explained(path), pq.ParquetFile(path, buffer_size=BUFFER, pre_buffer=False) as file:
            for batch in each_batch(file, READ, wanted):
                size += batch.nbytes
                if bounded and size > unpacking.MOST_BYTES:
                    raise unpacking.too_large(path)
                values = [column_values(batch.column(name)) for name in wanted]
                for position, name in enumerate(wanted):
                    if name in classes:
                        values[position] = [_named(value, classes[name]) for value in values[position]]
                for row in zip(*values, strict=True):
                    number += 1
                    yield number, list(row)

    notes = [f"the file itself names the classes of {name!r}: {', '.join(names)}" for name, names in classes.items()]
    return TableFile(names, count, rows, notes, [], classes)
