"""The model that is kept, as a user asks for it, loads it, asks it and looks into it."""

import json
import shutil
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from .conftest import SHARED, TINY, Checkout

FOLDER = "results/tiny/model"
BULK = "results/tiny/predictions"
TEXTS = ["They came back.", None, "", "x" * 1_000_000, "Out with them all!"] * 20
HATECHECK = SHARED / "data" / "hatecheck-test-suite-cases.csv"


@pytest.fixture(scope="module")
def kept(finished: tuple[Checkout, Counter[str]], tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """The finished tiny experiment with the model it keeps; a test may add to it."""
    folder = tmp_path_factory.mktemp("kept") / "copy"
    shutil.copytree(finished[0].folder, folder, symlinks=True)
    checkout = Checkout(folder)
    assert checkout.done(*TINY, "--", FOLDER) == {"model": 1}
    return checkout


def test_the_model_loads_without_our_code(kept: Checkout) -> None:
    log = (kept.folder / "results/tiny/logs/model.log").read_text()
    assert "a fresh process gives the same 562 probabilities" in log
    assert "the ONNX export gives the same log-odds within" in log
    folder = kept.folder / FOLDER
    assert json.loads((folder / "config.json").read_text())["id2label"] == {"0": "not hateful", "1": "hateful"}
    card = (folder / "README.md").read_text()
    for part in ("finetune-distilbert, trained on demo", "balanced-random-48", "AUROC"):
        assert part in card
    loads = (
        "from transformers import pipeline\n"
        f"print(pipeline('text-classification', '{FOLDER}', truncation=True)('They came back ' * 300))"
    )
    said = kept.call("python", "-c", loads)
    assert said.returncode == 0 and "'score'" in said.stdout, said.stdout
    assert "Nothing to be done" in kept.run("-n", *TINY, "--", FOLDER).stdout


def test_a_model_that_the_experiment_does_not_score_is_refused(kept: Checkout) -> None:
    (kept.folder / "overlay.yaml").write_text("final: {epoch: 7}")
    refused = kept.run("-n", *TINY, "overlay.yaml", "--", FOLDER)
    assert refused.returncode != 0
    assert "epoch 7) does not run under balanced-random-48" in refused.stdout


def test_every_row_of_every_shard_is_answered_and_nothing_twice(kept: Checkout) -> None:
    shards = kept.folder / "shards of mine"
    shards.mkdir()
    for name in ("one", "two; $(touch evil)"):
        pd.DataFrame({"id": range(len(TEXTS)), "said": TEXTS}).to_parquet(shards / f"{name}.parquet")
    asked = (*TINY, "--config", "predict={input: shards of mine, column: said}", "--", BULK)
    assert kept.done(*asked) == {"shard": 2, "predictions": 1}
    found = {path.name: pd.read_parquet(path) for path in (kept.folder / BULK).glob("*.parquet")}
    assert set(found) == {"one.parquet", "two; $(touch evil).parquet"}
    assert not (kept.folder / "evil").exists()
    for frame in found.values():
        assert frame["row"].tolist() == list(range(len(TEXTS)))
        answered = frame["reason"].isna()
        assert frame["reason"][~answered].value_counts().tolist() == [20, 20, 20]
        assert (frame["p_hateful"].notna() == answered).all() and (frame["hateful"].notna() == answered).all()
        assert frame["p_hateful"][answered].between(0, 1).all() and answered.sum() == 40
    # What `foxhound predict` says of the same texts, by another runtime and in float32.
    asks = ("--model", FOLDER, "--file", "shards of mine/one.parquet", "--column", "said", "--output", "said.parquet")
    said = kept.foxhound("predict", *asks)
    assert said.returncode == 0, said.stdout
    one = pd.read_parquet(kept.folder / "said.parquet")
    np.testing.assert_allclose(one["p_hateful"], found["one.parquet"]["p_hateful"].astype(float), atol=0.01)
    assert one["reason"].fillna("").tolist() == found["one.parquet"]["reason"].fillna("").tolist()
    assert "Nothing to be done" in kept.run("-n", *asked).stdout
    pd.DataFrame({"said": ["something else"]}).to_parquet(shards / "three.parquet")
    assert kept.done(*asked) == {"shard": 1, "predictions": 1}
    assert len(list((kept.folder / BULK).glob("*.parquet"))) == 3


def test_without_a_folder_the_error_says_how_to_name_one(kept: Checkout) -> None:
    refused = kept.run("-n", *TINY, "--", BULK)
    assert refused.returncode != 0 and "--config 'predict={input: FOLDER" in refused.stdout, refused.stdout


def test_the_report_tells_what_was_asked_of_the_model(kept: Checkout) -> None:
    (kept.folder / "sentences.txt").write_text("They came back.\n\n<b>Out</b> with them | all!\n")
    asked = {"sentences": "sentences.txt", "explained": 5, "hatecheck": HATECHECK.is_file()}
    asked["attention"] = "lstm-bert-bidirectional-attention-title"
    overlay = {"checks": asked, "hatecheck": {"path": str(HATECHECK)}}
    (kept.folder / "checks.yaml").write_text(json.dumps(overlay))
    jobs = {"sentences": 1, "explanations": 1, "attention": 1, "report": 1, "page": 1, "all": 1}
    if asked["hatecheck"]:
        jobs |= {"hatecheck_cases": 1, "hatecheck": 1}
    assert kept.done(*TINY, "checks.yaml") == jobs
    report = (kept.folder / "results/tiny/report.md").read_text()
    assert "&#60;b&#62;Out&#60;/b&#62; with them &#124; all!" in report
    assert "| leaving one word out |" in report and "| attention of lstm-bert-bidirectional-attention-title |" in report
    assert ("| slur homonym nh | not hateful | 30 |" in report) == asked["hatecheck"]
    assert "Nothing to be done" in kept.run("-n", *TINY, "checks.yaml").stdout
    assert kept.planned(*TINY) == {"report": 1, "page": 1, "all": 1}  # asked no longer
