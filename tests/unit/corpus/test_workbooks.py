import zipfile
from pathlib import Path

import pytest
from foxhound.corpus import unpacking
from foxhound.corpus.readers import open_table, read_raw
from foxhound.corpus.table_file import Reading
from foxhound.errors import FoxhoundError
from made_up_workbook import save_workbook

ROWS = [
    ["text", "label", "n"],
    ["one, two", 1, 1.5],
    ["\u201cna\u00efve\u201d <b> &", 0, None],
    [None, None, None],
    [2016, 1, 3],
]


def test_a_sheet_is_a_table_and_a_number_among_texts_is_a_text(tmp_path):
    found = read_raw(save_workbook(tmp_path / "a.xlsx", {"data": ROWS}))
    assert found["text"].tolist() == ["one, two", "\u201cna\u00efve\u201d <b> &", "2016"]
    assert found["label"].tolist() == [1, 0, 1] and found["n"].tolist() == [1.5, None, 3]
    assert found["_line"].tolist() == [2, 3, 5]  # rows of the sheet


def test_the_sheet_that_is_a_table_is_read_and_another_where_it_is_named(tmp_path):
    sheets = {"read me": [["Comments"], ["collected in May"]], "data": ROWS, "old": [["text", "label"], ["x", 1]]}
    path = save_workbook(tmp_path / "a.xlsx", sheets)
    table = open_table(path)
    assert table.count == 3 and "there are others: read me, old" in table.doubts[0]
    assert open_table(path, Reading(sheet="old")).count == 1 and not open_table(path, Reading(sheet="old")).doubts
    with pytest.raises(FoxhoundError, match=r"no sheet 'dta'\. Did you mean 'data'\? Sheets: read me, data, old"):
        open_table(path, Reading(sheet="dta"))


def test_a_workbook_under_another_name_is_read_as_one(tmp_path):
    table = open_table(save_workbook(tmp_path / "a.csv", {"data": ROWS}))
    assert table.count == 3 and "holds a workbook" in table.notes[0]


def test_two_columns_of_one_name_are_refused(tmp_path):
    with pytest.raises(FoxhoundError, match="sheet 'data' has two columns named 'text'"):
        open_table(save_workbook(tmp_path / "a.xlsx", {"data": [["text", "text"], ["a", "b"]]}))


def test_an_empty_sheet_holds_no_rows(tmp_path):
    assert open_table(save_workbook(tmp_path / "a.xlsx", {"data": []})).count == 0


def test_a_bomb_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = save_workbook(tmp_path / "a.xlsx", {"data": [["text"], ["a" * 200_000]]})
    assert path.stat().st_size < 10_000
    monkeypatch.setattr(unpacking, "MOST_BYTES", 1 << 16)
    with pytest.raises(FoxhoundError, match="more than 65,536 bytes once unpacked"):
        open_table(path)


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls"])
def test_what_is_no_workbook_is_named(name, tmp_path):
    for start in (b"PK\x03\x04" + bytes(200), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)):
        (tmp_path / name).write_bytes(start)
        with pytest.raises(FoxhoundError, match=r"not a readable workbook .*save the sheet as CSV"):
            open_table(tmp_path / name)
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("a.csv", "text")
    with pytest.raises(FoxhoundError, match=r"a ZIP archive, and no \.xlsx workbook"):
        open_table(tmp_path / name)


@pytest.mark.parametrize(
    "cell", ['<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "<x:row r='900000'><x:c r='ZZ1'/></x:row>"]
)
def test_a_cell_far_away_takes_no_memory(cell, tmp_path):
    save_workbook(tmp_path / "a.xlsx", {"data": ROWS})
    with zipfile.ZipFile(tmp_path / "a.xlsx") as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"</sheetData>", cell.encode() + b"</sheetData>"))
    with pytest.raises(FoxhoundError, match="more than 33,554,432 cells from the first to the last"):
        open_table(tmp_path / "b.xlsx")


def test_names_below_a_title_are_found(tmp_path):
    titled = [["Comments of May", None, None], *ROWS]
    table = open_table(save_workbook(tmp_path / "a.xlsx", {"data": titled}))
    assert table.columns == ["text", "label", "n"] and table.count == 3 and "in row 2, below 1 row(s)" in table.notes[0]
    spaced = [[None] * 3, ["Comments of May", None, None], [None] * 3, *ROWS]
    table = open_table(save_workbook(tmp_path / "a.xlsx", {"data": spaced}))
    assert table.columns == ["text", "label", "n"] and [line for line, _ in table.rows(["n"])] == [5, 6, 8]
    for header in (["text", None], ["the text", None]):
        rows = [header, ["a", 1], ["b", 0]]
        assert open_table(save_workbook(tmp_path / "a.xlsx", {"data": rows})).columns == [header[0], "Unnamed: 1"]


def test_a_workbook_of_excel_97_is_read():
    """Made by xlwt 1.3.0: an empty sheet, one of notes, and data below a merged title, with a number among the texts."""
    table = open_table(Path(__file__).parent / "excel97.xls")
    assert table.columns == ["id", "day", "text", "label"] and "there are others: read me" in table.doubts[0]
    rows = list(table.rows(table.columns))
    assert rows[:3] == [
        (3, [0, "2020-05-01", "the Zorbians ruin every street 0", "0"]),
        (4, [1, "2020-05-02", "\u201cn\u00e4\u00efve\u201d bread, \U0001f956 1", "1"]),
        (5, [2, "2020-05-03", "2016", "0"]),
    ]
    assert table.count == len(rows) == 6
