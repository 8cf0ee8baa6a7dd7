import json
from pathlib import Path
from typing import Any

import pytest
from foxhound.corpus.state import CorpusState, definitions, fetch_corpus, read_state
from foxhound.errors import FoxhoundError
from foxhound.files import sha256

COLUMNS = {"format": "jsonl", "text": "text", "label": "label", "title": None, "group": None, "user": "user"}


def save(path: Path, *labels: int) -> dict[str, Any]:
    """Write a corpus of a comment per label; return its definition."""
    rows = [{"text": f"text {row}", "label": label, "user": "u"} for row, label in enumerate(labels)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return {"path": str(path), **COLUMNS}


def state_of(folder: Path, definition: dict[str, Any], fallback: dict[str, Any] | None = None) -> CorpusState:
    state = read_state(folder / "corpus", "mine", definition, fallback)
    assert state is not None
    return state


def changed(before: CorpusState, after: CorpusState) -> set[str]:
    return {name for name in before.columns if before.columns[name] != after.columns[name]}


@pytest.fixture
def demo(tmp_path) -> dict[str, Any]:
    return {"name": "demo", "definition": save(tmp_path / "demo.json", 0, 1, 1, 1)}


def test_a_local_file_is_read_as_it_is(tmp_path):
    state = state_of(tmp_path, save(tmp_path / "raw.json", 0, 1, 1))
    assert state.raw == str(tmp_path / "raw.json")
    assert state.corrections is None
    assert state.comments["label"].tolist() == [0, 1, 1]
    assert state.facts == {
        "corpus": "mine", "asked_for": "mine", "origin": str(tmp_path / "raw.json"), "fallback": False, "reason": "",
        "corrections": 0, "comments": 3, "hateful": 2, "articles": 1, "users": 1, "rows": 3, "left_out": 0, "repeated": 0,
        "repeated_rows": 0, "contradicting": 0, "duplicates": "keep", "merged": 0, "doubts": [], "notes": [],
    }  # fmt: skip
    assert [file.name for file in (tmp_path / "corpus").iterdir()] == ["users.key"]


def test_only_the_columns_that_changed_have_other_digests(tmp_path):
    before = state_of(tmp_path, save(tmp_path / "raw.json", 0, 1, 1))
    assert changed(before, state_of(tmp_path, save(tmp_path / "raw.json", 0, 1, 1))) == set()
    assert changed(before, state_of(tmp_path, save(tmp_path / "raw.json", 0, 1, 0))) == {"label"}
    assert changed(before, state_of(tmp_path, save(tmp_path / "raw.json", 0, 1))) == set(before.columns)


def test_corrections_are_applied_where_there_are_any_and_the_raw_file_stays(tmp_path):
    definition = save(tmp_path / "raw.json", 0, 1, 1) | {"corrections": str(tmp_path / "fixes.csv")}
    before = state_of(tmp_path, definition)
    digest = sha256(tmp_path / "raw.json")
    (tmp_path / "fixes.csv").write_text(f"id,column,value\n{before.comments['id'][2]},label,0\n")
    after = state_of(tmp_path, definition)
    assert changed(before, after) == {"label"}
    assert after.facts["corrections"] == 1
    assert after.corrections == str(tmp_path / "fixes.csv")
    assert sha256(tmp_path / "raw.json") == digest


def test_another_file_than_the_pinned_one_is_refused(tmp_path):
    definition = save(tmp_path / "raw.json", 0, 1) | {"sha256": "0" * 64}
    with pytest.raises(FoxhoundError, match="not the file this experiment pins"):
        state_of(tmp_path, definition)


def test_without_a_file_there_is_no_state_until_one_is_fetched(tmp_path, demo):
    missing = {"path": "gone.json", **COLUMNS}
    request = {"name": "mine", "definition": missing, "fallback": demo}
    folder = tmp_path / "corpus"
    assert read_state(folder, **request) is None
    fetch_corpus(folder, **request)
    state = read_state(folder, **request)
    assert state is not None
    assert state.raw == (folder / "raw").as_posix()
    assert (state.facts["corpus"], state.facts["asked_for"], state.facts["fallback"]) == ("demo", "mine", True)
    assert state.facts["reason"] == "gone.json does not exist"
    assert state.facts["comments"] == 4


def test_a_file_that_was_fetched_for_something_else_is_not_used(tmp_path, demo):
    missing = {"path": "gone.json", **COLUMNS}
    fetch_corpus(tmp_path / "corpus", "mine", missing, demo)
    assert read_state(tmp_path / "corpus", "mine", missing | {"path": "other.json"}, demo) is None
    assert read_state(tmp_path / "corpus", "yours", missing, demo) is None
    assert read_state(tmp_path / "corpus", "mine", missing, None) is None


def test_a_definition_carries_its_pins_and_its_fallback_only_where_it_can_be_downloaded():
    corpus = {"path": "data/a.b.csv", "text": "t", "corrections": "fixes.csv", "fallback": "demo.json"}
    pins = {"url": "https://x", "sha256": "0", "bytes": 1}
    downloaded = definitions({"corpus": corpus, "downloads": {"data/a.b.csv": pins}})
    files = {"text": "t", "path": "data/a.b.csv", "corrections": "fixes.csv"}
    fallback = {"name": "demo", "definition": {"text": "t", "path": "demo.json"}}
    assert downloaded == {"name": "a", "definition": files | pins, "fallback": fallback}
    own = definitions({"corpus": corpus, "downloads": {}})
    assert own == {"name": "a", "definition": files, "fallback": None}


def test_an_own_file_that_is_nowhere_is_an_error_where_it_has_to_be(tmp_path):
    save(tmp_path / "comments.json", 0, 1)
    missing = COLUMNS | {"path": str(tmp_path / "coments.json")}
    assert read_state(tmp_path, "mine", missing, None) is None
    with pytest.raises(FoxhoundError, match=r"coments.json: there is no such file .*Did you mean 'comments.json'?"):
        read_state(tmp_path, "mine", missing, None, must_exist=True)


def test_users_are_pseudonyms_that_no_fix_of_another_column_changes(tmp_path):
    definition = save(tmp_path / "raw.json", 0, 1, 1) | {"corrections": str(tmp_path / "fixes.csv")}
    before = state_of(tmp_path, definition)
    assert before.comments["user"].nunique() == 1
    assert before.comments["user"][0] != "u"
    (tmp_path / "fixes.csv").write_text(
        f"id,column,value\n{before.comments['id'][2]},label,0\n{before.comments['id'][1]},text,new\n"
    )
    assert changed(before, state_of(tmp_path, definition)) == {"label", "text", "masked"}
    (tmp_path / "corpus" / "users.key").unlink()
    after = state_of(tmp_path, definition)
    assert after.comments["user"][0] != before.comments["user"][0]
    assert changed(before, after) == {"label", "text", "masked"}  # who wrote what together is as it was


@pytest.mark.parametrize("damage", ["{", "[]", "{}"])
def test_a_damaged_origin_is_explained(damage, tmp_path, demo):
    missing = {"path": "gone.json", **COLUMNS}
    fetch_corpus(tmp_path / "corpus", "mine", missing, demo)
    (tmp_path / "corpus" / "origin.json").write_text(damage)
    with pytest.raises(FoxhoundError, match=r"origin\.json: damaged\. Delete both"):
        read_state(tmp_path / "corpus", "mine", missing, demo)


def test_a_fetched_file_that_was_edited_is_refused(tmp_path, demo):
    missing = {"path": "gone.json", **COLUMNS}
    fetch_corpus(tmp_path / "corpus", "mine", missing, demo)
    save(tmp_path / "corpus" / "raw", 1, 0, 1, 1)
    with pytest.raises(FoxhoundError, match="not the file that was fetched"):
        read_state(tmp_path / "corpus", "mine", missing, demo)


def test_a_fetched_file_is_kept_when_its_columns_are_read_in_another_way(tmp_path, demo):
    missing = {"path": "gone.json", **COLUMNS}
    fetch_corpus(tmp_path / "corpus", "mine", missing, demo)
    assert read_state(tmp_path / "corpus", "mine", missing | {"corrections": "fixes.csv"}, demo) is not None
