"""Test that each bad input is refused with where, what is allowed and what to do, and that nothing is written or lost."""

import gzip
import hashlib
import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from foxhound.checks.hatecheck import read_cases
from foxhound.commands import predict
from foxhound.corpus.corrections import apply_corrections
from foxhound.corpus.loading import load_comments
from foxhound.corpus.state import read_state
from foxhound.errors import FoxhoundError
from foxhound.evaluation.read_epochs import read_epochs
from foxhound.experiment.adaptation import adapt_to_corpus
from foxhound.experiment.configuration import check_config
from foxhound.features.embedding_store import load_vectors
from foxhound.features.encoder import find_encoder, load_encoder, load_tokenizer
from foxhound.features.encoding import encode
from foxhound.features.vector_rows import to_arrow, to_bytes
from foxhound.features.word2vec import pretrained_word_vectors
from foxhound.files import read_json, read_text
from foxhound.inference.shards import find_shards, score_rows
from foxhound.replication.claims import load_claims
from foxhound.tables import read_table, write_table
from foxhound.workflow.job_costs import stage_times
from made_up import guesses, predictions
from shipped_config import CONFIG, SCHEMA, SHIPPED, merged
from tiny_models import save_classifier, save_model

CSV = b"text,label\na,0\nb,1\n"
Act = Callable[[Path], Iterator[None]]
"""Writes the bad input into a folder and yields; then calls what has to refuse it."""
COMMENTS = pd.DataFrame(
    {"id": ["a", "b", "c"], "thread": "", "title": None, "text": ["x", "y", "z"], "user": None, "label": [0, 1, 1]}
)


def corpus(data: bytes, name: str = "my.csv", **keys: Any) -> Act:
    def act(folder: Path) -> Iterator[None]:
        (folder / name).write_bytes(data)
        yield
        load_comments(folder / name, {"text": "text", "label": "label"} | keys)

    return act


def state(data: bytes | None, file: str = "my.csv", **keys: Any) -> Act:
    def act(folder: Path) -> Iterator[None]:
        if data is not None:
            (folder / "my.csv").write_bytes(data)
        yield
        definition = {"path": str(folder / file), "text": "text", "label": "label"} | keys
        read_state(folder / "results", "my", definition, None, must_exist=True)

    return act


def corrections(text: str) -> Act:
    def act(folder: Path) -> Iterator[None]:
        (folder / "corrections.csv").write_text(text)
        yield
        apply_corrections(COMMENTS, folder / "corrections.csv")

    return act


def config(overlay: str) -> Act:
    def act(folder: Path) -> Iterator[None]:
        file = folder / "overlay.yaml"
        file.write_text(overlay)
        yield
        check_config(merged(CONFIG, yaml.safe_load(overlay)), SCHEMA, [str(SHIPPED), str(file)])

    return act


def fitted(comments: int, hateful: int, **keys: Any) -> Act:
    def act(folder: Path) -> Iterator[None]:
        yield
        frame = pd.DataFrame(
            {"label": [int(row < hateful) for row in range(comments)], "title": "", "thread": "", "user": ""}
        )
        adapt_to_corpus(merged(CONFIG, keys), frame)

    return act


def encoder(change: Callable[[Path], Any], **keys: Any) -> Act:
    def act(folder: Path) -> Iterator[None]:
        save_model(folder / "encoder")
        change(folder / "encoder")
        yield
        location = find_encoder({"model": str(folder / "encoder")} | keys)
        load_tokenizer(location, 24)
        load_encoder(location)

    return act


def replaced(name: str, text: str | bytes | None) -> Callable[[Path], Any]:
    """Write a file of the folder anew, or take it away."""

    def change(folder: Path) -> None:
        file = folder / name
        if text is None:
            file.unlink()
        else:
            file.write_bytes(text if isinstance(text, bytes) else text.encode())

    return change


def pickled(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")


def own_code(folder: Path) -> None:
    (folder / "config.json").write_text(
        json.dumps(
            {"model_type": "own", "vocab_size": 99, "auto_map": {"AutoConfig": "own.Own", "AutoModel": "own.Own"}}
        )
    )
    (folder / "own.py").write_text("raise SystemExit('ran')")


def layer(folder: Path) -> Iterator[None]:
    location = save_model(folder / "encoder")
    yield
    list(encode(load_encoder(location), load_tokenizer(location, 24), ["a"], None, -9, torch.device("cpu")))


def predicts(*arguments: str) -> None:
    """Run `foxhound predict`; its errors are raised, not printed."""
    parser = ArgumentParser()
    predict.add_arguments(parser)
    predict.run(parser.parse_args(arguments), parser)


def answered(name: str, data: bytes | None, *arguments: str) -> Act:
    """Run `foxhound predict --file`."""

    def act(folder: Path) -> Iterator[None]:
        if data is not None:
            (folder / name).write_bytes(data)
        yield
        model, output = str(folder / "model"), str(folder / "out.csv")
        predicts("--file", str(folder / name), "--model", model, "--output", output, *arguments)

    return act


def final_model(change: Callable[[Path], Any]) -> Act:
    def act(folder: Path) -> Iterator[None]:
        (folder / "model").mkdir()
        change(save_classifier(folder / "model"))
        yield
        predicts("a sentence", "--model", str(folder / "model"))

    return act


def shard(data: bytes | pd.DataFrame) -> Act:
    def act(folder: Path) -> Iterator[None]:
        path = folder / "shard.parquet"
        path.write_bytes(data) if isinstance(data, bytes) else data.to_parquet(path)
        yield
        list(score_rows(str(path), "text", lambda texts: np.zeros(len(texts)), 0.5))

    return act


def pretrained(data: bytes | None) -> Act:
    def act(folder: Path) -> Iterator[None]:
        if data is not None:
            (folder / "vectors.txt").write_bytes(data)
        yield
        pretrained_word_vectors(folder / "vectors.txt", [["word"]])

    return act


def damaged(change: Callable[[bytes], bytes], read: Callable[[Path], Any]) -> Act:
    """Write a table of predictions, changed by hand."""

    def act(folder: Path) -> Iterator[None]:
        path = folder / "seed-1.parquet"
        write_table(predictions(guesses(1)).assign(attention=None), path, "predictions", {})
        path.write_bytes(change(path.read_bytes()))
        yield
        read(path)

    return act


def other_vectors(folder: Path) -> Iterator[None]:
    rows = {"k": to_bytes(np.zeros((1, 3), np.float16))}
    write_table(to_arrow(["x"], ["k"], rows), folder / "none.parquet", "embeddings", {})
    yield
    load_vectors(folder / "none.parquet", ["x", "y"])


def origin(text: str) -> Act:
    def act(folder: Path) -> Iterator[None]:
        (folder / "corpus").mkdir()
        (folder / "corpus" / "raw").write_bytes(CSV)
        (folder / "corpus" / "origin.json").write_text(text)
        yield
        read_state(folder / "corpus", "my", {"path": "gone.csv"}, None)

    return act


def users_key(folder: Path) -> Iterator[None]:
    (folder / "results").mkdir()
    (folder / "results" / "users.key").write_text("short")
    yield from state(b"text,label,who\na,0,x\nb,1,y\n", user="who")(folder)


def no_folder(folder: Path) -> Iterator[None]:
    yield
    find_shards(str(folder / "none"))


def text_of(name: str, data: bytes, read: Callable[[Path], Any]) -> Act:
    """Read a file of text, or of JSON, that is damaged."""

    def act(folder: Path) -> Iterator[None]:
        (folder / name).write_bytes(data)
        yield
        read(folder / name)

    return act


def costs(data: bytes) -> Act:
    return text_of("lstm.tsv", data, lambda file: stage_times(file.parent))


def claims(text: str) -> Act:
    return text_of("claims.yaml", text.encode(), lambda file: load_claims(file, {"results": []}))


def predicted(path: Path) -> Any:
    return read_table(path, "predictions")


BAD: dict[str, tuple[Act, list[str]]] = {
    # --- corpus
    "a file that is not there": (state(None), ["my.csv: there is no such file (config key `corpus.path`)"]),
    "a misspelt file": (state(CSV, file="mi.csv"), ["mi.csv: there is no such file", "Did you mean 'my.csv'?"]),
    "another file than the pinned one": (state(CSV, sha256="0" * 64), ["not the file this experiment pins", "corrections.csv"]),
    "an empty file": (corpus(b""), ["holds no comments"]),
    "a header alone": (corpus(b"text,label\n"), ["holds no comments"]),
    "a name without a format": (corpus(CSV, "my.data"), ["no format is known by its name. It can end in .csv, .tsv", "`format: csv` under `corpus`"]),
    "no text column": (corpus(b"txt,label\na,0\n"), ["no column 'text' for the comment's text (config key `corpus.text`). Did you mean 'txt'?", "Columns: txt, label."]),
    "no label column": (corpus(b"text,hate\na,0\n"), ["no column 'label'", "`corpus.label`"]),
    "no user column": (corpus(CSV, user="who"), ["no column 'who'", "`corpus.user`", "write `user: null`"]),
    "no group column": (corpus(CSV, group="thread"), ["no column 'thread'", "`corpus.group`", "write `group: null`"]),
    "a header twice": (corpus(b"text,text,label\na,b,0\n"), ["the header has 'text' more than once"]),
    "a row too short": (corpus(b"text,label\na\nb,1\n"), ["line 2: 1 fields where the header has 2"]),
    "a row too long": (corpus(b"text,label\na,0\nb,1,1\n"), ["line 3: 3 fields where the header has 2"]),
    "an open quote": (corpus(b'text,label\n"a,0\nb,1\n'), ["line 3: unexpected end of data", "Double a quote inside quotes"]),
    "a stray quote": (corpus(b'text,label\n"a" b,0\n'), ["line 2: ", "Double a quote inside quotes"]),
    "an empty text": (corpus(b"text,label\na,0\n  ,1\n"), ["line 3: the text is empty"]),
    "a text of numbers": (corpus(b'{"text": 7, "label": 1}\n', "my.jsonl"), ["line 1: the text is not a string"]),
    "a missing text": (corpus(b'{"text": null, "label": 1}\n', "my.jsonl"), ["line 1: the text is missing"]),
    "a text of a megabyte": (corpus(b"text,label\n" + b"a" * 1_000_000 + b",1\n"), ["line 2: the text is longer than 100,000 characters"]),
    "half a character": (corpus(b'{"text": "\\ud800", "label": 1}\n', "my.jsonl"), ["line 1: half a character"]),
    "a third label": (corpus(b"text,label\na,0\nb,2\n"), ["line 3: label '2' is not 0, 1, true or false", "`corpus.positive`"]),
    "labels as words": (corpus(b"text,label\na,hate\nb,none\n"), ["line 2: label 'hate' is not", "Labels: 'hate', 'none'"]),
    "no label": (corpus(b"text,label\na,\nb,1\n"), ["line 2: no label"]),
    "one class": (corpus(b"text,label\na,1\nb,1\n"), ["all 2 labels are 1; a classifier needs both"]),
    "a positive that no row has": (corpus(b"text,label\na,hate\nb,none\n", positive="hat"), ["no label equals 'hat' (config key `corpus.positive`). Did you mean 'hate'?"]),
    "a class that nobody mapped": (corpus(b"text,label\na,hate\nb,none\nc,nome\n", positive="hate", negative="none"), ["line 4: label 'nome' is neither positive nor negative. Did you mean 'none'?"]),
    "a bare yes": (corpus(b"text,label\na,yes\nb,no\n", positive=True), ["no label equals 'true'", "put it in quotes"]),
    "an id twice": (corpus(b"n,text,label\n1,a,0\n1,b,1\n", id="n"), ["line 3: id '1' stands in line 2 already"]),
    "an id that is missing": (corpus(b"n,text,label\n,a,0\n1,b,1\n", id="n"), ["line 2: no id"]),
    "another encoding": (corpus("text,label\nnaïve,0\n".encode("cp1252")), ["not UTF-8 in line 2: byte 0xEF (byte 13 of the file)", "`encoding: cp1252`"]),
    "an Excel workbook": (corpus(b"PK\x03\x04\x14\x00"), ["not a readable workbook", "save the sheet as CSV"]),
    "half a gzip file": (corpus(gzip.compress(CSV)[:-6], "my.csv.gz"), ["my.csv.gz: cannot be read as csv"]),
    "broken JSON": (corpus(b'{"text": "a", "label": 0}\n{"text": \n', "my.jsonl"), ["line 2: broken JSON"]),
    "JSON that is no object": (corpus(b'"a"\n', "my.jsonl"), ["a str where objects were expected: an object per line"]),
    "a JSON array of arrays": (corpus(b'[["a", 1]]', "my.json"), ["an array of arrays", "jq -c"]),
    "JSON without end": (corpus(b'{"a":' * 100_000, "my.json"), ["cannot be read as jsonl"]),
    "bytes named Parquet": (corpus(b"\0\1\2\3" * 9, "my.parquet"), ["my.parquet: damaged or not a Parquet file"]),
    # --- corrections
    "another header": (corrections("id,value\n"), ["the header must be id,column,value and optionally reason"]),
    "an unknown comment": (corrections("id,column,value\nz,label,0\n"), ["line 2: no comment has the id 'z'"]),
    "an unknown column": (corrections("id,column,value\na,lable,0\n"), ["line 2: no column 'lable'. Did you mean 'label'?"]),
    "a label that is a word": (corrections("id,column,value\na,label,hate\n"), ["line 2: label 'hate' is not 0 or 1"]),
    "a text that is taken away": (corrections("id,column,value\na,text,\n"), ["line 2: the text is empty"]),
    "a value corrected twice": (corrections("id,column,value\na,label,1\na,label,0\n"), ["line 3: the label of a is corrected in line 2 already"]),
    "corrections that leave one class": (corrections("id,column,value\na,label,1\n"), ["once corrected, all labels are 1"]),
    # --- configuration
    "an unknown key": (config("lstm: {training: {hiden: 9}}"), ["overlay.yaml: lstm.training.hiden: unknown key. Did you mean 'hidden'?"]),
    "an unknown key of the corpus": (config("corpus: {txt: comment}"), ["overlay.yaml: corpus.txt: unknown key. Did you mean 'text'?"]),
    "the old form of a corpus": (config("corpora: {mine: {path: a.csv}}"), ["overlay.yaml: corpora: unknown key. Did you mean 'corpus'?"]),
    "a setting that is no more": (config("finetune: {training: {copies: 3}}"), ["overlay.yaml: finetune.training.copies: unknown key. Allowed: batch_size, class_weights,"]),
    "a path of a number": (config("corpus: {path: 3}"), ["overlay.yaml: corpus.path: 3 is not of type 'string'"]),
    "a path with a pattern": (config("corpus: {path: 'my{x}.csv'}"), ["overlay.yaml: corpus.path: Snakemake reads { } < > in a path as patterns. Rename"]),
    "results outside": (config("pathvars: {results: ../elsewhere}"), ["overlay.yaml: pathvars.results: '../elsewhere' does not match"]),
    "a learning rate of zero": (config("lstm: {training: {learning_rate: 0}}"), ["overlay.yaml: lstm.training.learning_rate: 0 is less than or equal to the minimum of 0"]),
    "a learning rate of text": (config("lstm: {training: {learning_rate: 1e-5}}"), ["overlay.yaml: lstm.training.learning_rate: '1e-5' is text, not a number", "1.0e-5"]),
    "one fold": (config("protocols: {stratified-10: {folds: 1}}"), ["overlay.yaml: protocols.stratified-10.folds: 1 is less than the minimum of 2"]),
    "a fraction of folds": (config("protocols: {stratified-10: {folds: 2.5}}"), ["overlay.yaml: protocols.stratified-10.folds: 2.5 is not of type 'integer'"]),
    "a sweep that nobody defines": (config("run: [lstm-brt]"), ["overlay.yaml: run.0: undefined sweep 'lstm-brt'. Did you mean 'lstm-bert'?"]),
    "a protocol that nobody defines": (config("baselines: {protocols: [stratified-5]}"), ["overlay.yaml: baselines.protocols.0: undefined protocol 'stratified-5'", "Defined: stratified-3,"]),
    "a model that nobody defines": (config("sweeps: {lstm-bert: {models: [x]}}"), ["overlay.yaml: sweeps.lstm-bert.models.0: undefined model 'x'"]),
    "an encoder that nobody defines": (config("encoder: minilmm"), ["overlay.yaml: encoder: undefined encoder 'minilmm'. Did you mean 'minilm'?"]),
    "no seeds": (config("sweeps: {lstm-bert: {seeds: []}}"), ["overlay.yaml: sweeps.lstm-bert.seeds: [] should be non-empty"]),
    "a seed twice": (config("sweeps: {lstm-bert: {seeds: [1, 1]}}"), ["overlay.yaml: sweeps.lstm-bert.seeds: [1, 1] has non-unique elements"]),
    "a negative without a positive": (config("corpus: {negative: [none]}"), ["overlay.yaml: corpus: 'positive' is a dependency of 'negative'"]),
    "a download without a checksum": (config("downloads: {a.csv: {url: 'https://example.org', bytes: 1}}"), ["overlay.yaml: downloads.a.csv: 'sha256' is a required property"]),
    "a download without encryption": (config(f"downloads: {{a.csv: {{url: 'http://example.org', bytes: 1, sha256: {'0' * 64}}}}}"), ["overlay.yaml: downloads.a.csv.url: 'http://example.org' does not match '^https://'"]),
    "a class on both sides": (config("corpus: {positive: [a, b], negative: [b]}"), ["overlay.yaml: corpus.negative: the label 'b' is positive too"]),
    "a corpus too small for anything": (fitted(12, 1), ["too small for every model", "stratified-3: left out: the corpus has only 1 comments of the smaller class", "under `run`"]),
    # --- encoder folder
    "pickled weights": (encoder(pickled), ["no model.safetensors. Pickled weights can run code and are never loaded", "convert"]),
    "code of its own": (encoder(own_code), ["code of its own, which is never run here", "Choose a model of a kind that transformers itself knows"]),
    "no config.json": (encoder(replaced("config.json", None)), ["It needs tokenizer.json and config.json"]),
    "a damaged config.json": (encoder(replaced("config.json", "{")), ["It needs tokenizer.json and config.json"]),
    "a kind nobody knows": (encoder(replaced("config.json", '{"model_type": "nobody"}')), ["nobody"]),
    "no tokenizer.json": (encoder(replaced("tokenizer.json", None)), ["its tokenizer cannot be loaded", "AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)"]),
    "a damaged tokenizer.json": (encoder(replaced("tokenizer.json", "{}")), ["its tokenizer cannot be loaded"]),
    "damaged weights": (encoder(replaced("model.safetensors", b"\xff" * 64)), ["cannot be loaded"]),
    "other weights than pinned": (encoder(lambda folder: None, sha256="0" * 64), ["expected " + "0" * 64]),
    "a layer too deep": (layer, ["The encoder has 2 layers, and `embeddings.layer` is -9: it can be -3 to 2"]),
    # --- what is to be answered
    "no file to answer": (answered("a.csv", None), ["a.csv: there is no such file"]),
    "no column to answer": (answered("a.csv", b"txt\na\n"), ["no column 'text'. Did you mean 'txt'?", "Name it with --column"]),
    "bytes to answer": (answered("a.txt", b"\xff\xfe\xfd"), ["a.txt: not utf-16 in line 1: byte 0xFD (byte 2 of the file)"]),
    "no model to ask": (answered("a.txt", b"a\n"), ["model: there is no such folder."]),
    "a model without config.json": (final_model(replaced("config.json", None)), ["model: not a model", "It needs config.json, tokenizer.json and model.safetensors"]),
    "a model of other labels": (final_model(replaced("config.json", '{"id2label": {"0": "a", "1": "b"}}')), ["labels ['a', 'b']. Two are needed, one of them 'hateful'"]),
    "a model without weights": (final_model(replaced("model.safetensors", None)), ["It needs config.json and model.safetensors; pickled weights", "rm -r "]),
    "no folder of files": (no_folder, ["none: no folder with tables, files that end in .csv, .tsv,", "(config key `predict.input`)"]),
    "a damaged shard": (shard(b"PAR1PAR1"), ["shard.parquet: damaged or not a Parquet file"]),
    "a shard without the column": (shard(pd.DataFrame({"txt": ["a"]})), ["no column 'text'. Did you mean 'txt'?", "`predict.column`"]),
    "a pickle of word vectors": (pretrained(b"\x80\x04"), ["a pickle", "can run code when loaded", "save_word2vec_format"]),
    "word vectors of nothing": (pretrained(b"no vectors\n"), ["not in word2vec format"]),
    "word vectors that are not there": (pretrained(None), ["word2vec.pretrained", "does not exist"]),
    # --- files of the workflow itself
    "half a table": (damaged(lambda data: data[: len(data) // 2], predicted), ["seed-1.parquet: damaged or not a Parquet file", "rm ", "-- "]),
    "a table with altered bytes": (damaged(lambda data: data[:40] + b"\0\1\2\3" + data[44:], predicted), ["seed-1.parquet: damaged", "rm "]),
    "an empty table": (damaged(lambda data: b"", predicted), ["seed-1.parquet: damaged", "rm "]),
    "a record that is no JSON": (text_of("training.json", b'{"seconds": ', read_json), ["training.json: damaged (", "rm ", "-- "]),
    "a record that lacks a key": (text_of("training.json", b'{"secnods": 3}', lambda file: read_json(file, ["seconds"])), ["training.json: damaged (it lacks seconds)", "rm ", "-- "]),
    "a report with an altered byte": (text_of("report.md", b"F1 \xff", read_text), ["report.md: damaged, or not UTF-8 (byte 3)", "rm ", "-- "]),
    "an empty benchmark": (costs(b""), ["lstm.tsv: damaged", "Delete it (rm "]),
    "a benchmark with an altered byte": (costs(b"s\tcpu_time\tmax_rss\n1.0\t2.\xb0\t3\n"), ["lstm.tsv: damaged", "Delete it (rm "]),
    "a benchmark with another number": (costs(b"s\tcpu_time\tmax_rss\n1.0\t2.p\t3\n"), ["lstm.tsv: damaged", "Delete it (rm "]),
    "half a benchmark": (costs(b"s\tcpu_time"), ["lstm.tsv: damaged", "Delete it (rm "]),
    "claims that are no YAML": (claims("- id: [\n"), ["claims.yaml: not YAML: ", "git checkout"]),
    "claims that are no list": (claims("id: one\n"), ["claims.yaml: not a list of claims", "`- id: NAME`"]),
    "HateCheck's cases with an altered byte": (text_of("cases.csv", b"functionality\n\xff\n", read_cases), ["cases.csv: not UTF-8"]),
    "another table": (damaged(bytes, lambda path: read_table(path, "scores")), ["column 'protocol' of table 'scores' is not string", "rm "]),
    "an epoch that was not trained": (damaged(bytes, lambda path: read_epochs(str(path), [7])), ["no predictions after epoch 7. Delete it and run Snakemake again"]),
    "vectors of other comments": (other_vectors, ["no vectors for 1 comments, such as y. Delete it (rm"]),
    "a damaged origin": (origin("{"), ["origin.json: damaged. Delete both", "rm "]),
    "a key of users that is none": (users_key, ["users.key: damaged", "Put the old one back, or"]),
}  # fmt: skip


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("name", BAD)
def test_a_bad_input_is_named_with_what_to_do_and_nothing_is_written_or_lost(name, tmp_path, monkeypatch):
    act, parts = BAD[name]
    monkeypatch.chdir(tmp_path)
    steps = act(tmp_path)
    next(steps)
    before = contents(tmp_path)
    with pytest.raises(FoxhoundError) as refused:
        next(steps)
    for part in parts:
        assert part in str(refused.value)
    assert contents(tmp_path) == before


def test_the_table_is_long_enough():
    assert len(BAD) >= 60
