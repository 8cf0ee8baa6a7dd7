import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from foxhound.corpus.loading import column_digests, comment_ids, load_comments, read_comments, summary
from foxhound.corpus.problems import SHOWN
from foxhound.errors import FoxhoundError
from foxhound.tables import write_table
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).parents[3]
JSONL = {"format": "jsonl", "text": "text", "label": "label", "title": "title", "group": "title", "user": "user"}
PLAIN = {"text": "text", "label": "label"}
ROWS: list[dict[str, Any]] = [
    {"text": "Go home!", "label": 1, "title": "Vote", "user": "ann"},
    {"text": "Well said.", "label": 0, "title": "Vote", "user": "bob"},
    {"text": "“Naïve” 🦊", "label": 0, "title": "Sport", "user": "ann"},
]
TEXT = st.text(max_size=3)


def saved(folder: Path, rows: list[Any]) -> Path:
    path = folder / "comments.json"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def refusal(path: Path, definition: dict[str, Any] = JSONL) -> str:
    with pytest.raises(FoxhoundError) as refused:
        load_comments(path, definition)
    assert str(path) in str(refused.value)
    return str(refused.value)


def in_format(folder: Path, name: str) -> Path:
    path, frame = folder / f"comments.{name}", pd.DataFrame(ROWS)
    if name == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    elif name == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_csv(path, sep="," if name == "csv" else "\t", index=False)
    return path


def test_what_programs_left_in_texts_is_a_doubt_and_a_note(tmp_path):
    path = saved(tmp_path, [{"text": "b'one'", "label": 1}, {"text": "two", "label": 0}])
    _, found = read_comments(path, PLAIN)
    assert found["doubts"] == found["notes"] and "1 text as Python writes bytes" in found["doubts"][0]


def test_all_that_is_known_of_a_user_is_no_name(tmp_path):
    rows = [{"text": f"{n}", "label": n % 2, "user": {"name": "ann"} if n else "bob"} for n in range(3)]
    assert "line 2: user is a list or an object" in refusal(saved(tmp_path, rows), PLAIN | {"user": "user"})


@pytest.mark.parametrize("name", ["jsonl", "csv", "tsv", "parquet"])
def test_every_format_gives_the_same_comments(name, tmp_path):
    frame = load_comments(in_format(tmp_path, name), JSONL | {"format": name})
    assert frame["text"].tolist() == [row["text"] for row in ROWS]
    assert frame["label"].tolist() == [1, 0, 0]
    assert frame["thread"].tolist() == frame["title"].tolist() == ["Vote", "Vote", "Sport"]
    assert frame["user"].tolist() == ["ann", "bob", "ann"]
    assert frame["id"].tolist() == load_comments(saved(tmp_path, ROWS), JSONL)["id"].tolist()
    write_table(frame, tmp_path / "comments.parquet", "comments", {})


def test_a_byte_order_mark_and_blank_lines_are_nothing(tmp_path):
    path = tmp_path / "comments.json"
    path.write_text("\ufeff" + "\n\n".join(map(json.dumps, ROWS)) + "\n \n", encoding="utf-8")
    assert len(load_comments(path, JSONL)) == 3


def test_the_title_stands_in_for_a_missing_thread(tmp_path):
    definition = JSONL | {"group": None, "user": None}
    frame = load_comments(saved(tmp_path, ROWS), definition)
    assert frame["thread"].tolist() == ["Vote", "Vote", "Sport"]
    assert frame["user"].isna().all()
    without = load_comments(saved(tmp_path, ROWS), PLAIN | {"format": "jsonl"})
    assert without["thread"].tolist() == ["", "", ""]
    assert without["title"].isna().all()


def test_words_of_a_csv_that_pandas_takes_for_missing_stay_words(tmp_path):
    (tmp_path / "c.csv").write_text("text,label\nNA,0\nnull,1\n")
    frame = load_comments(tmp_path / "c.csv", PLAIN | {"format": "csv"})
    assert frame["text"].tolist() == ["NA", "null"]


def test_labels_may_be_words(tmp_path):
    rows = [row | {"label": "hate" if row["label"] else "none"} for row in ROWS]
    assert load_comments(saved(tmp_path, rows), JSONL | {"positive": "hate"})["label"].tolist() == [1, 0, 0]
    message = refusal(saved(tmp_path, rows), JSONL | {"positive": "Hate"})
    assert "no label equals 'Hate' (config key `corpus.positive`). Did you mean 'hate'? Labels: hate, none." in message


@pytest.mark.parametrize("label", [2, "yes", 0.5, [1]])
def test_another_label_is_refused_with_its_line(label, tmp_path):
    assert f"line 3: label {label!r} is not 0, 1, true or false" in refusal(
        saved(tmp_path, [ROWS[0], "", ROWS[1] | {"label": label}])
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (ROWS[0] | {"text": " \n"}, "line 2: the text is empty"),
        (ROWS[0] | {"text": ["a"]}, "line 2: the text is not a string"),
        ({"label": 1, "title": "Vote", "user": "ann"}, "line 2: the text is missing"),
        ('{"text": ', "line 2: broken JSON"),
        ("[1]", "line 2: broken JSON: a list where an object was expected"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(row, message, tmp_path):
    assert message in refusal(saved(tmp_path, [ROWS[1], row, ROWS[2]]))


def test_many_problems_are_counted_and_the_first_ones_shown(tmp_path):
    message = refusal(saved(tmp_path, [json.dumps(ROWS[0]), *["{"] * (SHOWN + 3)]))
    assert f"{SHOWN + 3} problem(s)" in message
    assert message.count("broken JSON") == SHOWN
    assert "... and 3 more" in message


def test_a_missing_column_names_the_key_and_the_nearest(tmp_path):
    message = refusal(saved(tmp_path, ROWS), JSONL | {"text": "txt"})
    assert "`corpus.text`" in message
    assert "Did you mean 'text'?" in message
    assert "Columns: text, label, title, user." in message
    assert "`corpus.user`" in refusal(saved(tmp_path, ROWS), JSONL | {"user": "author"})


def test_one_class_or_no_comment_is_refused(tmp_path):
    assert "all 2 labels are 0" in refusal(saved(tmp_path, ROWS[1:]))
    (tmp_path / "c.csv").write_text("text,label,title,user\n")
    assert "holds no comments" in refusal(tmp_path / "c.csv", JSONL | {"format": "csv"})


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    assert "nothing.json: there is no such file" in refusal(tmp_path / "nothing.json")
    (tmp_path / "latin.json").write_bytes('{"text": "café"}'.encode("latin-1"))
    assert "not UTF-8 in line 1: byte 0xE9 (byte 13 of the file)" in refusal(tmp_path / "latin.json")
    (tmp_path / "c.parquet").write_bytes(b"text,label")
    assert "not a Parquet file" in refusal(tmp_path / "c.parquet", JSONL | {"format": "parquet"})
    (tmp_path / "c.csv").write_text("text,label\na,0\nb,1,1\n")
    assert "line 3" in refusal(tmp_path / "c.csv", JSONL | {"format": "csv"})


@given(st.lists(TEXT, min_size=1, max_size=12, unique=True), st.randoms())
def test_ids_do_not_move_when_other_rows_come_go_and_change_place(texts, random):
    ids = dict(zip(texts, comment_ids(texts), strict=True))
    sample = random.sample(texts, random.randint(0, len(texts)))
    assert comment_ids(sample) == [ids[text] for text in sample]
    assert len(set(ids.values())) == len(texts)


@given(st.lists(TEXT, max_size=12))
def test_ids_are_unique_even_where_comments_repeat(texts):
    ids = comment_ids(texts * 2)
    assert len(set(ids)) == len(ids)
    assert ids[: len(texts)] == comment_ids(texts)
    assert all(len(bytes.fromhex(comment)) == 8 for comment in ids)


@pytest.mark.parametrize("fix", [{"label": 1}, {"title": "Votes"}, {"user": "eve"}])
def test_a_fix_in_another_column_keeps_the_id(fix, tmp_path):
    before = load_comments(saved(tmp_path, ROWS), JSONL)
    after = load_comments(saved(tmp_path, [ROWS[0], ROWS[1] | fix, ROWS[2]]), JSONL)
    assert before["id"].tolist() == after["id"].tolist()


def test_a_corpus_may_bring_its_own_ids(tmp_path):
    definition = JSONL | {"id": "number"}
    rows = [row | {"number": number} for number, row in enumerate(ROWS)]
    assert load_comments(saved(tmp_path, rows), definition)["id"].tolist() == ["0", "1", "2"]
    assert "line 3: id 0 stands in line 1 already" in refusal(saved(tmp_path, [*rows[:2], rows[0]]), definition)
    assert "line 2: no id" in refusal(saved(tmp_path, [rows[0], rows[1] | {"number": None}]), definition)


def test_the_summary_counts_by_hand(tmp_path):
    counts = summary(load_comments(saved(tmp_path, ROWS), JSONL))
    assert {name: counts[name] for name in ("comments", "hateful", "articles", "users")} == {
        "comments": 3,
        "hateful": 1,
        "articles": 2,
        "users": 2,
    }


def test_a_column_has_a_digest_of_its_own(tmp_path):
    frame = load_comments(saved(tmp_path, ROWS), JSONL)
    digests = column_digests(frame)
    assert column_digests(load_comments(saved(tmp_path, ROWS), JSONL)) == digests
    for column in frame.columns.drop("id"):
        changed = frame.copy()
        changed[column] = changed[column].replace(changed[column].iloc[0], 0 if column == "label" else "else")
        if column == "user":
            assert column_digests(changed) == digests  # another name, and the same comments by one person
            changed.loc[0, "user"] = "somebody else"
            changed.loc[1, "user"] = "somebody else"
        after = column_digests(changed)
        assert {name for name in digests if after[name] != digests[name]} == {column}


def test_every_digest_sees_the_rows_and_their_order(tmp_path):
    frame = load_comments(saved(tmp_path, ROWS), JSONL)
    for other in (frame.iloc[::-1], frame.iloc[1:]):
        assert not set(column_digests(other).values()) & set(column_digests(frame).values())


def test_fox_news_has_the_published_counts():
    # Gao and Huang 2017, section 3: 1,528 comments, 435 of them hateful, 10 threads, 678 users
    definition = yaml.safe_load((ROOT / "config.yaml").read_text())["corpus"]
    path = ROOT.parent / "shared" / "data" / "fox-news-comments.json"
    if not path.is_file():
        pytest.skip("the Fox News corpus is not beside this checkout (../shared/data/fox-news-comments.json)")
    counts = summary(load_comments(path, definition))
    assert (counts["comments"], counts["hateful"], counts["articles"], counts["users"]) == (1528, 435, 10, 678)


@pytest.mark.parametrize("absent", [{"user": None}, {}])
def test_a_null_user_stays_null(absent, tmp_path):
    row = {"text": "Who?", "label": 0, "title": "Vote"} | absent
    frame = load_comments(saved(tmp_path, [*ROWS, row]), JSONL)
    assert frame["user"].isna().tolist() == [False, False, False, True]
    assert summary(frame)["users"] == 2


def test_a_null_thread_is_empty(tmp_path):
    frame = load_comments(saved(tmp_path, [*ROWS, ROWS[1] | {"title": None}]), JSONL)
    assert frame["thread"].tolist() == ["Vote", "Vote", "Sport", ""]


def test_a_null_elsewhere_keeps_the_ids_of_numbered_threads(tmp_path):
    rows = [row | {"title": number} for number, row in enumerate(ROWS)]
    alone = load_comments(saved(tmp_path, rows), JSONL)["id"].tolist()
    assert load_comments(saved(tmp_path, [*rows, ROWS[1] | {"title": None}]), JSONL)["id"].tolist()[:3] == alone


def test_a_missing_label_blames_only_its_line(tmp_path):
    message = refusal(saved(tmp_path, [*ROWS, {"text": "Who?", "title": "Vote", "user": "ann"}]))
    assert "1 problem(s)" in message
    assert "line 4" in message


def test_a_missing_label_is_refused_where_labels_are_words(tmp_path):
    rows = [row | {"label": "hate" if row["label"] else "none"} for row in ROWS]
    missing = {"text": "Who?", "title": "Vote", "user": "ann"}
    assert "line 4" in refusal(saved(tmp_path, [*rows, missing]), JSONL | {"positive": "hate"})


def test_a_csv_problem_names_its_line_after_a_quoted_line_break(tmp_path):
    (tmp_path / "c.csv").write_text('text,label\n"a\nb",0\nc,7\n')
    definition = PLAIN | {"format": "csv"}
    assert "line 4: label '7'" in refusal(tmp_path / "c.csv", definition)


def test_an_empty_jsonl_file_holds_no_comments(tmp_path):
    assert "holds no comments" in refusal(saved(tmp_path, []))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('text,label\n"he said "no" to it",0\n', "line 2: "),
        ("text,text,label\na,b,0\n", "the header has 'text' more than once"),
    ],
)
def test_a_malformed_csv_is_explained(text, message, tmp_path):
    path = tmp_path / "comments.csv"
    path.write_text(text)
    assert message in refusal(path, JSONL | {"format": "csv"})


def test_half_a_character_is_refused_with_its_line(tmp_path):
    assert "line 2: half a character" in refusal(saved(tmp_path, [ROWS[0], ROWS[1] | {"text": "\ud800"}]))


def test_json_without_end_is_refused(tmp_path):
    (tmp_path / "deep.json").write_text('{"text":' * 100_000)
    assert "cannot be read as jsonl" in refusal(tmp_path / "deep.json")
