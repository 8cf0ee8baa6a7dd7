"""What the shipped experiments run under which folds, on which word vectors and with which seeds, and a small one of it."""

import json
import re
from collections import Counter

import numpy as np
import pytest
from foxhound.tables import read_metadata

from .conftest import END, SHARED, TINY, Checkout

VECTORS = SHARED / "data" / "word-vectors.txt.gz"
PRETRAINED = ("--configfile", "experiments/pretrained-vectors.yaml")
RUN = "results/lstm/lstm-word2vec-pretrained-minimal-bidirectional-attention/stratified-3/fold-01/seed-1.parquet"


def outputs(checkout: Checkout, *arguments: str) -> set[str]:
    """Return the first file of every job that a plan has."""
    said = checkout.run("-n", *arguments)
    assert said.returncode == 0, said.stdout
    return set(re.findall(r"^    output: ([^,\n]+)", said.stdout, flags=re.MULTILINE))


@pytest.mark.parametrize(
    ("overlay", "folds"),
    [
        ("config.yaml", ["stratified-3", "users-3", "articles-5"]),
        ("experiments/whole-grid.yaml", ["stratified-10", "user-grouped", "leave-one-article-out"]),
        ("experiments/demo.yaml", ["stratified-2", "users-2", "articles-2"]),
        ("experiments/search.yaml", ["stratified-10", "user-grouped", "leave-one-article-out"]),
        ("experiments/bert-base.yaml", ["stratified-10", "user-grouped", "leave-one-article-out"]),
    ],
)
def test_what_is_compared_runs_on_random_folds_on_unseen_users_and_on_unseen_articles(
    overlay: str, folds: list[str], checkout: Checkout
) -> None:
    planned = outputs(checkout, "--configfile", overlay)
    families = {
        "finetune": ["finetune-bert"],
        "lstm": ["lstm-bert-bidirectional-attention"],
        "ensembles": ["ensemble", "stack"],
        "baselines": ["pooled-logistic", "tfidf-logistic", "always-hateful"],
    }
    for protocol in folds:
        for family, models in families.items():
            for model in models:
                assert any(f"/{family}/{model}/{protocol}/" in path for path in planned), (family, model, protocol)


def test_an_own_corpus_is_scored_on_the_hardest_folds_that_its_columns_allow(checkout: Checkout) -> None:
    rows = "".join(f"comment {row},{row % 2},thread {row % 7},user {row % 11}\n" for row in range(90))
    (checkout.folder / "mine.csv").write_text("comment,hate,thread,user\n" + rows)
    for lacking, expected in (
        ({}, {"users-3", "articles-5"}),
        ({"user": None}, {"articles-5"}),
        ({"group": None}, {"users-3"}),
        ({"user": None, "group": None}, set()),
    ):
        columns = {"title": None, "group": "thread", "user": "user"} | lacking
        corpus = {"path": "mine.csv", "text": "comment", "label": "hate", **columns}
        (checkout.folder / "mine.json").write_text(
            json.dumps({"pathvars": {"results": "results/mine"}, "corpus": corpus})
        )
        planned = outputs(checkout, "--configfile", "mine.json")
        found = {path.split("/")[4] for path in planned if "/finetune/finetune-bert/" in path and "/fold-" in path}
        assert found == {"stratified-3", *expected}


def test_pretrained_vectors_are_fetched_only_where_there_are_none(checkout: Checkout) -> None:
    usual = checkout.planned("--", "results/report.md")
    assert not usual["pretrained_vectors"] and not usual["vectors_download"]
    planned = checkout.planned(*PRETRAINED, "--", "results/report.md")
    assert planned == usual + Counter(vectors_download=1, pretrained_vectors=1, lstm=3 * 3 * 3)
    (checkout.folder / "resources" / "glove-wiki-gigaword-100.gz").write_bytes(b"not the pinned file")
    assert checkout.planned(*PRETRAINED, "--", RUN)["vectors_download"] == 0
    refused = checkout.run(*PRETRAINED, "--", "results/word2vec/pretrained.parquet")
    assert refused.returncode != 0
    assert "resources/glove-wiki-gigaword-100.gz: not the file this experiment pins" in refused.stdout
    (checkout.folder / "lost.yaml").write_text("word2vec: {pretrained: resources/lost.txt}")
    refused = checkout.run("-n", *PRETRAINED, "lost.yaml")
    assert refused.returncode != 0 and "word2vec.pretrained: resources/lost.txt does not exist" in refused.stdout


def test_vectors_that_cannot_be_fetched_say_what_to_do(checkout: Checkout) -> None:
    url = "{resources/glove-wiki-gigaword-100.gz: {url: 'https://127.0.0.1:9/vectors.gz'}}"
    (checkout.folder / "nowhere.yaml").write_text(f"downloads: {url}")
    refused = checkout.run(*PRETRAINED, "nowhere.yaml", "--", "results/word2vec/pretrained.parquet")
    assert refused.returncode != 0
    assert "resources/glove-wiki-gigaword-100.gz: resources/glove-wiki-gigaword-100.gz does not exist" in refused.stdout
    assert "leave out the models with `vectors: pretrained`" in refused.stdout


def test_the_word_vectors_that_users_download_know_the_comments_words(rerun: Checkout) -> None:
    if not VECTORS.is_file():
        pytest.skip("the word vectors are not beside this checkout (../shared/data/word-vectors.txt.gz)")
    read = {"sweeps": {"lstm-word2vec": {"models": ["lstm-word2vec-pretrained-classic-base"]}}}
    (rerun.folder / "added.json").write_text(json.dumps({"word2vec": {"pretrained": str(VECTORS)}} | read))
    table = "results/tiny/word2vec/pretrained.parquet"
    assert rerun.done(*TINY, "added.json", "--", table) == {"pretrained_vectors": 1}
    made = read_metadata(rerun.folder / table)
    assert made["dimensions"] == 100 and made["coverage"]["classic"]["running"] > 0.85


def test_a_small_experiment_on_both_kinds_of_vectors_and_on_unseen_users_and_articles(rerun: Checkout) -> None:
    """Run the tiny experiment with what the default adds to it, and read its report."""
    name = "vectors.txt"
    comments = (rerun.folder / "resources/demo-comments.json").read_text().splitlines()
    text = " ".join(json.loads(line)["text"] for line in comments)
    words = sorted(set(re.findall("[a-z]{3,}", text.lower())))[::2]
    numbers = np.random.default_rng(0).normal(size=(len(words), 5)).round(3)
    lines = [f"{word} {' '.join(map(str, row))}" for word, row in zip(words, numbers, strict=True)]
    (rerun.folder / name).write_text(f"{len(words)} 5\n" + "\n".join(lines) + "\n")
    added = {
        "word2vec": {"pretrained": name},
        "protocols": {
            "users": {"folds": 2, "group": "user", "seed": 0},
            "articles": {"folds": 2, "group": "thread", "seed": 0},
        },
        "sweeps": {
            "lstm-word2vec": {"models": ["lstm-word2vec-classic-base", "lstm-word2vec-pretrained-classic-base"]},
            "lstm-bert": {"protocols": ["stratified-2", "users", "articles"]},
        },
    }
    (rerun.folder / "added.json").write_text(json.dumps(added))
    # Vectors trained on the corpus are not made again where others come beside them.
    assert rerun.done(*TINY, "added.json") == {
        "pretrained_vectors": 1, "partition": 4, "lstm": 2 + 4, "baselines": 8, "ensembles": 2, "leaks": 1, **END,
    }  # fmt: skip
    report = (rerun.folder / "results/tiny/report.md").read_text()
    shares = re.search(rf"\| pretrained: {re.escape(name)} \| classic \| (\d+) \| ([.\d]+) \| ([.\d]+) \|", report)
    assert shares is not None
    assert shares[1] == "5" and 0.2 < float(shares[2]) < 0.8
    assert re.search(r"\| own \| classic \| 16 \| \.\d+ \| \.\d+ \|", report)
    assert (
        "| Model | F1, random | F1, by user | F1, by article | AUROC | Minus TF-IDF | No significant difference |"
        in report
    )
    row = re.search(r"^\| lstm-bert-bidirectional-attention-title \|(.*)$", report, flags=re.MULTILINE)
    assert row is not None and row[1].count("[") == 5
    assert "**On new articles and users?** F1 is " in report
    assert "Nothing to be done" in rerun.run("-n", *TINY, "added.json").stdout
    # A file that users edit counts by its content.
    (rerun.folder / name).write_text((rerun.folder / name).read_text().replace("0.", "1.", 1))
    assert rerun.planned(*TINY, "added.json") == {"pretrained_vectors": 1, "lstm": 2, **END}
