import os
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from foxhound.corpus import parquet_rows
from foxhound.corpus.texts import LONGEST, open_texts
from foxhound.errors import FoxhoundError
from foxhound.inference import shards
from foxhound.inference.shards import describe_reasons, find_shards, gather_answers, score_rows
from foxhound.tables import read_table, table_writer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

BAD = {None: "no text", "": "empty", "x" * (LONGEST + 1): "longer than 100,000 characters"}


def lengths(texts: list[str]) -> np.ndarray:
    """Score texts by their lengths, so that an answer tells which text it is for."""
    return np.array([len(text) / 1000 for text in texts], np.float32)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.sampled_from([*BAD, "a", "bb", "ccc", "dddd"]), max_size=20),
    read=st.integers(1, 5),
    window=st.integers(1, 7),
)
def test_every_row_has_its_answer_in_its_place(texts, read, window, tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_rows, "READ", read)
    monkeypatch.setattr(shards, "WINDOW", window)
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"n": range(len(texts)), "said": pa.array(texts, pa.string())}), path)
    output = tmp_path / "out.parquet"
    with table_writer(output, "answers", {}) as write:
        for frame in score_rows(str(path), "said", lengths, 0.0025):
            write(frame)
    answers = read_table(output, "answers")
    assert answers["row"].tolist() == list(range(len(texts)))
    for text, (_, row) in zip(texts, answers.iterrows(), strict=True):
        if text in BAD:
            assert (row["reason"], pd.isna(row["p_hateful"]), row["hateful"]) == (BAD[text], True, None)
        else:
            assert row["p_hateful"] == pytest.approx(len(text) / 1000)
            assert (row["hateful"], pd.isna(row["reason"])) == (len(text) >= 3, True)


def test_what_is_not_text_is_kept_with_that_reason(tmp_path):
    pq.write_table(pa.table({"text": [1, 2], "list": [["a"], None]}), tmp_path / "in.parquet")
    for column, expected in {"text": ["not text", "not text"], "list": ["not text", "no text"]}.items():
        [answers] = score_rows(str(tmp_path / "in.parquet"), column, lengths, 0.5)
        assert answers["reason"].tolist() == expected


def test_a_text_that_is_not_utf8_loses_no_row(tmp_path):
    broken = pa.array([b"good", b"caf\xe9", None, "\u00e9".encode()]).view(pa.string())
    for column in (broken, broken.dictionary_encode()):
        pq.write_table(pa.table({"text": column}), tmp_path / "in.parquet")
        [answers] = score_rows(str(tmp_path / "in.parquet"), "text", lengths, 0.5)
        assert answers["reason"].fillna("").tolist() == ["", "not text", "no text", ""]


def test_a_window_of_long_texts_has_fewer_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "CHARACTERS", 300)
    pq.write_table(pa.table({"text": ["x" * 100] * 10}), tmp_path / "in.parquet")
    assert [len(answers) for answers in score_rows(str(tmp_path / "in.parquet"), "text", lengths, 0.5)] == [3, 3, 3, 1]


def test_texts_that_repeat_come_as_text(tmp_path):
    pq.write_table(pa.table({"text": pa.array(["a", "bb", "a"]).dictionary_encode()}), tmp_path / "in.parquet")
    [answers] = score_rows(str(tmp_path / "in.parquet"), "text", lengths, 0.5)
    assert answers["p_hateful"].tolist() == pytest.approx([0.001, 0.002, 0.001])


def test_texts_that_are_too_long_are_not_gathered(tmp_path):
    pq.write_table(pa.table({"text": ["x" * 1_000_000] * 100}), tmp_path / "in.parquet")
    values = open_texts(str(tmp_path / "in.parquet"), "text").values
    assert [texts for _, texts in shards._windows(values, lambda text: False)] == [[]]


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "in.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(FoxhoundError, match=r"in\.parquet: damaged"):
        list(score_rows(str(tmp_path / "in.parquet"), "text", lengths, 0.5))
    pq.write_table(pa.table({"txt": ["a"]}), tmp_path / "in.parquet")
    with pytest.raises(FoxhoundError, match=r"no column 'text'\. Did you mean 'txt'"):
        list(score_rows(str(tmp_path / "in.parquet"), "text", lengths, 0.5))


def test_names_from_data_stay_names(tmp_path):
    names = ["plain", "with space", "%2e", "$HOME", "ünï", "a.."]
    for name in [*names, "folder"]:
        (tmp_path / f"{name}.parquet").mkdir() if name == "folder" else (tmp_path / f"{name}.parquet").touch()
    files = find_shards(str(tmp_path))
    assert len(files) == len(names)
    assert set(files.values()) == {str(tmp_path / f"{name}.parquet") for name in names}
    assert not set("".join(files)) & set(" /$*ü")


def test_a_name_that_snakemake_would_take_for_a_pattern_is_refused(tmp_path):
    for name in ("{wildcard}", "<pathvar>"):
        (tmp_path / f"{name}.parquet").touch()
        with pytest.raises(FoxhoundError, match="Rename"):
            find_shards(str(tmp_path))
        (tmp_path / f"{name}.parquet").unlink()


def test_long_names_are_shortened_and_hidden_files_left_alone(tmp_path):
    names = ["評論" * 20 + end for end in "ab"]
    for name in [*names, ".hidden"]:
        (tmp_path / f"{name}.parquet").touch()
    files = find_shards(str(tmp_path))
    assert len(files) == 2 and max(map(len, files)) < 200


@pytest.mark.parametrize(("folder", "message"), [(None, "Name a folder"), ("lost", "no folder with tables")])
def test_no_shards(folder, message):
    with pytest.raises(FoxhoundError, match=message):
        find_shards(folder)


def test_answers_are_gathered_under_the_names_of_what_they_answer(tmp_path):
    scored = ["a b.parquet", "lang=en/1.parquet", "lang=es/1.parquet", "B.PARQUET", "c.csv"]
    files = {f"somewhere/{path}": str(tmp_path / f"{number}.parquet") for number, path in enumerate(scored)}
    for path, answer in files.items():
        Path(answer).write_text(path)
    gather_answers(files, tmp_path / "all", "somewhere")
    found = {
        path.relative_to(tmp_path / "all").as_posix(): path.read_text()
        for path in (tmp_path / "all").rglob("*.parquet")
    }
    assert found == {
        "a b.parquet": "somewhere/a b.parquet", "lang=en/1.parquet": "somewhere/lang=en/1.parquet",
        "lang=es/1.parquet": "somewhere/lang=es/1.parquet", "B.parquet": "somewhere/B.PARQUET", "c.csv.parquet": "somewhere/c.csv",
    }  # fmt: skip
    assert all(map(os.path.exists, files.values()))


def test_a_folder_is_scored_as_pyarrow_reads_it_and_what_is_no_table_is_told_of(tmp_path, caplog):
    for path in (
        "lang=en/part-1.parquet",
        "lang=es/part-1.parquet",
        "B.PARQUET",
        "c.csv",
        "_SUCCESS",
        ".x/d.parquet",
        "notes.txt",
    ):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        pq.write_table(pa.table({"text": [path]}), tmp_path / path) if path.lower().endswith("parquet") else (
            tmp_path / path
        ).touch()
    files = find_shards(str(tmp_path))
    assert sorted(files) == ["B", "c.csv", "lang%3Den%2Fpart-1", "lang%3Des%2Fpart-1"]
    as_arrow = [Path(path) for path in ds.dataset(tmp_path, format="parquet", exclude_invalid_files=True).files]
    assert {Path(path) for path in files.values()} - {tmp_path / "c.csv"} == {*as_arrow}
    assert "1 file(s)" in caplog.text and "notes.txt" in caplog.text


def test_two_files_whose_answers_would_have_one_name_are_refused(tmp_path):
    for name in ("a.csv", "a.csv.parquet"):
        (tmp_path / name).touch()
    with pytest.raises(FoxhoundError, match="would have one name"):
        find_shards(str(tmp_path))


def test_a_text_that_leaves_no_token_has_that_reason(tmp_path):
    pq.write_table(pa.table({"text": ["a", "\u200b"]}), tmp_path / "in.parquet")
    [answers] = score_rows(str(tmp_path / "in.parquet"), "text", lengths, 0.5, lambda text: text == "\u200b")
    assert answers["reason"].fillna("").tolist() == ["", "leaves no token"] and answers[
        "p_hateful"
    ].isna().tolist() == [False, True]


@pytest.mark.parametrize("name", ["in.csv", "in.jsonl", "in.tsv"])
def test_every_format_is_scored(name, tmp_path):
    frame = pd.DataFrame({"text": ["a", "bb"], "n": [1, 2]})
    if name.endswith("jsonl"):
        frame.to_json(tmp_path / name, orient="records", lines=True)
    else:
        frame.to_csv(tmp_path / name, index=False, sep="," if name.endswith("csv") else "\t")
    [answers] = score_rows(str(tmp_path / name), "text", lengths, 0.5)
    assert answers["p_hateful"].tolist() == pytest.approx([0.001, 0.002])


def test_reasons_in_words():
    assert describe_reasons({}) == "every row was scored"
    assert describe_reasons({"no text": 3, "empty": 1}) == "3 no text, 1 empty"


def test_what_is_no_file_is_told_of(tmp_path, caplog):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("text\na\n")
    os.mkfifo(tmp_path / "in" / "b.csv")
    (tmp_path / "in" / "lost.csv").symlink_to("nowhere")
    (tmp_path / "in" / "linked").symlink_to(tmp_path)
    assert [*find_shards(str(tmp_path / "in"))] == ["a.csv"]
    assert "3 file(s)" in caplog.text and all(name in caplog.text for name in ("b.csv", "lost.csv", "linked"))
