"""Test that every kind of kept model is loaded from its folder, and what is none is refused."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from foxhound.errors import FoxhoundError
from foxhound.inference.ensemble_model import EnsembleModel
from foxhound.inference.onnx_export import export_onnx
from foxhound.inference.pooled_model import PooledModel
from foxhound.inference.saved_model import load_saved
from foxhound.inference.tfidf_model import TfidfModel
from foxhound.inference.transformer_model import TransformerModel
from kept_models import CALIBRATION, change_config, demo_comments, keep_ensemble
from scipy.special import logit
from tiny_models import FILLER
from transformers import AutoModelForSequenceClassification

TEXTS = [*demo_comments(10)["text"], "vermin", *(" ".join(FILLER[n:]) for n in range(11))]
SCRIPTS = Path(__file__).parents[3] / "scripts"


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept") / "ensemble"
    folder.mkdir()
    return keep_ensemble(folder)


def test_an_ensemble_is_its_members_averaged(ensemble: Path) -> None:
    model = load_saved(ensemble)
    members = [load_saved(ensemble / name) for name in ("tuned", "pooled-logistic", "tfidf-logistic")]
    assert isinstance(model, EnsembleModel)
    assert [type(one) for one in members] == [TransformerModel, PooledModel, TfidfModel]
    p = np.stack([member.probabilities(TEXTS) for member in members]).clip(1e-4, 1 - 1e-4)
    assert np.ptp(p, axis=1).min() > 0.01
    np.testing.assert_allclose(model.log_odds(TEXTS), 0.5 * logit(p).mean(axis=0) - 0.25, atol=1e-5)
    assert model.threshold == CALIBRATION["threshold"]


def test_every_kind_is_asked_without_pytorch_and_scikit_learn(ensemble: Path) -> None:
    tuned = ensemble / "tuned"
    export_onnx(AutoModelForSequenceClassification.from_pretrained(tuned).eval(), tuned, 12)
    ask = f"from foxhound.inference.saved_model import load_saved\nprint(*load_saved({str(ensemble)!r}).probabilities(['a b']))"
    asked = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", ask], env=os.environ | {"PYTHONPATH": str(SCRIPTS)},
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert 0 < float(asked.stdout) < 1 and "onnxruntime" in asked.stderr
    heavy = ("torch", "transformers", "sklearn", "scipy", "pandas", "skl2onnx")
    assert not [name for name in heavy if f" {name}\n" in asked.stderr]


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FoxhoundError, match="lost: there is no such folder"):
        load_saved(tmp_path / "lost")
    with pytest.raises(FoxhoundError, match=r"not a model .*delete it \(rm -r "):
        load_saved(tmp_path)
    (tmp_path / "config.json").write_text("[]")
    with pytest.raises(FoxhoundError, match=r"its config\.json holds no object"):
        load_saved(tmp_path)
    (tmp_path / "config.json").write_text('{"foxhound_kind": "a-stack"}')
    with pytest.raises(FoxhoundError, match="of the kind 'a-stack', which this version does not know"):
        load_saved(tmp_path)


@pytest.mark.parametrize("member", [".", "tuned", "pooled-logistic", "tfidf-logistic"])
@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("slope", value) for value in ("x", None, [1], float("nan"), True)),
        *(("threshold", value) for value in (None, 1.5, "0.5", float("inf"))),
        *(("max_tokens", value) for value in ("9", 0, 2.5, None)),
        *(("pad_token_id", value) for value in ("x", -1)),
        *(("id2label", value) for value in (["hateful"], {"one": "hateful"})),
        ("sha256", ["a"]),
    ],
)
def test_a_value_that_no_model_can_have_is_named(
    member: str, key: str, value: object, ensemble: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(ensemble, folder)
    change_config(folder / member, **{key: value})
    with pytest.raises(FoxhoundError, match=rf"in its config\.json, {key} is "):
        load_saved(folder)


@pytest.mark.parametrize("members", [None, [], "tuned", ["../tuned"], ["/etc"], [""], [3.5, "a/b"]])
def test_members_are_folders_inside(members: object, ensemble: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text((ensemble / "config.json").read_text())
    change_config(tmp_path, members=members)
    with pytest.raises(FoxhoundError, match=r"its config\.json names no members"):
        load_saved(tmp_path)


def test_a_member_that_is_missing_is_named(ensemble: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text((ensemble / "config.json").read_text())
    with pytest.raises(FoxhoundError, match="tuned: there is no such folder"):
        load_saved(tmp_path)
