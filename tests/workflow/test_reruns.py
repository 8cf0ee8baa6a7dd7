"""The table of docs/reruns.md, row by row: a finished run, one change, and the jobs that a second run executes."""

import json
import os
import re
import shutil
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from foxhound.tables import read_metadata, read_table, write_table

from .conftest import COMMENTS, END, REPORT, TEXTS, TINY, Checkout, copy_checkout

RAW = "resources/demo-comments.json"
FIRST = f"encoded {TEXTS} of {COMMENTS}, reused {COMMENTS - TEXTS}"
ALL_REUSED = f"encoded 0 of {COMMENTS}, reused {COMMENTS}"
Edit = Callable[[dict], dict | None]


def edit_rows(checkout: Checkout, edit: Edit, rows: slice) -> None:
    """Change (or, where `edit` returns None, remove) some comments of the raw corpus."""
    path = checkout.folder / RAW
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[rows] = [changed for line in lines[rows] if (changed := edit(line)) is not None]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def replace(checkout: Checkout, name: str, old: str, new: str) -> None:
    path = checkout.folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def overlay(checkout: Checkout, text: str) -> str:
    (checkout.folder / "overlay.yaml").write_text(text)
    return "overlay.yaml"


def correct(checkout: Checkout, row: int, column: str, value: str) -> str:
    """Correct one value by corrections.csv; the overlay that names the file."""
    comments = read_table(checkout.folder / "results/tiny/corpus/comments.parquet", "comments")
    lines = ["id,column,value,reason", f"{comments['id'][row]},{column},{value},a test"]
    (checkout.folder / "fixes.csv").write_text("\n".join(lines) + "\n")
    return overlay(checkout, "corpus: {corrections: fixes.csv}")


def why(checkout: Checkout, *configs: str) -> dict[str, str]:
    """What `foxhound why` says: rule -> cause."""
    said = checkout.foxhound("why", *TINY, *configs)
    assert said.returncode == 0, said.stdout
    return dict(re.findall(r"^(\w+) +\d+ jobs?  (.*)$", said.stdout, flags=re.MULTILINE))


def encoded(checkout: Checkout, context: str = "none") -> str:
    log = checkout.folder / f"results/tiny/logs/embeddings/minilm/{context}.log"
    return re.findall(r"encoded .*", log.read_text())[-1]


def rested(checkout: Checkout, *configs: str) -> bool:
    return "Nothing to be done" in checkout.run("-n", *TINY, *configs).stdout


def test_nothing(rerun: Checkout) -> None:
    assert rerun.done(*TINY) == {}
    said = rerun.foxhound("why", *TINY).stdout
    assert said == "Nothing to be done: everything is there and up to date.\n"


def test_labels(rerun: Checkout) -> None:
    edit_rows(rerun, lambda row: row | {"label": 1 - int(row["label"])}, slice(3, 6))
    causes = why(rerun)
    for rule in ("column", "partition", "lstm", "finetune", "baselines"):
        assert causes[rule] == "label of 3 comments changed"
    assert causes["scores"].startswith("follows ")
    assert "embeddings" not in causes
    jobs = rerun.done(*TINY)
    assert jobs == {
        "corpus": 1, "column": 1, "partition": 3, "word2vec": 2, "lstm": 4, "finetune": 1, "baselines": 8,
        "ensembles": 1, "leaks": 1, **END,
    }  # fmt: skip
    assert rested(rerun)


def test_one_text(rerun: Checkout) -> None:
    fixed = correct(rerun, 5, "text", "Nothing like what stood here before.")
    assert why(rerun, fixed)["embeddings"] == "text of 1 comment changed"
    jobs = rerun.done(*TINY, fixed)
    # Partitions go by labels; always-hateful and article-only read no text. The page reads it with names dotted out.
    assert jobs == {
        "corpus": 1, "column": 2, "cleaning": 1, "embeddings": 2, "word2vec": 2, "lstm": 4, "finetune": 1,
        "baselines": 4, "ensembles": 1, "leaks": 1, **END,
    }  # fmt: skip
    for context in ("none", "title"):
        assert encoded(rerun, context) == f"encoded 1 of {COMMENTS}, reused {COMMENTS - 1}"
    assert (
        "| 1 |"
        in re.search(r"Corrections applied.*?\n\n", (rerun.folder / "results/tiny/report.md").read_text(), re.S)[0]
    )
    assert rested(rerun, fixed)


def test_who_wrote_what(rerun: Checkout) -> None:
    # Scores have intervals over users, and comments of a user are swapped together; the page dots out users' names
    # wherever comments mention them.
    edit_rows(rerun, lambda row: row | {"user": "Qzx"}, slice(0, 9))
    causes = why(rerun)
    assert causes["corpus"] == f"{RAW} changed; user of 9 comments changed"
    assert causes["scores"] == causes["claims"] == "user of 9 comments changed"
    again = {"scores": 1, "comparisons": 1, "claims": 1, "recommendation": 1, **REPORT}
    assert rerun.done(*TINY) == {"corpus": 1, "column": 1, **again}
    assert rested(rerun)
    comments = read_table(rerun.folder / "results/tiny/corpus/comments.parquet", "comments")
    assert comments["user"][:9].nunique() == 1
    edit_rows(rerun, lambda row: row | {"user": str(row["text"]).split()[0]}, slice(0, 1))
    assert rerun.done(*TINY) == {"corpus": 1, "column": 2, **again}
    assert rested(rerun)


def test_a_user_who_is_only_called_otherwise(rerun: Checkout) -> None:
    raw = [json.loads(line) for line in (rerun.folder / RAW).read_text().splitlines()]
    name = next(row["user"] for row in raw if row["user"])
    edit_rows(rerun, lambda row: row | {"user": "Qzx" if row["user"] == name else row["user"]}, slice(None))
    assert rerun.done(*TINY) == {"corpus": 1}  # who wrote what together is as it was
    assert rested(rerun)


def test_rows_removed_and_added_again(rerun: Checkout) -> None:
    whole = (rerun.folder / RAW).read_text()
    edit_rows(rerun, lambda row: None, slice(0, 30))
    assert "30 comments removed" in why(rerun)["embeddings"]
    target = "results/tiny/embeddings/minilm/none.parquet"
    rerun.done(*TINY, "--", target)
    assert encoded(rerun) == f"encoded 0 of {COMMENTS - 30}, reused {COMMENTS - 30}"
    (rerun.folder / RAW).write_text(whole)
    rerun.done(*TINY, "--", target)
    assert encoded(rerun) == ALL_REUSED


def test_encoder_settings_there_and_back(rerun: Checkout) -> None:
    target = "results/tiny/embeddings/minilm/none.parquet"
    other = overlay(rerun, "embeddings: {layer: -2}")
    before = (rerun.folder / target).read_bytes()
    assert rerun.done(*TINY, other, "--", target) == {"embeddings": 1}
    assert encoded(rerun) == FIRST
    assert (rerun.folder / target).read_bytes() != before
    assert rerun.done(*TINY, "--", target) == {"embeddings": 1}
    assert encoded(rerun) == ALL_REUSED
    assert (rerun.folder / target).read_bytes() == before


@pytest.mark.parametrize(
    ("change", "expected", "cause"),
    [
        pytest.param(
            "sweeps: {finetune-balanced: {seeds: [1, 2]}}", {"partition": 1, "finetune": 1, "baselines": 4, "leaks": 1, **END},
            {"finetune": "not made yet"}, id="seed",
        ),
        pytest.param(
            "sweeps: {finetune-balanced: {learning_rates: [1.0e-4, 2.0e-5]}}", {"finetune": 1, **END},
            {"finetune": "not made yet"}, id="learning-rate",
        ),
        pytest.param(
            "sweeps: {lstm-bert: {protocols: [stratified-2, other]}}\nprotocols: {other: {folds: 3, group: user, seed: 0}}",
            {"partition": 3, "lstm": 3, "baselines": 4, "ensembles": 1, "leaks": 1, **END}, {"partition": "not made yet"},
            id="protocol",
        ),
        pytest.param(
            "ensembles: {pair: [{model: tfidf-logistic}, {model: pooled-logistic}]}", {"ensembles": 2, **END},
            {"scores": "setting scores.epochs changed"}, id="ensemble",
        ),
        pytest.param(
            "sweeps: {lstm-word2vec: {models: [lstm-word2vec-classic-base, lstm-word2vec-minimal-base]}}",
            {"cleaning": 1, "word2vec": 2, "lstm": 2, **END}, {"lstm": "not made yet"}, id="model",
        ),
        pytest.param(
            "baselines: {models: [always-hateful, tfidf-logistic, pooled-logistic, article-only, never-hateful]}",
            {"baselines": 2, **END}, {"baselines": "not made yet"}, id="baseline",
        ),
        pytest.param(
            "sweeps: {lstm-word2vec: {epochs: [1, 2]}}", {"scores": 1, "comparisons": 1, "recommendation": 1, **REPORT},
            {"scores": "setting scores.epochs changed"}, id="earlier-epoch",
        ),
        pytest.param(
            "sweeps: {lstm-word2vec: {epochs: [2, 3]}}", {"lstm": 2, **END},
            {"lstm": "setting lstm.epochs changed from 2 to 3"}, id="later-epoch",
        ),
        pytest.param(
            "scores: {draws: 200}", END, {"comparisons": "setting comparisons.draws changed from 100 to 200"}, id="score-setting",
        ),
        pytest.param(
            "claims: {margin: 0.05}", {"claims": 1, **REPORT},
            {"claims": "setting claims.margin changed from 0.03 to 0.05"}, id="margin-of-claims",
        ),
        pytest.param(
            "lstm: {training: {attention: 5}}", {"lstm": 4, "ensembles": 1, **END},
            {"lstm": "setting lstm.training.attention changed from 4 to 5"}, id="model-setting",
        ),
    ],
)  # fmt: skip
def test_configuration(change: str, expected: dict[str, int], cause: dict[str, str], rerun: Checkout) -> None:
    config = overlay(rerun, change)
    assert cause.items() <= why(rerun, config).items()
    assert rerun.planned(*TINY, config) == expected


def test_many_changes_at_once_run_as_planned(rerun: Checkout) -> None:
    change = """
        sweeps:
          lstm-bert: {protocols: [stratified-2, other]}
          lstm-word2vec: {epochs: [2, 3]}
          finetune-balanced: {seeds: [1, 2], learning_rates: [1.0e-4, 2.0e-5]}
        protocols: {other: {folds: 3, group: user, seed: 0}}
        ensembles: {pair: [{model: tfidf-logistic}, {model: pooled-logistic}]}
    """
    config = overlay(rerun, textwrap.dedent(change))
    expected = {
        "partition": 4,
        "lstm": 5,
        "finetune": 3,
        "baselines": 8,
        "ensembles": 4,
        "leaks": 1,
        **END,
    }
    assert rerun.planned(*TINY, config) == expected
    assert rerun.done(*TINY, config) == expected
    assert rested(rerun, config)


def test_a_larger_grid_with_a_report_of_its_own_trains_what_is_new_and_going_back_nothing(rerun: Checkout) -> None:
    """As experiments/whole-grid.yaml does for the default."""
    change = """
        pathvars: {report: <results>/larger}
        sweeps: {larger: {models: [finetune-bert], protocols: [balanced-random-48], learning_rates: [1.0e-4], epochs: [1],
                 seeds: [2]}}
        run: [lstm-bert, lstm-word2vec, finetune-balanced, larger]
    """
    config = overlay(rerun, textwrap.dedent(change))
    before = (rerun.folder / "results/tiny/report.md").read_bytes()
    added = {"partition": 1, "finetune": 1, "baselines": 4, "leaks": 1}
    assert rerun.done(*TINY, config) == {**added, **END}
    assert read_table(rerun.folder / "results/tiny/larger/scores.parquet", "scores")["seeds"].max() == 2
    assert rested(rerun, config) and rested(rerun)
    assert (rerun.folder / "results/tiny/report.md").read_bytes() == before


def test_what_another_version_made_is_named_and_redone_on_request(rerun: Checkout) -> None:
    """The result says so in its footer: here one that says another version than the one that is installed."""
    name = "results/tiny/finetune/finetune-bert/balanced-random-48/draw-1/lr-1e-4/seed-1.parquet"
    path = rerun.folder / name
    made, bytes_before = read_metadata(path), path.read_bytes()
    made["versions"]["torch"] = "1.0.0"
    write_table(read_table(path, "predictions"), path, "predictions", made)
    rerun.done(*TINY)
    assert rested(rerun)  # it is by itself no reason to run anything
    said = rerun.foxhound("why", *TINY).stdout
    assert "1 result made with torch 1.0.0 (installed: " in said and "foxhound report --redo-other-versions" in said
    assert "torch 1.0.0" in (rerun.folder / "results/tiny/report.md").read_text()
    ran = rerun.foxhound("report", "--redo-other-versions", *TINY)
    assert ran.returncode == 0, ran.stdout
    assert re.findall(r"^Finished jobid: \d+ \(Rule: (\w+)\)", ran.stdout, flags=re.MULTILINE)[0] == "finetune"
    assert path.read_bytes() == bytes_before
    assert "torch 1.0.0" not in rerun.foxhound("why", *TINY).stdout
    assert "torch 1.0.0" not in (rerun.folder / "results/tiny/report.md").read_text()
    assert rested(rerun)


def test_a_claim(rerun: Checkout) -> None:
    replace(rerun, "resources/claims.yaml", "by: 0.1,", "by: 0.2,")
    assert why(rerun)["claims"] == "resources/claims.yaml changed"
    assert rerun.done(*TINY) == {"claims": 1, **REPORT}
    assert rested(rerun)


def test_a_line_of_a_module(rerun: Checkout) -> None:
    replace(rerun, "scripts/foxhound/models/attention.py", "nn.ReLU()", "nn.Tanh()")
    assert why(rerun)["lstm"] == "code of scripts/foxhound/models/attention.py changed"
    assert rerun.done(*TINY) == {"lstm": 4, "ensembles": 1, **END}
    assert rested(rerun)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("scripts/foxhound/models/attention.py", '"""Pool an LSTM', '"""Take an LSTM'),
        ("scripts/foxhound/tables.py", "import json\n", "import json  # the footer's format\n"),
        ("scripts/lstm.py", '"""Train one LSTM', '"""Train an LSTM'),
        ("rules/models.smk", '"""Train one LSTM', '"""Train an LSTM'),
    ],
)
def test_a_comment_or_docstring(name: str, old: str, new: str, rerun: Checkout) -> None:
    replace(rerun, name, old, new)
    assert rested(rerun)


def test_two_checkouts_share_a_store(rerun: Checkout, tmp_path: Path) -> None:
    shared = overlay(
        rerun,
        f"embeddings: {{store: {rerun.folder / 'results/tiny/embeddings/store'}}}\npathvars: {{results: results/second}}",
    )
    target = "results/second/embeddings/minilm/title.parquet"
    assert rerun.done(*TINY, shared, "--", target) == {"column": 2, "embeddings": 1}
    log = (rerun.folder / "results/second/logs/embeddings/minilm/title.log").read_text()
    assert ALL_REUSED in log
    assert (rerun.folder / target).read_bytes() == (rerun.folder / target.replace("second", "tiny")).read_bytes()


def test_two_runs_at_once_share_a_store(checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> None:
    checkouts = [checkout, copy_checkout(tmp_path_factory.mktemp("second"))]
    store = checkout.folder / "shared"
    target = "results/tiny/embeddings/minilm/none.parquet"
    with ThreadPoolExecutor() as threads:
        configs = [overlay(one, f"embeddings: {{store: {store}}}") for one in checkouts]
        jobs = list(threads.map(lambda one, config: one.done(*TINY, config, "--", target), checkouts, configs))
    assert jobs == [{"column": 1, "embeddings": 1}] * 2
    assert (checkouts[0].folder / target).read_bytes() == (checkouts[1].folder / target).read_bytes()
    assert len([*store.rglob("*.parquet")]) == 1  # both encoded the same rows, or one found those of the other


def test_an_interrupted_fix_is_still_explained(rerun: Checkout) -> None:
    edit_rows(rerun, lambda row: row | {"label": 1 - int(row["label"])}, slice(3, 6))
    column = next(
        line for line in rerun.run("-n", *TINY).stdout.split() if "/corpus/label/" in line and line.endswith("parquet")
    )
    rerun.done(*TINY, "--", "results/tiny/corpus/comments.parquet", column)
    assert why(rerun)["lstm"] == "label of comments changed"


def test_a_wrong_correction_is_refused_before_anything_runs(rerun: Checkout) -> None:
    fixed = correct(rerun, 5, "label", "maybe")
    refused = rerun.run("-n", *TINY, fixed)
    assert refused.returncode != 0
    assert "fixes.csv: 1 problem(s)\n  line 2: label 'maybe' is not 0 or 1" in refused.stdout
    assert "Traceback" not in refused.stdout
    said = rerun.foxhound("why", *TINY, fixed)
    assert said.returncode != 0
    assert "label 'maybe' is not 0 or 1" in said.stdout
    assert "Traceback" not in said.stdout


@pytest.mark.parametrize(
    ("name", "jobs"),
    [
        ("resources/claims.yaml", {"claims": 1, **REPORT}),
        ("resources/page/page.css", {"page": 1, "all": 1}),
        ("resources/page/page.js", {"page": 1, "all": 1}),
        ("resources/published-results.json", {"claims": 1, **REPORT}),
    ],
)
def test_a_file_counts_by_its_content_whatever_its_time(name: str, jobs: dict[str, int], rerun: Checkout) -> None:
    path = rerun.folder / name
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    path.touch()
    assert rested(rerun)
    path.write_text(path.read_text() + "\n")  # replaced by another one, which is older
    os.utime(path, ns=(times[0], times[1] - 10**15))
    assert rerun.planned(*TINY) == jobs
    assert next(iter(why(rerun).values())) == f"{name} changed"


def test_the_order_of_keys_and_lists_in_the_configuration_redoes_nothing(rerun: Checkout) -> None:
    config = yaml.safe_load((rerun.folder / TINY[1]).read_text())

    def backwards(value: object) -> object:
        return {key: backwards(value[key]) for key in reversed(value)} if isinstance(value, dict) else value

    turned = backwards(config)
    turned["run"].reverse()
    (rerun.folder / TINY[1]).write_text(yaml.safe_dump(turned, sort_keys=False))
    assert rested(rerun)


def test_copied_and_touched_files_redo_nothing(rerun: Checkout) -> None:
    files = [path for path in (rerun.folder / "results/tiny").rglob("*") if path.is_file()]
    for number, path in enumerate(sorted(files, key=lambda path: path.name[::-1])):
        os.utime(path, (10**9 + number, 10**9 + number))  # as `cp -r` without -p leaves them: in some other order
    assert rested(rerun)


def test_a_deleted_embedding_and_a_new_seed_redo_the_embedding_and_the_seed(rerun: Checkout) -> None:
    target = rerun.folder / "results/tiny/embeddings/minilm/title.parquet"
    before = target.read_bytes()
    target.unlink()
    assert rested(rerun)
    more = overlay(rerun, "sweeps: {lstm-bert: {seeds: [1, 2]}}")
    assert rerun.done(*TINY, more) == {"embeddings": 1, "lstm": 2, "ensembles": 1, **END}
    assert target.read_bytes() == before
    assert rested(rerun, more)


def test_numbers_that_change_places_are_seen(rerun: Checkout) -> None:
    first, other = ("scores: {draws: 100, seed: 101}", "scores: {draws: 101, seed: 100}")
    assert rerun.done(*TINY, overlay(rerun, first)) == END
    assert rerun.planned(*TINY, overlay(rerun, other)) == END


def test_the_place_of_the_store_is_no_part_of_a_result(rerun: Checkout) -> None:
    assert rested(rerun, overlay(rerun, "embeddings: {store: somewhere/else}"))


def test_results_know_what_they_were_made_with_without_snakemakes_memory(rerun: Checkout) -> None:
    shutil.rmtree(rerun.folder / ".snakemake")
    planned = rerun.run("-n", *TINY).stdout
    assert "Nothing to be done" in planned
    assert "results/tiny/records.jsonl says what they were made with." in planned
    rate = overlay(rerun, "lstm: {training: {learning_rate: 2.0e-3, hidden: 9}}")
    assert rerun.planned(*TINY, rate) == {"lstm": 4, "ensembles": 1, **END}
    cause = "setting lstm.training.hidden changed from 8 to 9"
    assert cause in why(rerun, rate)["lstm"]
    replace(rerun, "scripts/foxhound/models/attention.py", "nn.ReLU()", "nn.Tanh()")
    assert rerun.planned(*TINY) == {"lstm": 4, "ensembles": 1, **END}


def test_results_can_be_renamed(rerun: Checkout) -> None:
    (rerun.folder / "results/tiny").rename(rerun.folder / "results/moved")
    moved = overlay(rerun, "pathvars: {results: results/moved}")
    assert rested(rerun, moved)  # though resources/private, with the key of users' pseudonyms, stayed behind
    (rerun.folder / "overlay.yaml").write_text(
        "pathvars: {results: results/moved}\nfinetune: {training: {weight_decay: 0.1}}\n"
    )
    assert rerun.planned(*TINY, moved) == {"finetune": 1, **END}


def test_results_without_any_record_are_made_anew(rerun: Checkout) -> None:
    shutil.rmtree(rerun.folder / ".snakemake")
    (rerun.folder / "results/tiny/records.jsonl").unlink()
    assert set(why(rerun).values()) >= {"no record of what it was made with"}
    planned = rerun.planned(*TINY)
    assert (planned["lstm"], planned["finetune"], planned["embeddings"]) == (4, 1, 2)


def test_a_table_that_is_declared_anew_redoes_what_reads_or_writes_it(rerun: Checkout) -> None:
    schemas = rerun.folder / "schemas/tables.yaml"
    schemas.write_text("# a comment\n" + schemas.read_text())
    assert rested(rerun)
    replace(rerun, "schemas/tables.yaml", "leaks:\n  protocol: string\n", "leaks:\n  protocol: string?\n")
    assert rerun.planned(*TINY) == {"leaks": 1, **REPORT}
    assert why(rerun)["leaks"] == "schemas/tables.yaml: leaks changed"
