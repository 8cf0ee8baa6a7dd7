import io
import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from foxhound.corpus.texts import LONGEST, read_texts, reason_unscorable, split_scorable
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


def test_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO("one\r\n\nthr\u2028ée\n".encode())))
    assert read_texts("-", "text") == ["one", "", "thr\u2028ée"]


def test_a_file_that_is_not_text_is_refused(tmp_path):
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    with pytest.raises(FoxhoundError, match=r"not UTF-8 in line 1: byte 0xE9 \(byte 3 of the file\)"):
        read_texts(str(tmp_path / "latin.txt"), "text")
    with pytest.raises(FoxhoundError, match="no such file"):
        read_texts(str(tmp_path / "lost.txt"), "text")
