"""Tell a table's format by its name and by its first bytes; there is one list of formats for every command."""

import re
from pathlib import Path

from foxhound.corpus.encodings import utf16_without_mark
from foxhound.corpus.unpacking import PACKED, first_bytes
from foxhound.errors import FoxhoundError

FORMATS = {"csv": "csv", "tsv": "tsv", "tab": "tsv", "txt": "txt", "jsonl": "jsonl", "ndjson": "jsonl", "json": "jsonl"}
FORMATS |= {"parquet": "parquet", "pq": "parquet", "xlsx": "workbook", "xlsm": "workbook", "xls": "workbook"}
"""Ending of a name -> format. `txt` is a text per line where texts are asked for, and a table for a corpus."""
ENDINGS = ", ".join(f".{ending}" for ending in FORMATS)
NAMES = {
    "csv": "fields with separators",
    "jsonl": "JSON",
    "parquet": "a Parquet file",
    "workbook": "a workbook",
}
OTHER_KINDS = {
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"%PDF": "a PDF document",
    b"ARROW1": "an Arrow (Feather) file",
    b"\xff\xff\xff\xff": "an Arrow stream",
    b"\x93NUMPY": "a NumPy array",
    b"$FL2": "an SPSS file",
    b"<stata_dta>": "a Stata file",
    b"X\n\0\0\0": "an R data file",
    b"RDX2\n": "an R data file",
    b"RDX3\n": "an R data file",
    b"\x1f\x8b": "packed twice",
    b"SQLite format 3": "a SQLite database",
    b"\x89HDF": "an HDF5 file",
    b"\x80\x04\x95": "a pickle, which could run code",
    b"\x80\x05\x95": "a pickle, which could run code",
}
OTHER_TEXTS = {
    r"version https://git-lfs\.github\.com": "a pointer of Git LFS, which stands for the file itself: git lfs pull",
    r"((404|403)\W+)?(Not Found|Forbidden|Access Denied)\.?\s*$": (
        "what a server said instead of a file. Download it again"
    ),
    r"@relation\s": "an ARFF file. Save the table as CSV (UTF-8)",
    r"MIME-Version:|<!--|<(!doctype|html|head|body|meta|style|\?xml|table)\b": (
        "a web page or XML, not a table. Open it in a spreadsheet program and save the sheet as CSV (UTF-8)"
    ),
    r"(\[\s*)?\{'[^'\n]*':": (
        "Python's way to write objects, no JSON. Write each with json.dumps(ast.literal_eval(line))"
    ),
    r"\|[^\n]*\|\s*\n\s*\|[ :|-]+\|\s*\n": "a table as Markdown writes it. Save it as CSV (UTF-8)",
    r"__label__\S+\s": (
        "lines in the form of fastText. Make a table of them: "
        r"(printf 'label\ttext\n'; sed -E 's/^__label__([^ ]+) /\1\t/' FILE) > NEW.tsv"
    ),
}
"""Start of a text, in any case -> what it is, and what to do."""
SCRIPT = re.compile(r"//|/\*|(var|let|const|export)\s|[\w.$]+(\.push)?\s*[=(]\s*[\[{]")
TAR, TAR_AT = b"ustar", 257  # bytes from its start
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
JSON_START = re.compile(r'\{\s*["}]|\[\s*[\[{"\]]|\[\s*$')


def format_of(path: str | Path) -> str | None:
    """Return the format that a file's name tells, compressed or not, or None."""
    name = Path(path).name.lower()
    for ending in PACKED:
        name = name.removesuffix(ending)
    return FORMATS.get(name.rpartition(".")[2]) if "." in name else None


def as_text(start: bytes) -> str | None:
    """Return the first bytes of a file as text, for a look at them; None where they are none."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return start.decode("utf-16", "ignore")
    if b"\0" in start:
        encoding = utf16_without_mark(start)
        return start[: len(start) // 2 * 2].decode(encoding, "ignore") if encoding else None
    return start.decode("utf-8", "ignore").removeprefix("\ufeff")


def format_by_content(start: bytes) -> str | None:
    """Return the format that a file's first bytes tell: one of `NAMES`; None for bytes that are no text, or nothing."""
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith((ZIP, OLE)):
        return "workbook"
    text = as_text(start)
    if text is None or not text.strip():
        return None
    return "jsonl" if JSON_START.match(text.lstrip()) else "csv"


def _is_value(start: bytes) -> bool:
    """Say whether the first line is a word, a number, a list, null, true or false in JSON; CSV may begin so too."""
    line = (as_text(start) or "").lstrip().partition("\n")[0]
    return bool(re.fullmatch(r'("([^"\\]|\\.)*"|null|true|false|-?\d+|\[.*\])\s*', line))


def _refuse_others(path: Path, start: bytes) -> None:
    """Refuse what is no table, by its first bytes."""
    if start[TAR_AT:].startswith(TAR):
        raise FoxhoundError(f"{path}: a tar archive. Unpack it (tar -xf FILE), and name the table in it.")
    if kind := next((kind for sign, kind in OTHER_KINDS.items() if start.startswith(sign)), None):
        raise FoxhoundError(f"{path}: {kind}. Save the table as CSV (UTF-8), plain or packed as .gz or .zst.")
    text = (as_text(start) or "").lstrip()
    if kind := next((kind for sign, kind in OTHER_TEXTS.items() if re.match(sign, text, re.IGNORECASE)), None):
        raise FoxhoundError(f"{path}: {kind}.")


def find_format(path: Path, name: str | Path, asked: str | None = None) -> tuple[str, str | None]:
    """Return the format of a file, and a note where its name says another one than its content.

    Args:
        path: the file.
        name: what it is called; a downloaded file lies under another name.
        asked: the format that the user names; the content is then looked at only for what is no table at all.

    Raises:
        FoxhoundError: neither name nor user tell a format, or the content is no table.
    """
    named, start = asked or format_of(name), first_bytes(path)
    if named is None and start.startswith(ZIP):
        raise FoxhoundError(f"{name}: a ZIP archive. Unpack it, or save the workbook as .xlsx, and name what you get.")
    _refuse_others(path, start)
    if named is None:
        raise FoxhoundError(
            f"{name}: no format is known by its name. It can end in {ENDINGS} (text also in .gz or .zst); rename it, "
            "or name its format (`format: csv` under `corpus` in config.yaml; --format csv)."
        )
    found = format_by_content(start)
    if named == "jsonl" and found == "csv" and _is_value(start):
        return named, None  # values that are no objects: its reader says so
    if named == "jsonl" and found == "csv" and SCRIPT.match((as_text(start) or "").lstrip()):
        raise FoxhoundError(
            f"{path}: JSON with comments or a script around it. Keep what stands from the first [ or {{ to the last."
        )
    family = {"tsv": "csv", "txt": "csv"}.get(named, named)
    if asked or found is None or found == family:
        return named, None
    return found, f"{Path(name).name} holds {NAMES[found]}, whatever its name says, and is read so"
