"""Read JSON: an object a line, an array of objects, records under a key, or columns."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TextIO

from foxhound.corpus import unpacking
from foxhound.corpus.problems import raise_problems
from foxhound.corpus.table_file import Row, TableFile
from foxhound.errors import FoxhoundError

LONGEST_LINE = 1 << 28  # characters
LOOK = 5  # lines that tell whether each is a value of its own
COMMA = re.compile(r"\},\s*(\]\s*$|\n\s*\{.*\},\s*$)")  # after the last object
HALF_A_CHARACTER = "half a character (an unpaired surrogate)"
ARRAYS = "Arrays name no columns. Make objects of them: jq -c '{text: .[0], label: .[1]}' FILE > NEW.jsonl"

Open = Callable[[], AbstractContextManager[TextIO]]


class _Repeated(dict[str, Any]):
    """An object that has a key twice: JSON leaves open which of them counts."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Repeated(found)


def _parse(text: str) -> Any:
    """Return what JSON says."""
    return json.loads(text, object_pairs_hook=_pairs)


def _check_object(value: Any, source: str) -> dict[str, Any]:
    """Return an object that JSON gave.

    Args:
        source: the text it was read from: only an escape there can hold half a character.

    Raises:
        UnicodeEncodeError: it holds half a character.
        ValueError: it is no object, or has a key twice.
    """
    if not isinstance(value, dict):
        raise ValueError(f"a {type(value).__name__} where an object was expected")
    if isinstance(value, _Repeated):
        raise ValueError("an object has a key twice, and nothing says which value counts")
    if "\\u" in source:
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _each_line(open_file: Open, problems: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the object on each line, with its number.

    Args:
        problems: gets a line on every line that holds none.
    """
    with open_file() as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            if not line.strip():
                continue
            try:
                yield number, _check_object(_parse(line), line)
            except UnicodeEncodeError:
                problems.append(f"line {number}: {HALF_A_CHARACTER}")
            except ValueError as error:
                problems.append(f"line {number}: broken JSON: {error}")


def _first_lines(open_file: Open) -> list[str]:
    """Return the first lines that are not blank."""
    lines: list[str] = []
    with open_file() as file:
        while len(lines) < LOOK and (line := file.readline(LONGEST_LINE)):
            lines += [line] if line.strip() else []
    return lines


def _kind(line: str) -> type | None:
    """Return what JSON there is on a line, or None where it is broken or goes on."""
    try:
        return type(json.loads(line))
    except ValueError:
        return None


def _is_json_lines(lines: list[str]) -> bool:
    """Say whether each line is a value of its own. One object alone may hold the whole table."""
    kinds = [_kind(line) for line in lines]
    if len(lines) < 2:
        return not lines
    return kinds[0] is dict or kinds.count(dict) >= len(lines) / 2 or not lines[0].lstrip().startswith(("{", "["))


def _records(path: Path, value: Any) -> tuple[list[Any], list[str]]:
    """Return the rows in one value of JSON, and a note on where they stood.

    Raises:
        FoxhoundError: it holds no rows, or several lists of them.
    """
    if isinstance(value, list):
        return value, ["one JSON array"]
    if not isinstance(value, dict):
        raise FoxhoundError(f"{path}: a {type(value).__name__} where objects were expected: an object per line, or []")
    if isinstance(value, _Repeated):
        raise FoxhoundError(f"{path}: a key stands twice in the object that holds all, and nothing says which counts.")
    columns, data = value.get("columns"), value.get("data")
    if isinstance(columns, list) and isinstance(data, list) and all(isinstance(row, list) for row in data):
        names = [str(name) for name in columns]
        if any(len(row) != len(names) for row in data) or len(set(names)) < len(names):
            raise FoxhoundError(f"{path}: `columns` and `data` do not fit each other.")
        return [dict(zip(names, row, strict=True)) for row in data], ["names under `columns`, rows under `data`"]
    lists = {key: rows for key, rows in value.items() if isinstance(rows, list) and rows and isinstance(rows[0], dict)}
    lists = {key: rows for key, rows in lists.items() if all(isinstance(row, dict) for row in rows)}
    if "schema" in value and "data" in lists:  # pandas' orient="table"
        lists = {"data": lists["data"]}
    if len(lists) > 1:
        raise FoxhoundError(
            f"{path}: records under several keys ({', '.join(lists)}). Keep one: jq -c '.KEY[]' FILE > "
            "NEW.jsonl; or all of them: jq -c '.[][]' FILE > NEW.jsonl"
        )
    if lists:
        [(key, rows)] = lists.items()
        return rows, [f"records under the key {key!r}"]
    if value and all(isinstance(column, list) for column in value.values()):
        if len({len(column) for column in value.values()}) > 1:
            raise FoxhoundError(f"{path}: a list per column, and they are not equally long.")
        return [dict(zip(value, row, strict=True)) for row in zip(*value.values(), strict=True)], ["a list per column"]
    said = any(isinstance(one, str) and " " in one for one in value.values())  # then it is a row itself
    if not said and (deep := _path_of_records(value)):
        raise FoxhoundError(f"{path}: the records lie deeper. Take them out: jq -c '{deep}[]' FILE > NEW.jsonl")
    if value and all(isinstance(column, dict) for column in value.values()):
        return _nested(path, value)
    return [value], []


def _path_of_records(value: dict[str, Any]) -> str | None:
    """Return where in an object of objects a list of records lies, as jq writes it, or None."""
    for key, inner in value.items():
        if isinstance(inner, dict):
            for name, rows in inner.items():
                if isinstance(rows, list) and len(rows) > 1 and all(isinstance(row, dict) for row in rows):
                    others = [one for one in value.values() if isinstance(one, dict) and name in one]
                    return f".[{json.dumps(key)}][{json.dumps(name)}]" if len(others) == 1 else None
            if deeper := _path_of_records(inner):
                return f".[{json.dumps(key)}]{deeper}"
    return None


def _nested(path: Path, value: dict[str, dict[str, Any]]) -> tuple[list[Any], list[str]]:
    """Return the rows of an object of objects: pandas' columns of numbered rows, or named rows."""
    keys = list(next(iter(value.values())))
    if keys and all(re.fullmatch(r"-?\d+", key) for key in keys):
        if any(list(column) != keys for column in value.values()):
            raise FoxhoundError(f"{path}: an object per column, and their rows have other numbers.")
        return [{name: column[key] for name, column in value.items()} for key in keys], ["an object per column"]
    return list(value.values()), ["an object per row, each under a key of its own"]


def _parse_whole(path: Path, open_file: Open) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the rows of a file that is one value of JSON.

    Raises:
        FoxhoundError: it is broken, or a row is no object.
    """
    with open_file() as file:
        text = file.read(unpacking.MOST_BYTES + 1)
    if len(text) > unpacking.MOST_BYTES:  # it is held as a whole, even where rows of other files are not
        raise unpacking.too_large(path)
    try:
        value = _parse(text)
    except ValueError as error:
        several = text.lstrip().startswith("{") and "Extra data" in str(error)
        remedy = ". Of objects one after another, make one a line: jq -c . FILE > NEW.jsonl" if several else ""
        if COMMA.search(text):
            remedy = ". Take out brackets and commas around lines: sed -E '/^[][]\\s*$/d; s/,\\s*$//' FILE > NEW.jsonl"
        raise FoxhoundError(f"{path}: broken JSON: {error}{remedy}") from error
    found, notes = _records(path, value)
    if found and all(isinstance(row, list) for row in found):
        raise FoxhoundError(f"{path}: an array of arrays. {ARRAYS}")
    problems, rows = [], []
    unit = "row" if notes else "line"
    for number, row in enumerate(found, 1):
        try:
            rows.append(_check_object(row, text))
        except UnicodeEncodeError:
            problems.append(f"{unit} {number}: {HALF_A_CHARACTER}")
        except ValueError as error:
            problems.append(f"{unit} {number}: {error}")
    raise_problems(path, problems)
    return rows, notes


def _names(rows: Iterator[dict[str, Any]]) -> tuple[list[str], int]:
    """Return the keys of all rows, in order of appearance, and how many rows there are."""
    names: dict[str, None] = {}
    count = 0
    for row in rows:
        names |= dict.fromkeys(row)
        count += 1
    return list(names), count


def open_json(path: Path, open_file: Open) -> TableFile:
    """Look through a file of JSON; a key that an object lacks is None.

    Raises:
        FoxhoundError: a line is broken or no object, with its number; or there are no rows.
    """
    lines = _first_lines(open_file)
    if len(lines) > 1 and all(_kind(line) is list for line in lines):
        raise FoxhoundError(f"{path}: an array a line. {ARRAYS}")
    if _is_json_lines(lines):
        problems: list[str] = []
        names, count = _names(row for _, row in _each_line(open_file, problems))
        raise_problems(path, problems)

        def read_lines(columns: Sequence[str]) -> Iterator[Row]:
            for line, row in _each_line(open_file, []):
                yield line, [row.get(name) for name in columns]

        return TableFile(names, count, read_lines)
    whole, notes = _parse_whole(path, open_file)
    names, count = _names(iter(whole))

    def read_records(columns: Sequence[str]) -> Iterator[Row]:
        for number, row in enumerate(whole, 1):
            yield number, [row.get(name) for name in columns]

    return TableFile(names, count, read_records, notes)
