import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from foxhound.corpus.texts import LONGEST
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
    monkeypatch.setattr(shards, "READ", read)
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
    monkeypatch.setattr(shards, "READ", 2)
    monkeypatch.setattr(shards, "CHARACTERS", 300)
    pq.write_table(pa.table({"text": ["x" * 100] * 10}), tmp_path / "in.parquet")
    assert [len(answers) for answers in score_rows(str(tmp_path / "in.parquet"), "text", lengths, 0.5)] == [4, 4, 2]


def test_texts_that_repeat_come_as_text(tmp_path):
    pq.write_table(pa.table({"text": pa.array(["a", "bb", "a"]).dictionary_encode()}), tmp_path / "in.parquet")
    [answers] = score_rows(str(tmp_path / "in.parquet"), "text", lengths, 0.5)
    assert answers["p_hateful"].tolist() == pytest.approx([0.001, 0.002, 0.001])


def test_texts_that_are_too_long_are_not_gathered(tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "READ", 2)
    pq.write_table(pa.table({"text": ["x" * 1_000_000] * 100}), tmp_path / "in.parquet")
    with pq.ParquetFile(tmp_path / "in.parquet") as file:
        assert [texts for _, texts in shards._windows(file, "text")] == [[]]


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


@pytest.mark.parametrize(("folder", "message"), [(None, "Name a folder"), ("lost", "no folder with files")])
def test_no_shards(folder, message):
    with pytest.raises(FoxhoundError, match=message):
        find_shards(folder)


def test_answers_are_gathered_under_the_names_of_what_they_answer(tmp_path):
    (tmp_path / "a%20b.parquet").write_text("answer")
    gather_answers({"somewhere/a b.parquet": str(tmp_path / "a%20b.parquet")}, tmp_path / "all")
    assert [(path.name, path.read_text()) for path in (tmp_path / "all").iterdir()] == [("a b.parquet", "answer")]
    assert (tmp_path / "a%20b.parquet").exists()


def test_reasons_in_words():
    assert describe_reasons({}) == "every row was scored"
    assert describe_reasons({"no text": 3, "empty": 1}) == "3 no text, 1 empty"
