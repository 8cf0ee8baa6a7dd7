"""Read workbooks (.xlsx, .xlsm, .xls) where a sheet is a table, with names in its first row."""

import datetime
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from foxhound.corpus import unpacking
from foxhound.corpus.formats import ZIP
from foxhound.corpus.table_file import Row, TableFile
from foxhound.errors import FoxhoundError, suggestion

MOST_CELLS = 1 << 25  # a GB of memory
TAG = re.compile(rb"<(?:\w+:)?(row|c)\b([^>]*)")
PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})(\d{1,9})["']""")
REMEDY = "Open it in a spreadsheet program and save the sheet as CSV (UTF-8)."


def _check_archive(path: Path) -> None:
    """Refuse an archive that is damaged, is no .xlsx, or holds too much; its own figures are not trusted."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if "xl/workbook.xml" not in names or {"xl/workbook.bin", "content.xml"} & {*names}:
            raise FoxhoundError(
                f"{path}: a ZIP archive, and no .xlsx workbook. Save the table as .xlsx or as CSV (UTF-8)."
            )
        if sum(member.file_size for member in archive.infolist()) > unpacking.MOST_BYTES:
            raise unpacking.too_large(path)
        if damaged := archive.testzip():  # reads no more than the figures say, and compares checksums
            raise zipfile.BadZipFile(f"{damaged} is damaged")
        for name in names:
            if _cells(archive.read(name)) > MOST_CELLS:  # a sheet may lie anywhere in the archive
                raise FoxhoundError(f"{path}: more than {MOST_CELLS:,} cells from the first to the last. {REMEDY}")


def _cells(sheet: bytes) -> int:
    """Return how many cells the rectangle from the first to the last one has: the reader makes room for all of them."""
    row = column = last_row = last_column = 0
    for tag in TAG.finditer(sheet):
        place = PLACE.search(tag[2])
        if tag[1] == b"row":
            row, column = int(place[2]) if place else row + 1, 0
        elif place:
            column = 0
            for letter in place[1].upper():
                column = 26 * column + letter - ord("A") + 1
            row = int(place[2])
        else:
            column += 1
        last_row, last_column = max(last_row, row), max(last_column, column)
    return last_row * last_column


def _plain(value: Any) -> Any:
    """Return a cell's value as Foxhound knows it: None where it is empty, dates as text, 1.0 as 1."""
    if value == "" or value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    return str(value) if isinstance(value, datetime.timedelta) else value


def _is_title(row: list[Any], below: list[Any]) -> bool:
    """Say whether a row has words in its first cell alone, and the row below it a name in every cell."""
    named = all(isinstance(value, str) for value in below)
    return isinstance(row[0], str) and " " in row[0] and not any(row[1:]) and len(row) > 1 and named


def _as_texts(rows: list[list[Any]], column: int) -> None:
    """Make texts of the numbers in a column that holds texts too: spreadsheets take a comment `2016` for a number."""
    if any(isinstance(row[column], str) for row in rows):
        for row in rows:
            if row[column] is not None:
                row[column] = str(row[column])


def _read_sheet(path: Path, sheet: str | None) -> tuple[list[list[Any]], int, str, list[str]]:
    """Return the rows of a sheet, the number of the first one, the sheet's name, and the other sheets that hold any."""
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(str(path)) as workbook:
        names = workbook.sheet_names
        if sheet is not None and sheet not in names:
            raise FoxhoundError(f"{path}: no sheet {sheet!r}.{suggestion(sheet, names)} Sheets: {', '.join(names)}.")
        filled = []
        for name in [sheet] if sheet is not None else names:
            one = workbook.get_sheet_by_name(name)
            rows = [[_plain(value) for value in row] for row in one.to_python(skip_empty_area=True)]
            if any(value is not None for row in rows for value in row):
                filled.append((rows, (one.start or (0, 0))[0] + 1, name))
    if not filled:
        return [], 1, sheet or "", []
    # A sheet of notes has one column; the table has more, if any sheet has.
    chosen = next((one for one in filled if len(one[0][0]) > 1), filled[0])
    return (*chosen, [name for *_, name in filled if name != chosen[2]])


def open_workbook(path: Path, sheet: str | None = None) -> TableFile:
    """Read a sheet of a workbook: the one that is named, or the first that is a table.

    Raises:
        FoxhoundError: the file is no readable workbook, is locked, or the sheet is no table.
    """
    try:
        with open(path, "rb") as file:
            zipped = file.read(len(ZIP)) == ZIP
        if zipped:
            _check_archive(path)
        rows, first, name, others = _read_sheet(path, sheet)
    except FoxhoundError:
        raise
    except BaseException as error:
        # The reader is written in Rust: its own errors share no class, and what it did not foresee is no Exception.
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit | MemoryError):
            raise
        raise FoxhoundError(f"{path}: not a readable workbook ({error}). {REMEDY}") from error
    filled = [number for number, row in enumerate(rows) if any(value is not None for value in row)]
    titles = 0
    while len(filled) > 1 and _is_title(rows[filled[0]], rows[filled[1]]):
        filled, titles = filled[1:], titles + 1
    rows, first = rows[filled[0] if filled else 0 :], first + (filled[0] if filled else 0)
    header = ["" if value is None else str(value) for value in rows[0]] if rows else []
    names = [name or f"Unnamed: {number}" for number, name in enumerate(header)]
    if repeated := sorted({one for one in names if names.count(one) > 1}):
        raise FoxhoundError(f"{path}: sheet {name!r} has two columns named {repeated[0]!r}. Rename or remove one.")
    numbered = [(first + number, row) for number, row in enumerate(rows[1:], 1) if any(one is not None for one in row)]
    for column in range(len(names)):
        _as_texts([row for _, row in numbered], column)

    def read(columns: Sequence[str]) -> Iterator[Row]:
        positions = [names.index(one) for one in columns]
        for number, row in numbered:
            yield number, [row[position] for position in positions]

    notes = [f"sheet {name!r}"] if others else []
    notes += [f"the names of columns stand in row {first}, below {titles} row(s) with a title"] if titles else []
    doubt = f"sheet {name!r} is read; there are others: {', '.join(others)} (`sheet: NAME`, --sheet NAME)"
    return TableFile(names, len(numbered), read, notes, [doubt] if others else [])
