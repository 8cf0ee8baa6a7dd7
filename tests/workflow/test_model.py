"""The final model, as a user asks for it, loads it, asks it and looks into it, and what redoes which part of it."""

import hashlib
import json
import os
import re
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from .conftest import COMMENTS, SHARED, TINY, Checkout

FOLDER = "results/tiny/model"
BULK = "results/tiny/predictions"
TEXTS = ["They came back.", None, "", "x" * 1_000_000, "Out with them all!"] * 20
HATECHECK = SHARED / "data" / "hatecheck-test-suite-cases.csv"
SHARDS = "shards of mine"
ASKED = ("--config", f"predict={{input: {SHARDS}, column: said}}", "--", BULK)
CARD = {"model_card": 1, "model": 1}
MADE = {"held_out": 1, "final_training": 1, "final_calibration": 1, "final_export": 1, **CARD}
"""What makes the model, once it is chosen."""
ANSWERS = {"final_calibration": 1, "shard": 2, "predictions": 1, "final_export": 1, **CARD}
"""What follows any change of the model, or of the predictions that calibrate it."""


@pytest.fixture(scope="module")
def final_model(finished: tuple[Checkout, Counter[str]], tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """The finished tiny experiment with its final model; a test may add to it."""
    folder = tmp_path_factory.mktemp("final") / "copy"
    shutil.copytree(finished[0].folder, folder, symlinks=True)
    checkout = Checkout(folder)
    assert checkout.done(*TINY, "--", FOLDER) == {"final_choice": 1, **MADE}
    return checkout


@pytest.fixture(scope="module")
def answered(final_model: Checkout) -> Checkout:
    """The same, with its answers to two files."""
    shards = final_model.folder / SHARDS
    shards.mkdir()
    for name in ("one", "two; $(touch evil)"):
        pd.DataFrame({"id": range(len(TEXTS)), "said": TEXTS}).to_parquet(shards / f"{name}.parquet")
    assert final_model.done(*TINY, *ASKED) == {"shard": 2, "predictions": 1}
    return final_model


def test_the_model_loads_without_our_code(final_model: Checkout) -> None:
    logs = final_model.folder / "results/tiny/logs"
    assert f"a fresh process gives the same {COMMENTS} probabilities" in (logs / "final_calibration.log").read_text()
    assert "the ONNX export gives the same log-odds within" in (logs / "final_export.log").read_text()
    folder = final_model.folder / FOLDER
    assert json.loads((folder / "config.json").read_text())["id2label"] == {"0": "not hateful", "1": "hateful"}
    card = (folder / "README.md").read_text()
    for part in ("finetune-bert, trained on demo", "balanced-random-48", "AUROC"):
        assert part in card
    loads = (
        "from transformers import pipeline\n"
        f"print(pipeline('text-classification', '{FOLDER}', truncation=True)('They came back ' * 300))"
    )
    said = final_model.call("python", "-c", loads)
    assert said.returncode == 0 and "'score'" in said.stdout, said.stdout
    assert "Nothing to be done" in final_model.run("-n", *TINY, "--", FOLDER).stdout
    # It is passed on: nothing in it tells where it was made.
    places = (str(final_model.folder).encode(), b"site-packages")
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert not [path for path in kept if any(place in path.read_bytes() for place in places)]


def test_a_model_that_the_experiment_does_not_score_is_refused(answered: Checkout) -> None:
    (answered.folder / "overlay.yaml").write_text("final: {epoch: 7}\nchecks: {explained: 5}")
    for targets in (("--", FOLDER), ASKED, ()):
        refused = answered.run("-n", *TINY, "overlay.yaml", *targets)
        assert refused.returncode != 0
        assert "epoch 7) does not run under balanced-random-48" in refused.stdout


def test_every_row_of_every_shard_is_answered_and_nothing_twice(answered: Checkout) -> None:
    answers = {path.name: pd.read_parquet(path) for path in (answered.folder / BULK).glob("*.parquet")}
    assert set(answers) == {"one.parquet", "two; $(touch evil).parquet"}
    assert not (answered.folder / "evil").exists()
    for frame in answers.values():
        assert frame["row"].tolist() == list(range(len(TEXTS)))
        scored = frame["reason"].isna()
        assert frame["reason"][~scored].value_counts().tolist() == [20, 20, 20]
        assert (frame["p_hateful"].notna() == scored).all() and (frame["hateful"].notna() == scored).all()
        assert frame["p_hateful"][scored].between(0, 1).all() and scored.sum() == 40
    # What `foxhound predict` says of the same texts, by another runtime and in float32.
    asks = ("--model", FOLDER, "--file", f"{SHARDS}/one.parquet", "--column", "said", "--output", "said.parquet")
    answer = answered.foxhound("predict", *asks)
    assert answer.returncode == 0, answer.stdout
    one = pd.read_parquet(answered.folder / "said.parquet")
    np.testing.assert_allclose(one["p_hateful"], answers["one.parquet"]["p_hateful"].astype(float), atol=0.01)
    assert one["reason"].fillna("").tolist() == answers["one.parquet"]["reason"].fillna("").tolist()
    # Of the same texts, those that can be labelled next; the corpus that the model was trained on has none.
    asks = ("label-next", f"{SHARDS}/one.parquet", "--column", "said", "--model", FOLDER)
    chosen = answered.foxhound(*asks)
    corpus = "results/tiny/corpus/comments.parquet"
    assert chosen.returncode == 0 and f"Left out: what stands in {corpus}, or nearly." in chosen.stdout, chosen.stdout
    assert sorted(pd.read_csv(answered.folder / "next.csv")["said"]) == ["Out with them all!", "They came back."]
    chosen = answered.foxhound("label-next", corpus, "--model", FOLDER, "--output", "none.csv")
    assert chosen.returncode == 1 and "no comment to label" in chosen.stdout, chosen.stdout
    assert "Nothing to be done" in answered.run("-n", *TINY, *ASKED).stdout
    more = answered.folder / SHARDS / "three.parquet"
    pd.DataFrame({"said": ["something else"]}).to_parquet(more)
    assert answered.planned(*TINY, *ASKED) == {"shard": 1, "predictions": 1}
    more.unlink()


def test_without_a_folder_the_error_says_how_to_name_one(final_model: Checkout) -> None:
    refused = final_model.run("-n", *TINY, "--", BULK)
    assert refused.returncode != 0 and "--config 'predict={input: FOLDER" in refused.stdout, refused.stdout


def test_the_report_tells_what_was_asked_of_the_model(final_model: Checkout) -> None:
    (final_model.folder / "sentences.txt").write_text("They came back.\n\n<b>Out</b> with them | all!\n")
    asked = {"sentences": "sentences.txt", "explained": 5, "hatecheck": HATECHECK.is_file()}
    asked["attention"] = "lstm-bert-bidirectional-attention-title"
    overlay = {"checks": asked, "hatecheck": {"path": str(HATECHECK)}}
    (final_model.folder / "checks.yaml").write_text(json.dumps(overlay))
    jobs = {"sentences": 1, "explanations": 1, "attention": 1, "report": 1, "page": 1, "all": 1}
    if asked["hatecheck"]:
        jobs |= {"hatecheck_cases": 1, "hatecheck": 1}
    assert final_model.done(*TINY, "checks.yaml") == jobs
    report = (final_model.folder / "results/tiny/report.md").read_text()
    assert "&#60;b&#62;Out&#60;/b&#62; with them &#124; all!" in report
    assert "| leaving one word out |" in report and "| attention of lstm-bert-bidirectional-attention-title |" in report
    assert ("| slur homonym nh | not hateful | 30 |" in report) == asked["hatecheck"]
    assert "Nothing to be done" in final_model.run("-n", *TINY, "checks.yaml").stdout
    assert final_model.planned(*TINY) == {"report": 1, "page": 1, "all": 1}  # asked no longer

    # A folder counts by what it holds, and not by its time.
    folder = final_model.folder / "results/tiny/final/model"
    for path in (folder, *folder.rglob("*")):
        path.touch()
    os.utime(final_model.folder / "results/tiny/sentences.parquet", (10**9, 10**9))
    assert "Nothing to be done" in final_model.run("-n", *TINY, "checks.yaml").stdout

    (final_model.folder / "watts.yaml").write_text("final: {watts: 12}")
    assert final_model.planned(*TINY, "checks.yaml", "watts.yaml") == {}  # no check reads the card


def overlay(checkout: Checkout, text: str) -> tuple[str, ...]:
    """Return the arguments of a run with an overlay that makes the model and all answers."""
    (checkout.folder / "overlay.yaml").write_text(text)
    return (*TINY, "overlay.yaml", *ASKED, FOLDER)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param("final: {watts: 12}", CARD, id="watts"),
        pytest.param("scores: {draws: 200}", {"scores": 1, **CARD}, id="draws"),
        pytest.param(
            "sweeps: {lstm-word2vec: {models: [lstm-word2vec-classic-base, lstm-word2vec-minimal-base]}}",
            {"cleaning": 1, "word2vec": 2, "lstm": 2, "scores": 1, **CARD}, id="another-lstm",
        ),
        pytest.param("final: {onnx: false}", {"final_export": 1, **CARD}, id="onnx"),
        pytest.param(
            "final: {seed: 2}", {"final_choice": 1, "held_out": 1, "final_training": 1, **ANSWERS}, id="seed"
        ),
    ],
)  # fmt: skip
def test_a_setting_redoes_what_depends_on_it(change: str, expected: dict[str, int], answered: Checkout) -> None:
    assert answered.planned(*overlay(answered, change)) == expected


def test_a_line_of_the_template_redoes_the_card(answered: Checkout) -> None:
    template = answered.folder / "resources/model-card.md"
    text = template.read_text()
    template.write_text(text.replace("## Intended use", "## Use"))
    assert answered.planned(*overlay(answered, "{}")) == CARD
    template.write_text(text)


def test_a_label_redoes_training_calibration_and_answers(answered: Checkout) -> None:
    raw = answered.folder / "resources/demo-comments.json"
    text = raw.read_text()
    first, rest = text.split("\n", 1)
    row = json.loads(first)
    raw.write_text(json.dumps(row | {"label": 1 - int(row["label"])}) + "\n" + rest)
    assert answered.planned(*overlay(answered, "{}")) == {
        "column": 1, "partition": 3, "word2vec": 2, "lstm": 4, "finetune": 1, "baselines": 8, "ensembles": 1,
        "scores": 1, "held_out": 1, "final_training": 1, **ANSWERS,
    }  # fmt: skip
    raw.write_text(text)


def test_without_onnx_nothing_is_trained_or_answered_again(answered: Checkout) -> None:
    folder = answered.folder / FOLDER
    took = re.search(r"Training took \d+ s", (folder / "README.md").read_text())[0]
    changed = overlay(answered, "final: {watts: 12, onnx: false}")
    assert answered.done(*changed) == {"final_export": 1, **CARD}
    assert "Nothing to be done" in answered.run("-n", *changed).stdout
    assert not (folder / "onnx").exists()
    card = (folder / "README.md").read_text()
    assert "at 12 W" in card and took in card
    unchanged = overlay(answered, "{}")
    assert answered.done(*unchanged) == {"final_export": 1, **CARD}
    assert "Nothing to be done" in answered.run("-n", *unchanged).stdout
    assert (folder / "onnx" / "model.onnx").is_file()


def test_another_epoch_redoes_training_calibration_and_answers(answered: Checkout) -> None:
    more = "sweeps: {finetune-balanced: {epochs: [1, 2]}}"
    overlay(answered, more)
    # An ensemble takes the model at epoch 2.
    expected = {"finetune": 1, "ensembles": 1, "scores": 1}
    assert answered.done(*TINY, "overlay.yaml", "--", "results/tiny/scores.parquet") == expected
    changed = overlay(answered, f"{more}\nfinal: {{epoch: 2}}")
    assert answered.planned(*changed) == {"final_choice": 1, "held_out": 1, "final_training": 1, **ANSWERS}


PAIR = "ensembles: {logistics: [{model: pooled-logistic}, {model: tfidf-logistic}]}"
MIXED = (
    "ensembles: {mixed: [{model: finetune-bert, learning_rate: 1.0e-4, epoch: 1}, {model: pooled-logistic}, "
    "{model: tfidf-logistic}]}"
)
NO_RUN = "learning_rate: null, epoch: null"
KINDS = {
    "tfidf-logistic": (f"final: {{model: tfidf-logistic, protocol: stratified-2, {NO_RUN}}}", {"terms.json", "model.onnx"}),
    "mixed": (f"{MIXED}\nfinal: {{model: mixed, {NO_RUN}}}", {"finetune-bert/onnx/model.onnx", "pooled-logistic/encoder.onnx"}),
}  # fmt: skip
"""A model of each kind, the second of them of three -> the configuration that keeps it, and files that its folder has."""


def some_cases(path: Path) -> dict[str, object]:
    """Write the cases of two functions of HateCheck, and return the configuration that pins them."""
    cases = pd.read_csv(HATECHECK)
    cases[cases["functionality"].str.startswith("slur_")].to_csv(path, index=False)
    content = path.read_bytes()
    return {"path": path.name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


@pytest.mark.parametrize("name", KINDS)
def test_a_model_of_each_kind_is_kept_asked_and_looked_into(name: str, rerun: Checkout) -> None:
    configured, files = KINDS[name]
    (rerun.folder / "sentences.txt").write_text("They came back.\nOut with them all!\n")
    (rerun.folder / "comments").mkdir()
    pd.DataFrame({"text": TEXTS}).to_parquet(rerun.folder / "comments" / "some.parquet")
    asked = {"sentences": "sentences.txt", "explained": 5, "hatecheck": HATECHECK.is_file()}
    more = {"checks": asked, "predict": {"input": "comments", "column": "text"}}
    if asked["hatecheck"]:
        more["hatecheck"] = some_cases(rerun.folder / "cases.csv")
    (rerun.folder / "kind.yaml").write_text(yaml.safe_dump(yaml.safe_load(configured) | more))
    targets = ("--", "results/tiny/report.md", FOLDER, BULK)
    jobs = rerun.done(*TINY, "kind.yaml", *targets)
    assert {
        **MADE,
        "final_choice": 1,
        "shard": 1,
        "predictions": 1,
        "sentences": 1,
        "explanations": 1,
    }.items() <= jobs.items()
    assert "finetune" not in jobs and "lstm" not in jobs
    assert "Nothing to be done" in rerun.run("-n", *TINY, "kind.yaml", *targets).stdout

    folder = rerun.folder / FOLDER
    kept = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files | {"config.json", "README.md"} <= kept and not [
        path for path in kept if path.endswith((".pkl", ".bin"))
    ]
    card = (folder / "README.md").read_text()
    assert f"# {name}, trained on demo" in card and "transformers import pipeline" not in card
    assert re.search(r"\| AUROC \| \.\d+ \[", card), card
    assert not [path for path in kept if str(rerun.folder).encode() in (folder / path).read_bytes()]
    log = (rerun.folder / "results/tiny/logs/final_calibration.log").read_text()
    assert f"a fresh process gives the same {COMMENTS} probabilities, bit for bit" in log

    said = rerun.foxhound("predict", "--model", FOLDER, "They came back.", "Out with them all!")
    assert said.returncode == 0 and said.stdout.count("carried by ") == 2, said.stdout
    report = (rerun.folder / "results/tiny/report.md").read_text()
    for probability in re.findall(r"hateful +(\.\d{3}|\d\.\d{3}) ", said.stdout):
        assert probability.removeprefix("0") in report
    assert "| leaving one word out |" in report and ("| slur homonym nh |" in report) == HATECHECK.is_file()
    asks = ("--model", FOLDER, "--file", "comments/some.parquet", "--output", "said.parquet")
    assert rerun.foxhound("predict", *asks).returncode == 0
    one, bulk = (pd.read_parquet(rerun.folder / path) for path in ("said.parquet", f"{BULK}/some.parquet"))
    np.testing.assert_allclose(one["p_hateful"], bulk["p_hateful"].astype(float), atol=0.01)
    assert one["reason"].fillna("").tolist() == bulk["reason"].fillna("").tolist()


RECOMMENDED = f"{PAIR}\nfinal: {{model: recommended, protocol: stratified-2, {NO_RUN}}}"


def test_what_is_recommended_is_kept_and_another_model_trains_nothing(rerun: Checkout) -> None:
    (rerun.folder / "kind.yaml").write_text(RECOMMENDED)
    targets = ("--", "all", FOLDER)
    jobs = rerun.done(*TINY, "kind.yaml", *targets)
    assert {"recommendation": 1, "final_choice": 1, **MADE}.items() <= jobs.items()
    recommended = json.loads((rerun.folder / "results/tiny/recommendation.json").read_text())
    choice = json.loads((rerun.folder / "results/tiny/final/choice.json").read_text())
    assert choice["model"] == recommended["model"] in ("tfidf-logistic", "pooled-logistic", "logistics")
    assert f"# {choice['model']}, trained on demo" in (rerun.folder / FOLDER / "README.md").read_text()
    report = (rerun.folder / "results/tiny/report.md").read_text()
    assert f"**Take {choice['model']}.**" in report or f"labels: {choice['model']}." in report
    assert "Nothing to be done" in rerun.run("-n", *TINY, "kind.yaml", *targets).stdout

    # Another model is scored, and another setting of one: the recommendation is made again, and is the same.
    other = "sweeps: {lstm-word2vec: {models: [lstm-word2vec-classic-base, lstm-word2vec-minimal-base]}}"
    (rerun.folder / "kind.yaml").write_text(f"{RECOMMENDED}\n{other}\nfinetune: {{training: {{weight_decay: 0.1}}}}")
    jobs = rerun.done(*TINY, "kind.yaml", *targets)
    assert {"lstm": 2, "finetune": 1, "recommendation": 1, "final_choice": 1, **CARD}.items() <= jobs.items()
    assert not {"final_training", "final_calibration", "final_export"} & jobs.keys()
    assert "Nothing to be done" in rerun.run("-n", *TINY, "kind.yaml", *targets).stdout


def test_a_stack_is_refused_with_what_can_be_kept(rerun: Checkout) -> None:
    (rerun.folder / "kind.yaml").write_text(f"final: {{model: stack, {NO_RUN}}}")
    refused = rerun.run("-n", *TINY, "kind.yaml")
    assert refused.returncode != 0 and "Traceback" not in refused.stdout
    assert "kind.yaml: final.model: 'stack' cannot be kept:" in refused.stdout
    assert "What can be kept: recommended, tfidf-logistic, pooled-logistic," in refused.stdout
