"""The workflow itself, every rule once on the demo corpus: it runs, rests, and redoes only what is new."""

import hashlib
from collections import Counter
from pathlib import Path

from foxhound.tables import read_metadata, read_table

from .conftest import TINY, Checkout


def digests(folder: Path) -> dict[str, str]:
    paths = sorted(folder.rglob("*.parquet"))
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_every_rule_runs_and_the_report_is_there(finished: tuple[Checkout, Counter[str]]) -> None:
    checkout, jobs = finished
    assert jobs == {
        "corpus": 1, "column": 6, "cleaning": 1, "embeddings": 2, "partition": 3, "word2vec": 2, "lstm": 4,
        "finetune": 1, "baselines": 8, "ensembles": 1, "scores": 1, "comparisons": 1, "claims": 1, "leaks": 1, "curves": 1,
        "recommendation": 1, "report": 1, "page": 1, "all": 1,
    }  # fmt: skip
    results = checkout.folder / "results" / "tiny"
    report = (results / "report.md").read_text()
    for name in ("lstm-bert-bidirectional-attention-title", "finetune-bert", "tfidf-logistic"):
        assert name in report
    assert "More labelled comments to tell it from the first" in report
    assert (
        read_table(results / "ladder.parquet", "ladder").empty and "Cannot say: no model was trained on draws" in report
    )
    assert (results / "figures" / "f1.svg").stat().st_size > 1000
    assert len(list((results / "figures").glob("*.svg"))) == len(list((results / "figures").glob("*.json"))) == 9
    scores = read_table(results / "scores.parquet", "scores")
    assert set(scores["epoch"][scores["model"] == "lstm-bert-bidirectional-attention-title"]) == {1, 2}
    assert set(scores["part"][scores["model"] == "finetune-bert"]) == {"validation", "test"}


def test_every_result_says_what_it_was_made_from(finished: tuple[Checkout, Counter[str]]) -> None:
    results = finished[0].folder / "results" / "tiny"
    read = {"always-hateful": {"label"}, "article-only": {"label", "thread"}}
    read["pair"] = read["lstm-bert-bidirectional-attention-title"] = {"label", "text", "title"}
    checked = 0
    for family in ("lstm", "finetune", "baselines", "ensembles"):
        for path in (results / family).rglob("*.parquet"):
            made = read_metadata(path)
            assert {"versions", "device", "seed", "corpus"} <= set(made)
            model = path.relative_to(results / family).parts[0]
            assert set(made["corpus"]) == read.get(model, {"label", "text"})
            checked += 1
    assert checked == 14
    assert set(read_metadata(results / "scores.parquet")["corpus"]) == {"label", "text", "thread", "title", "user"}


def test_a_second_run_has_nothing_to_do(finished: tuple[Checkout, Counter[str]]) -> None:
    checkout, _ = finished
    assert "Nothing to be done" in checkout.run(*TINY).stdout
    assert "Nothing to be done" in checkout.run("-n", *TINY).stdout


def test_a_model_trained_again_gives_the_same_bytes(rerun: Checkout) -> None:
    # Trained with --cores 2 before, side by side, and with --cores 1 now.
    results = rerun.folder / "results" / "tiny"
    before = digests(results)
    again = [name for name in before if name.startswith(("lstm/", "finetune/", "word2vec/"))]
    assert len(again) == 7
    targets = [f"results/tiny/{name}" for name in again]
    jobs = rerun.done(*TINY, "--cores", "1", "--forcerun", "word2vec", "lstm", "finetune", "--", *targets)
    assert jobs == {"word2vec": 2, "lstm": 4, "finetune": 1}
    assert digests(results) == before


def test_an_unreachable_corpus_falls_back_loudly(checkout: Checkout) -> None:
    nowhere = "downloads: {resources/fox-news-comments.json: {url: 'https://127.0.0.1:9/comments.json'}}"
    (checkout.folder / "nowhere.yaml").write_text(nowhere)
    ran = checkout.run("--configfile", "nowhere.yaml", "--", "results/corpus/source.json")
    assert ran.returncode == 0, ran.stdout
    assert "EVERY NUMBER OF THIS RUN IS ABOUT THE EMBEDDED DEMO CORPUS" in ran.stdout
    assert '"fallback": true' in (checkout.folder / "results/corpus/source.json").read_text()
    again = checkout.run("--configfile", "nowhere.yaml", "--", "results/corpus/source.json")
    assert "EVERY NUMBER OF THIS RUN IS ABOUT THE DEMO CORPUS" in again.stdout
    assert "Nothing to be done" in again.stdout


def test_a_changed_corpus_file_is_refused(checkout: Checkout) -> None:
    (checkout.folder / "resources" / "fox-news-comments.json").write_text('{"title": "t", "text": "x", "label": 1}\n')
    refused = checkout.run("-n")
    assert refused.returncode != 0
    assert "resources/fox-news-comments.json: not the file this experiment pins" in refused.stdout
    assert "corrections.csv" in refused.stdout
    assert "Traceback" not in refused.stdout
