"""Test that terms are counted as scikit-learn counts them, and that damage is found."""

import json
from pathlib import Path

import numpy as np
import pytest
from foxhound.errors import FoxhoundError
from foxhound.inference.saved_model import load_saved
from foxhound.inference.tfidf_model import TfidfModel, Vectorizer
from foxhound.models.baselines import tfidf_logistic
from hypothesis import example, given
from hypothesis import strategies as st
from kept_models import CALIBRATION, change_config, demo_comments, keep_tfidf

COMMENTS = demo_comments(120)
ODD = [
    "Straße İstanbul  ǅ",
    "a",
    "ab",
    "a\t\n b",
    "\u200b\u200b",
    "don't  DON'T",
    "漢字 かな",
    "e\u0301 É",
    "\x1c\x1d x_y 1a",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tfidf")
    keep_tfidf(folder, COMMENTS)
    return folder


@pytest.fixture
def model(folder: Path) -> TfidfModel:
    return load_saved(folder)


UNION = tfidf_logistic(1)[1]


@pytest.mark.parametrize("place", range(2))
@given(text=st.text(max_size=40))
@example(text=ODD[0])
@example(text=ODD[3])
@example(text=ODD[5])
@example(text=ODD[8])
def test_terms_are_those_of_scikit_learn(place: int, text: str) -> None:
    theirs = UNION.transformer_list[place][1]
    ours = Vectorizer(theirs.analyzer, *theirs.ngram_range, {}, np.empty(0))
    assert list(ours.terms(text)) == theirs.build_analyzer()(text)


def test_weights_are_those_of_scikit_learn(model: TfidfModel) -> None:
    texts = [*COMMENTS["text"], *ODD]
    fitted = tfidf_logistic(1).fit(COMMENTS, COMMENTS["label"])[1]
    np.testing.assert_allclose(model.weights(texts), fitted.transform(texts).toarray(), atol=1e-7)


def test_calibration_stands_beside_it(folder: Path, tmp_path: Path) -> None:
    texts = COMMENTS["text"].tolist()
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    before = load_saved(folder)
    change_config(tmp_path, **CALIBRATION)
    after = load_saved(tmp_path)
    assert (before.threshold, after.threshold) == (0.5, 0.4)
    np.testing.assert_allclose(after.log_odds(texts), 0.5 * before.log_odds(texts) - 0.25, atol=1e-6)
    assert np.ptp(after.log_odds(texts)) > 0.1


def test_what_is_left_of_a_text(model: TfidfModel) -> None:
    assert [model.finds_nothing(text) for text in ("a", " ", "", "ab", "\u200b\u200b")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert model.end_of_reading("all of it") == 9
    assert model.log_odds([]).tolist() == []


def test_another_way_to_count_is_not_saved_as_this_one(tmp_path: Path) -> None:
    from foxhound.inference.baseline_export import save_tfidf

    fitted = tfidf_logistic(1).fit(COMMENTS, COMMENTS["label"])
    fitted[1].transformer_list[0][1].set_params(lowercase=False)
    with pytest.raises(ValueError, match="counts no terms like this"):
        save_tfidf(fitted, tmp_path)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("terms.json", b'{"vectorizers": ['),
        ("terms.json", b"[]"),
        ("terms.json", b'{"vectorizers": [{"analyzer": "word", "ngram_range": [1, 2], "terms": ["a"], "idf": []}]}'),
        ("terms.json", b'{"vectorizers": [{"analyzer": "pickle", "ngram_range": [1, 2], "terms": [], "idf": []}]}'),
        ("terms.json", None),
        ("model.onnx", b"\0" * 99),
        ("model.onnx", None),
    ],
)
def test_a_damaged_file_is_named(name: str, content: bytes | None, folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    change_config(tmp_path, sha256={})
    (tmp_path / name).unlink() if content is None else (tmp_path / name).write_bytes(content)
    with pytest.raises(FoxhoundError, match=rf"{name}: damaged .*delete it \(rm -r "):
        load_saved(tmp_path)


@pytest.mark.parametrize("name", ["terms.json", "model.onnx"])
def test_an_altered_byte_is_found(name: str, folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert set(json.loads((tmp_path / "config.json").read_text())["sha256"]) == {"terms.json", "model.onnx"}
    content = bytearray((tmp_path / name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FoxhoundError, match=rf"{name}: damaged \(it does not fit its checksum"):
        load_saved(tmp_path)
