"""`foxhound predict`, as a user calls it."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
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
        assert found[2]["text"] == TEXTS[2]  # as it was read, so that answers can be joined with it
    else:
        found = pd.read_parquet(output).to_dict("records")
    assert [int(row["row"]) for row in found] == [0, 1, 2, 3]
    assert [row["reason"] == "empty" for row in found] == [False, True, False, False]
    for row in (0, 2, 3):
        p = expected(model, TEXTS[row])
        assert float(found[row]["p_hateful"]) == pytest.approx(p, abs=1e-4)
        assert str(found[row]["hateful"]) == str(p >= 0.3)


def test_the_column_that_names_rows_comes_with_the_answers(model, tmp_path):
    table = pd.DataFrame({"id": ["007", "8", "9", "10"], "n": [1.5, None, 3.0, 4.0], "text": TEXTS})
    table.to_parquet(tmp_path / "in.parquet")
    for suffix in ("csv", "jsonl", "parquet"):
        output = tmp_path / f"out.{suffix}"
        said = predict(
            model, "--file", str(tmp_path / "in.parquet"), "--keep", "id", "--keep", "n", "--output", str(output)
        )
        assert said.returncode == 0, said.stderr
        if suffix == "jsonl":
            found = pd.read_json(output, lines=True, dtype=str)
        else:
            found = pd.read_csv(output, dtype=str) if suffix == "csv" else pd.read_parquet(output)
        assert found["id"].tolist() == ["007", "8", "9", "10"]
        assert [value if pd.notna(value) else None for value in found["n"].astype(float)] == [1.5, None, 3.0, 4.0]
    assert "--keep hateful: the answers have a column" in predict(model, "--file", "x.csv", "--keep", "hateful").stderr


def test_formulas_are_made_harmless_on_request(model, tmp_path):
    (tmp_path / "in.csv").write_text("id,text\n-1,=vermin out\n")
    predict(
        model,
        "--file",
        str(tmp_path / "in.csv"),
        "--keep",
        "id",
        "--spreadsheet",
        "--output",
        str(tmp_path / "out.csv"),
    )
    with open(tmp_path / "out.csv", newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["id"], row["text"]) == ("'-1", "'=vermin out")


def test_one_file_under_two_names_has_one_answer(model, tmp_path):
    frame = pd.DataFrame({"text": ["our vermin", "with them", "out, out"]})
    lines = "".join(json.dumps({"text": text}) + "\n" for text in frame["text"])
    for name in ("a.jsonl", "a.json", "a.ndjson", "lies.csv", "lies.txt"):
        (tmp_path / name).write_text(lines)
    (tmp_path / "array.json").write_text(json.dumps(frame.to_dict("records")))
    frame.to_csv(tmp_path / "a.tab", sep="\t", index=False)
    frame.to_csv(tmp_path / "a.CSV", index=False)
    answers = {}
    for path in sorted(tmp_path.iterdir()):
        said = predict(model, "--file", str(path))
        assert said.returncode == 0, said.stderr
        answers[path.name] = said.stdout
    assert len(answers) == 8 and len({*answers.values()}) == 1
    assert [json.loads(line)["text"] for line in answers["a.tab"].splitlines()] == frame["text"].tolist()


def test_a_text_that_leaves_no_token_has_no_score(tmp_path):
    from foxhound.commands.predict import answers
    from foxhound.corpus.texts import Texts
    from foxhound.inference.transformer_model import TransformerModel
    from tokenizers import Tokenizer, normalizers

    save_classifier(tmp_path)
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    tokenizer.normalizer = normalizers.Replace("!", "")
    logits = lambda ids, mask: np.zeros((len(ids), 2), np.float32)  # noqa: E731
    model = TransformerModel(tokenizer, logits, 0, 1, 0.3, 12)
    texts = Texts(iter([("vermin", []), ("!!", [])]), 2)
    assert [(one["p_hateful"], one["reason"]) for one in answers(model, texts, 2)] == [
        (0.5, None),
        (None, "leaves no token"),
    ]


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
        (["x", "--model", "lost"], "lost: there is no such folder."),
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


def test_at_a_wished_error_rate_the_doubtful_go_to_a_person(model, tmp_path):
    config = json.loads((model / "config.json").read_text())
    p = sorted(expected(model, text) for text in (TEXTS[0], TEXTS[2], TEXTS[3]))
    shutil.copytree(model, tmp_path / "m")
    config["limits"] = {"0.05": [None, None], "0.10": [p[1] - 1e-6, p[1] + 1e-6]}
    (tmp_path / "m" / "config.json").write_text(json.dumps(config))
    asked = ("--error-rate", "0.15", "--words", "0")
    said = predict(tmp_path / "m", *asked, TEXTS[0], TEXTS[2], TEXTS[3])
    assert said.returncode == 0, said.stderr
    *lines, _, last = said.stdout.splitlines()
    found = {line.split("     ")[-1]: line.split(" .")[0] for line in lines}
    answers = {text: "ask a person" if expected(model, text) == p[1] else
               "hateful" if expected(model, text) > p[1] else "not hateful" for text in found}  # fmt: skip
    assert all(said.startswith(answers[text]) for text, said in found.items()) and len(found) == 3
    assert "no more than 15 % of hateful comments like the labelled ones" in last
    for ends, told in (([None, None], "asked about every comment."), ([None, 0.9], "asked up to 0.900. There are too few"),
                       ([0.2, None], "asked from 0.200 on. There are too few")):  # fmt: skip
        config["limits"]["0.10"] = ends
        (tmp_path / "m" / "config.json").write_text(json.dumps(config))
        last = predict(tmp_path / "m", *asked, TEXTS[0]).stdout.splitlines()[-1]
        assert told in last and "inf" not in last
    (tmp_path / "in.txt").write_text("\n".join(TEXTS))
    for suffix, read in (("csv", pd.read_csv), ("parquet", pd.read_parquet)):
        output = tmp_path / f"out.{suffix}"
        said = predict(
            tmp_path / "m", "--error-rate", "0.05", "--file", str(tmp_path / "in.txt"), "--output", str(output)
        )
        assert said.returncode == 0, said.stderr
        rows = read(output)
        assert (rows["answer"].dropna() == "ask a person").all() and rows["answer"].isna().sum() == 1
    refused = predict(model, "--error-rate", "0.1", "with them")
    assert refused.returncode == 1 and "was kept without the limits that an error rate of 0.1 needs" in refused.stderr
    assert "is not between 0.01 and 0.5" in predict(model, "--error-rate", "0.9", "with them").stderr
