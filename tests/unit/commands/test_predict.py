"""`foxhound predict`, as a user calls it."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from foxhound.inference.onnx_export import export_onnx
from foxhound.inference.saved_model import load_saved
from tiny_models import save_classifier
from transformers import AutoModelForSequenceClassification

COMMAND = ["-m", "foxhound.commands.main", "predict"]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3] / "scripts")}
TEXTS = ["our neighbours came back", "", "=vermin out", "with them"]


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    folder = save_classifier(tmp_path_factory.mktemp("model"))
    export_onnx(AutoModelForSequenceClassification.from_pretrained(folder).eval(), folder, 12)
    return folder


def predict(model: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *COMMAND, "--model", str(model), *arguments]
    return subprocess.run(command, input=given, env=ENVIRONMENT, capture_output=True, text=True, timeout=60)


def expected(model: Path, text: str) -> float:
    import numpy as np

    return float(1 / (1 + np.exp(-load_saved(model).log_odds([text])[0])))


def test_a_sentence(model):
    said = predict(model, "our vermin came back", "with them", "--words", "1")
    assert said.returncode == 0, said.stderr
    first, carried, *_, threshold = said.stdout.strip().splitlines()
    assert f"{expected(model, 'our vermin came back'):.3f}" in first
    assert carried.strip().startswith("carried by ") and carried.count(" ") == carried.strip().count(" ") + 22
    assert threshold == "A comment is called hateful from 0.300 on."


def test_it_starts_without_pytorch_and_transformers(model):
    imported = subprocess.run(
        [sys.executable, "-X", "importtime", *COMMAND, "--model", str(model), "our vermin"],
        env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=True,
    ).stderr  # fmt: skip
    assert "onnxruntime" in imported
    assert not [name for name in ("torch", "transformers", "pandas") if f" {name}\n" in imported]


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
def test_a_file_keeps_its_rows_and_their_order(suffix, model, tmp_path):
    pd.DataFrame({"said": TEXTS}).to_parquet(tmp_path / "in.parquet")
    output = tmp_path / f"out.{suffix}"
    said = predict(model, "--file", str(tmp_path / "in.parquet"), "--column", "said", "--output", str(output))
    assert said.returncode == 0 and not said.stdout, said.stderr
    if suffix == "jsonl":
        found = [json.loads(line) for line in output.read_text().splitlines()]
    elif suffix == "csv":
        with open(output, newline="") as file:
            found = list(csv.DictReader(file))
        assert found[2]["text"] == "'=vermin out"  # no formula for a spreadsheet
    else:
        found = pd.read_parquet(output).to_dict("records")
    assert [int(row["row"]) for row in found] == [0, 1, 2, 3]
    assert [row["reason"] == "empty" for row in found] == [False, True, False, False]
    for row in (0, 2, 3):
        p = expected(model, TEXTS[row])
        assert float(found[row]["p_hateful"]) == pytest.approx(p, abs=1e-4)
        assert str(found[row]["hateful"]) == str(p >= 0.3)


def test_standard_input_gives_a_line_for_each_line(model):
    said = predict(model, "--words", "2", given="our vermin\n\nwith them\n")
    found = [json.loads(line) for line in said.stdout.splitlines()]
    assert [(row["row"], row["reason"], len(row["words"])) for row in found] == [
        (0, None, 2),
        (1, "empty", 0),
        (2, None, 2),
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x", "--file", "y"], "give sentences or --file, not both"),
        (["x", "--output", "y.doc"], "it can end in .jsonl, .csv, .parquet"),
        (["--file", "lost.csv"], "lost.csv: there is no such file"),
        (["x", "--model", "lost"], "snakemake --cores 2 lost"),
    ],
)
def test_a_mistake_says_what_to_do(arguments, message, model):
    said = predict(model, *arguments)
    assert said.returncode != 0 and message in said.stderr and "Traceback" not in said.stderr


def test_the_file_that_is_read_is_not_written_over(model, tmp_path):
    (tmp_path / "link.csv").symlink_to(tmp_path / "in.csv")
    (tmp_path / "in.csv").write_text("text\nwith them\n")
    for output in ("in.csv", "link.csv"):
        said = predict(model, "--file", str(tmp_path / "in.csv"), "--output", str(tmp_path / output))
        assert said.returncode == 2 and "is the file that is read: name another one" in said.stderr
    with open(tmp_path / "in.csv") as file:
        command = [sys.executable, *COMMAND, "--model", str(model), "--output", str(tmp_path / "in.csv")]
        said = subprocess.run(command, stdin=file, env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    assert said.returncode == 2 and "is the file that is read" in said.stderr
    assert (tmp_path / "in.csv").read_text() == "text\nwith them\n"


def test_a_title_that_is_not_read_is_told(model):
    assert "reads no titles" in predict(model, "with them", "--title", "a title").stderr
