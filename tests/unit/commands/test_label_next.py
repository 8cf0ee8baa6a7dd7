"""`foxhound label-next`, as a user calls it."""

import csv
import gzip
import io
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from foxhound.commands.main import main
from foxhound.corpus.loading import load_comments
from foxhound.inference.saved_model import load_saved
from kept_models import CALIBRATION, change_config, demo_comments, keep_tfidf
from made_up_workbook import save_workbook
from sklearn.metrics import classification_report

TRAINED = 150  # the first comments of the demo corpus


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kept model, without its corpus beside it."""
    folder = tmp_path_factory.mktemp("experiment") / "model"
    folder.mkdir()
    keep_tfidf(folder, demo_comments(TRAINED))
    change_config(folder, **CALIBRATION)
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which commands run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows(path: str | Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def new_comments() -> pd.DataFrame:
    return demo_comments().iloc[TRAINED:].reset_index(drop=True)


def test_those_nearest_to_the_threshold_are_written_with_an_empty_label(
    model: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = new_comments()
    frame.assign(place=np.arange(len(frame))).rename(columns={"text": "said"}).to_parquet("new.parquet")
    asked = ["--column", "said", "--label", "is_hate", "--keep", "place", "--number", "20"]
    assert main(["label-next", "new.parquet", "--model", str(model), *asked]) == 0
    found = rows("next.csv")
    assert list(found[0]) == ["said", "is_hate", "place", "rank", "p_hateful", "why"]
    assert [row["rank"] for row in found] == [str(rank) for rank in range(1, 21)]
    assert {(row["is_hate"], row["why"]) for row in found} == {("", "uncertain")}

    kept = load_saved(model)
    odds = kept.log_odds(frame["text"].tolist())
    line = np.log(CALIBRATION["threshold"] / (1 - CALIBRATION["threshold"]))
    nearest = np.argsort(np.abs(odds - line), kind="stable")
    places = [int(row["place"]) for row in found]
    assert places == [place for place in nearest if place in places]  # some near-duplicates are left out between them
    assert set(places) <= set(nearest[:90].tolist()) and places[0] == nearest[0]
    for row in found:
        assert row["said"] == frame["text"][int(row["place"])]
        assert float(row["p_hateful"]) == pytest.approx(kept.probabilities([row["said"]])[0], abs=1e-4)
    said = capsys.readouterr().out
    assert "20 comments to label: next.csv." in said and "calls comments hateful from 0.400 on" in said
    assert "Fill in 'is_hate'" in said


def test_what_is_in_the_corpus_beside_the_model_or_being_labelled_is_not_proposed(
    model: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "mine").mkdir()
    (here / "mine" / "model").symlink_to(model)
    (here / "mine" / "corpus").mkdir()
    demo_comments(TRAINED).to_parquet("mine/corpus/comments.parquet")
    demo_comments().to_json("all.jsonl", orient="records", lines=True)
    asked = ["label-next", "all.jsonl", "--model", "mine/model", "--number", "30"]
    assert main(asked) == 0
    assert "Left out: what stands in mine/corpus/comments.parquet, or nearly." in capsys.readouterr().out
    first = [row["text"] for row in rows("next.csv")]
    assert len(first) == 30 and not {*first} & {*demo_comments(TRAINED)["text"]}
    assert main([*asked, "--known", "next.csv", "--output", "next-2.csv"]) == 0
    second = [row["text"] for row in rows("next-2.csv")]
    assert len(second) == 30 and not {*first} & {*second}
    assert main([*asked, "--output", "next-3.csv"]) == 0
    assert [row["text"] for row in rows("next-3.csv")] == first


def test_labelled_rows_go_into_a_corpus_as_they_are(model: Path, here: Path) -> None:
    """The steps of docs/own-corpus.md, over texts that break careless readers."""
    hostile = [
        "=1+1",
        'he said "no", twice',
        "two\nlines, one comment",
        "ends with a backslash\\",
        "null",
        "😀 ; \t tab",
    ]
    pd.DataFrame({"comment": ["our river", "their river"], "is_hate": ["0", "1"]}).to_csv("my.csv", index=False)
    (here / "new.jsonl").write_text("".join(json.dumps({"comment": text}) + "\n" for text in hostile))
    asked = ["--column", "comment", "--label", "is_hate", "--model", str(model)]
    assert main(["label-next", "new.jsonl", *asked]) == 0
    written = rows("next.csv")
    assert sorted(row["comment"] for row in written) == sorted(hostile)
    with open("next.csv", "w", encoding="utf-8", newline="") as file:
        filled = csv.DictWriter(file, list(written[0]))
        filled.writeheader()
        filled.writerows(row | {"is_hate": "" if row["comment"] == "=1+1" else "1"} for row in written)

    exec(snippets("docs/own-corpus.md", "labelled")[0], {})
    comments = load_comments("my-more.csv", {"text": "comment", "label": "is_hate"})
    assert comments["text"].tolist()[:2] == ["our river", "their river"]
    assert sorted(comments["text"].tolist()[2:]) == sorted(hostile[1:])
    assert comments["label"].tolist() == [0, 1] + [1] * 5


def snippets(page: str, word: str) -> list[str]:
    """Return the Python that a page shows, as far as it has a word in it."""
    text = (Path(__file__).parents[3] / page).read_text(encoding="utf-8")
    return [block.partition("```")[0] for block in text.split("```python\n")[1:] if word in block.partition("```")[0]]


def test_random_ones_are_drawn_for_scoring_and_scored(
    model: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = new_comments()
    frame.rename(columns={"text": "comment"})[["comment"]].to_csv("new.csv", index=False)
    asked = ["label-next", "new.csv", "--model", str(model), "--column", "comment", "--label", "is_hate"]
    assert main([*asked, "--random", "--number", "60", "--output", "random.csv"]) == 0
    assert "keep them out of the corpus" in capsys.readouterr().out
    drawn = rows("random.csv")
    assert len(drawn) == 60 and {row["why"] for row in drawn} == {"random"}
    kept = load_saved(model)
    p = kept.probabilities([row["comment"] for row in drawn])
    assert [float(row["p_hateful"]) for row in drawn] == pytest.approx(p.tolist(), abs=1e-4)
    line = np.log(CALIBRATION["threshold"] / (1 - CALIBRATION["threshold"]))
    everything = np.abs(kept.log_odds(frame["text"].tolist()) - line)
    # They are not those near the threshold, as the other ones are.
    assert np.median(np.abs(np.log(p / (1 - p)) - line)) > 0.5 * np.median(everything)
    assert main([*asked, "--known", "random.csv"]) == 0
    assert not {row["comment"] for row in rows("next.csv")} & {row["comment"] for row in drawn}

    known = frame.drop_duplicates("text").set_index("text")["label"]
    labelled = [row | {"is_hate": int(known[row["comment"]])} for row in drawn]
    labelled[7]["is_hate"] = ""  # not labelled yet
    pd.DataFrame(labelled).to_csv("random.csv", index=False)
    said = ["--file", "random.csv", "--column", "comment", "--keep", "is_hate", "--output", "said.csv"]
    assert main(["predict", "--model", str(model), *said]) == 0
    exec(snippets("docs/own-corpus.md", "classification_report")[0], {})
    truth = np.array([-1 if row["is_hate"] == "" else row["is_hate"] for row in labelled])
    expected = classification_report(truth[truth >= 0], (p >= CALIBRATION["threshold"]).astype(int)[truth >= 0])
    assert capsys.readouterr().out.strip().endswith(expected.strip())


@pytest.mark.parametrize("name", ["new.csv", "new.tsv", "new.jsonl.gz", "new.xlsx", "new.txt", "-"])
def test_every_format_that_predict_reads_is_read(
    name: str, model: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = new_comments()[["text"]].head(40)
    lines = "\n".join(frame["text"]) + "\n"
    if name == "-":
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
    elif name == "new.txt":
        (here / name).write_text(lines)
    elif name.endswith(".gz"):
        (here / name).write_bytes(gzip.compress(frame.to_json(orient="records", lines=True).encode()))
    elif name.endswith(".xlsx"):
        save_workbook(here / name, {"one": [["text"], *frame.to_numpy().tolist()]})
    else:
        frame.to_csv(name, sep="\t" if name.endswith("tsv") else ",", index=False)
    assert main(["label-next", name, "--model", str(model), "--number", "5"]) == 0
    frame.to_parquet("same.parquet")
    assert main(["label-next", "same.parquet", "--model", str(model), "--number", "5", "--output", "same.csv"]) == 0
    assert rows("next.csv") == rows("same.csv")


def test_nothing_is_written_over(model: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new_comments().head(20).to_csv("new.csv", index=False)
    before = (here / "new.csv").read_bytes()
    (here / "next.csv").write_text("text,label\nmine,1\n")
    (here / "link.csv").symlink_to("new.csv")
    asked = ["label-next", "new.csv", "--model", str(model)]
    cases = {
        (): "next.csv is there already, perhaps with labels: name another one, or say --overwrite",
        ("--output", "new.csv", "--overwrite"): "new.csv is a file that is read",
        ("--output", "link.csv", "--overwrite"): "link.csv is a file that is read",
        ("--known", "next.csv", "--overwrite"): "next.csv is a file that is read",
    }
    for arguments, message in cases.items():
        with pytest.raises(SystemExit):
            main([*asked, *arguments])
        assert message in capsys.readouterr().err
    assert (here / "new.csv").read_bytes() == before and (here / "next.csv").read_text() == "text,label\nmine,1\n"
    assert main([*asked, "--overwrite"]) == 0
    assert len(rows("next.csv")) > 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["new.csv", "--output", "next.xlsx"], "--output ends in '.xlsx'; it has to end in .csv"),
        (["new.csv", "--number", "0"], "'0' is not a whole number from 1 on"),
        (["new.csv", "--keep", "text"], "--keep text: the answers have a column of this name. Rename yours"),
        (["new.csv", "--keep", "rank"], "two columns of next.csv would be called 'rank'"),
        (["new.csv", "--label", "text"], "two columns of next.csv would be called 'text'"),
        (["lost.csv"], "lost.csv: there is no such file."),
        (["new.csv", "--model", "lost"], "lost: there is no such folder."),
        (["new.csv", "--column", "tekst"], "no column 'tekst'. Did you mean 'text'?"),
        (["new.csv", "--known", "other.csv"], "no column 'text'. Columns: said, n. Name it with --known-column."),
        (["new.csv", "--known", "new.csv"], "new.csv: no comment to label. All are empty, or in new.csv."),
        (["empty.csv"], "empty.csv: no comment to label: all are empty."),
    ],
)
def test_a_mistake_says_what_to_do(
    arguments: list[str], message: str, model: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new_comments().head(20).to_csv("new.csv", index=False)
    (here / "other.csv").write_text("said,n\nour river,1\n")
    (here / "empty.csv").write_text('text,n\n"",1\n" ",2\n')
    try:
        ended = main(["label-next", "--model", str(model), *arguments])
    except SystemExit as end:
        ended = int(end.code or 0)
    assert ended != 0 and message in capsys.readouterr().err
    assert not (here / "next.csv").exists()


def test_fewer_than_are_asked_for_are_told_and_formulas_made_harmless_on_request(
    model: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "new.csv").write_text("text\n=vermin out\n\nthe river rose\nThe river rose!\n")
    assert main(["label-next", "new.csv", "--model", str(model), "--spreadsheet"]) == 0
    assert sorted(row["text"] for row in rows("next.csv")) == ["'=vermin out", "The river rose!"]
    assert "Fewer than 100: new.csv has no more that are new" in capsys.readouterr().out
