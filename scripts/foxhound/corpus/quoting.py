"""Decide whether quotation marks enclose fields: the whole file shows it.

Read with the wrong answer, a mark at the start of a text swallows the rows up to the next one.
"""

import csv
import re
from collections import Counter
from dataclasses import dataclass, field

from foxhound.corpus.dialect import Head, Open, csv_reader, read_lines, skip_head

NUMBER = re.compile(r"[-+]?\d[\d.,:eE+-]*")


@dataclass
class _Plain:
    """What a file's lines show, each cut at every separator.

    ragged: lines with another number of fields than the header.
    marks, escaped: whether there are quotation marks, and some with a backslash before them.
    quoted: fields in quotation marks that need none, by column.
    bare: other fields that are words, by column; a writer that quotes all texts leaves none.
    needed: fields in quotation marks with a doubled one inside, which nobody writes but to quote.
    named_in_marks: whether every name of a column stands in quotation marks, as in a file whose writer quotes all.
    """

    lines: int = 0
    ragged: int = 0
    marks: bool = False
    escaped: bool = False
    needed: int = 0
    named_in_marks: bool = False
    quoted: Counter[int] = field(default_factory=Counter)
    bare: Counter[int] = field(default_factory=Counter)

    @property
    def uneven(self) -> bool:
        """Say whether some column has fields in quotation marks that need none, and others without."""
        return any(self.bare[column] for column in self.quoted)


@dataclass
class _Parsed:
    """What the csv module made of a file: rows, those of a wrong length, those over several lines, its refusal."""

    rows: int = 0
    ragged: int = 0
    joined: int = 0
    first_joined: int = 0
    error: str | None = None


def _parsed(open_file: Open, head: Head, quoting: str) -> _Parsed:
    """Return what the csv module makes of the file."""
    found = _Parsed()
    with open_file() as file:
        skip_head(file, head)
        reader = csv_reader(read_lines(file), head, quoting)
        before, width = 0, None
        try:
            for row in reader:
                if row:
                    width = width or len(row)
                    found.rows += 1
                    found.ragged += len(row) != width
                    if reader.line_num > before + 1:
                        found.joined += 1
                        found.first_joined = found.first_joined or head.skipped + before + 1
                before = reader.line_num
        except csv.Error as error:
            found.error = str(error)
    return found


def _plain(open_file: Open, head: Head) -> _Plain:
    """Return what the lines of the file show, each cut at every separator."""
    found = _Plain()
    width = None
    with open_file() as file:
        skip_head(file, head)
        for line in read_lines(file):
            cells = line.rstrip("\r\n").split(head.separator)
            if cells == [""]:
                continue
            marks = '"' in line
            found.marks = found.marks or marks
            found.escaped = found.escaped or (marks and '\\"' in line)
            if width is None:
                width = len(cells)
                found.named_in_marks = all(len(name) > 2 and name[0] == '"' == name[-1] for name in cells)
                continue
            found.lines += 1
            if len(cells) != width:
                found.ragged += 1
                continue
            for column, cell in enumerate(cells):
                if marks and len(cell) > 2 and cell[0] == '"' == cell[-1]:
                    inner = cell[1:-1]
                    if '"' not in inner:
                        found.quoted[column] += 1
                    elif '"' not in inner.replace('""', ""):
                        found.needed += 1
                elif cell and cell[0] != '"' and not NUMBER.fullmatch(cell):
                    found.bare[column] += 1
    return found


def find_quoting(open_file: Open, head: Head) -> tuple[str, list[str], list[str]]:
    """Return how the file quotes, with notes and doubts about that.

    Texts are full of commas and semicolons, and fields with these are quoted. Tabs and bars are hardly ever in a text:
    fields without quotation marks are usual there, and what looks like one is a letter where all lines fit the header.
    """
    plain = _plain(open_file, head)
    if not plain.marks:
        return "quotes", [], []
    quoted = _parsed(open_file, head, "quotes")
    fits = not plain.ragged and plain.lines > 0
    may_be_bare = head.separator in ("\t", "|")
    if quoted.error or quoted.ragged:
        if fits and may_be_bare:
            return "none", ["quotation marks are letters here: they do not enclose fields"], []
        escaped = _parsed(open_file, head, "backslash") if plain.escaped else quoted
        if not escaped.error and not escaped.ragged:
            return "backslash", ["a quotation mark inside a field has a backslash before it"], []
        return ("none" if may_be_bare and quoted.error else "quotes"), [], []
    may_be_bare = may_be_bare and not plain.named_in_marks
    if quoted.joined and fits:
        rows = [f"{plain.lines} rows", f"{quoted.rows - 1} (`quoting: quotes`)"]
        if not may_be_bare:
            rows = [f"{quoted.rows - 1} rows", f"{plain.lines} (`quoting: none`)"]
        doubt = (
            f"line {quoted.first_joined}: a quotation mark opens, and none closes it before a later line. Every line "
            f"has as many fields as the header: the file is read as {rows[0]}, and could be read as {rows[1]}"
        )
        return ("none" if may_be_bare else "quotes"), [], [doubt]
    if may_be_bare and fits and plain.uneven and not plain.needed:
        doubt = (
            f"{sum(plain.quoted.values())} fields stand in quotation marks that no program would have written: they "
            "are read as part of the text; `quoting: quotes` takes them off"
        )
        return "none", [], [doubt]
    notes = [f"{quoted.joined} rows go over several lines"] if quoted.joined else []
    return "quotes", notes, []
