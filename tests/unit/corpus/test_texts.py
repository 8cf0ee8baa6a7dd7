import io
import json
import os
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from foxhound.corpus.readers import open_table
from foxhound.corpus.texts import LONGEST, open_texts, read_texts, reason_unscorable, split_scorable
from foxhound.errors import FoxhoundError


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("a comment", None),
        ("x" * LONGEST, None),
        ("x" * (LONGEST + 1), "longer than 100,000 characters"),
        (None, "no text"),
        (pd.NA, "no text"),
        (np.array(["a", "b"]), "not text"),
        (float("nan"), "no text"),
        (" \n", "empty"),
        ("", "empty"),
        (7, "not text"),
        (b"bytes", "not text"),
        (["a", "list"], "not text"),
        ("half \ud83d", "half a character (an unpaired surrogate)"),
    ],
)
def test_what_cannot_be_scored_has_a_reason(value, reason):
    assert reason_unscorable(value) == reason


def test_reasons_keep_their_places():
    assert split_scorable(["a", None, "b"]) == ([None, "no text", None], ["a", "b"])


FRAME = pd.DataFrame({"text": ["one, two", 'say "no"', "עברית 🦊"], "n": [1, 2, 3]})
WRITE = {
    "csv": lambda path: FRAME.to_csv(path, index=False),
    "tsv": lambda path: FRAME.to_csv(path, index=False, sep="\t"),
    "jsonl": lambda path: path.write_text("\n".join(map(json.dumps, FRAME.to_dict("records")))),
    "parquet": lambda path: FRAME.to_parquet(path),
    "txt": lambda path: path.write_text("\ufeff" + "\n".join(FRAME["text"]), encoding="utf-8"),
}


@pytest.mark.parametrize("format", WRITE)
def test_every_format_gives_the_same_texts(format, tmp_path):
    path = tmp_path / f"comments.{format}"
    WRITE[format](path)
    assert read_texts(str(path), "text") == FRAME["text"].tolist()
    if format != "txt":
        with pytest.raises(FoxhoundError, match=r"no column 'txet'\. Did you mean 'text'"):
            read_texts(str(path), "txet")


@pytest.mark.parametrize(
    "first", ['"all of it"', "[1] a note", "{x} and y", "text\tand more", '["a"] b', "text", "a,b"]
)
def test_sentences_that_look_like_something_else_are_sentences(first, tmp_path):
    (tmp_path / "a.txt").write_text(f"{first}\nanother\n")
    column = "body" if "\t" in first else "text"
    assert read_texts(str(tmp_path / "a.txt"), column) == [first, "another"]


@pytest.mark.parametrize(
    "text",
    [
        "id\ttext\r\n1\tone, two\r\n",
        '{"text": "one, two"}\n',
        '[{"text": "one, two"}]',
        'text,label\n"one, two",0\n',
        '"id";"text"\n1;one, two\n',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_table_under_the_name_of_a_text_is_a_table(text, encoding, tmp_path):
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    assert read_texts(str(tmp_path / "a.txt"), "text") == ["one, two"]


def test_other_columns_come_with_the_texts(tmp_path):
    FRAME.to_csv(tmp_path / "a.csv", index=False)
    texts = open_texts(str(tmp_path / "a.csv"), "text", ["n"])
    assert texts.count == 3 and [row for _, row in texts.values] == [["1"], ["2"], ["3"]]
    with pytest.raises(FoxhoundError, match=r"no column 'm'.* Columns: text, n"):
        open_texts(str(tmp_path / "a.csv"), "text", ["m"])
    (tmp_path / "a.txt").write_text("a\n")
    with pytest.raises(FoxhoundError, match="a text a line, without columns to keep"):
        open_texts(str(tmp_path / "a.txt"), "text", ["n"])


@pytest.mark.parametrize(("name", "message"), [("a.doc", "It can end in .csv"), ("folder", "a folder. Name a file")])
def test_what_is_no_file_of_texts_is_refused(name, message, tmp_path):
    (tmp_path / "a.doc").write_text("a\n")
    (tmp_path / "folder").mkdir()
    with pytest.raises(FoxhoundError, match=message):
        open_texts(str(tmp_path / name), "text")


def test_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO("one\r\n\nthr\u2028ée\n".encode())))
    assert read_texts("-", "text") == ["one", "", "thr\u2028ée"]


def test_a_file_that_is_not_text_is_refused(tmp_path):
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    with pytest.raises(FoxhoundError, match=r"not UTF-8 in line 1: byte 0xE9 \(byte 3 of the file\)"):
        read_texts(str(tmp_path / "latin.txt"), "text")
    with pytest.raises(FoxhoundError, match="no such file"):
        read_texts(str(tmp_path / "lost.txt"), "text")


@pytest.mark.parametrize("lines", ["a text\tOFFENSE\nb\tOTHER\n", "Tweet\tHS\r\n\r\na\t1\r\n"])
def test_a_table_without_the_column_is_not_scored_as_lines(lines, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(lines.encode())
    with pytest.raises(FoxhoundError, match=r"1 tab\(s\) in every line.*--format tsv --column NAME"):
        read_texts(str(path), "text")
    texts = open_texts(str(path), "text", format="txt")
    assert [text for text, _ in texts.values] == lines.replace("\r", "").split("\n")[:-1]


@pytest.mark.parametrize(
    ("header", "hint"),
    [
        ("id,comment_text,threat", "Did you mean 'comment_text'"), ("Tweet,tex", "Did you mean 'Tweet'"),
        ("7,hate", "The first line looks like a row"), ("", "an empty file"),
    ],
)  # fmt: skip
def test_a_column_that_is_not_there_is_explained(header, hint, tmp_path):
    (tmp_path / "a.csv").write_text(f"{header}\n" if header else "")
    with pytest.raises(FoxhoundError, match=hint):
        read_texts(str(tmp_path / "a.csv"), "text")


def test_lines_of_an_old_macintosh_are_lines(tmp_path):
    (tmp_path / "a.txt").write_bytes("one\rtwo\u2028 too\r".encode("utf-16"))
    assert read_texts(str(tmp_path / "a.txt"), "text") == ["one", "two\u2028 too"]


def test_a_table_with_commas_under_the_name_of_a_text_is_a_table_of_another_column(tmp_path):
    (tmp_path / "a.txt").write_text("Tweet,HS\na,0\n")
    with pytest.raises(FoxhoundError, match=r"no column 'text'\. Did you mean 'Tweet'"):
        read_texts(str(tmp_path / "a.txt"), "text")


def test_names_in_quotes_with_spaces_between_them_are_a_header(tmp_path):
    (tmp_path / "a.txt").write_text('"text" "label"\n"a b" 0\n"c" 1\n')
    assert read_texts(str(tmp_path / "a.txt"), "text") == ["a b", "c"]


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("text,n\na,1\ntext,n\nb,2\n", "line 3 repeats the header"), ("text,n\nb'a',1\nc,2\n", "1 text as Python writes bytes"),
        ("text,n\nnan,1\nc,2\n", "1 text with nothing but a word for no text"), ("a\nb'c'\n", "1 text as Python writes bytes"),
    ],
)  # fmt: skip
def test_what_is_in_doubt_about_texts_to_score_is_said(text, note, tmp_path):
    path = tmp_path / ("a.csv" if "," in text else "a.txt")
    path.write_text(text)
    texts = open_texts(str(path), "text")
    assert len(list(texts.values)) == texts.count and texts.notes[-1].startswith(note)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.csv")
    for read in (open_table, lambda path: open_texts(str(path), "text")):
        with pytest.raises(FoxhoundError, match=r"a pipe or a device, and no file\. Save what comes from it"):
            read(tmp_path / "a.csv")
