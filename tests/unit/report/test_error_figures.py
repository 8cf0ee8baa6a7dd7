import re
from functools import partial

import numpy as np
import pandas as pd
import pytest
from chart_reading import rows_with, save_and_read, strings_under
from foxhound.evaluation.diagnostics import article_table, calibration_table, precision_recall_table
from foxhound.evaluation.pooled_runs import Runs, main_runs
from foxhound.markdown import with_interval
from foxhound.report.error_figures import article_plot, calibration_plot, precision_recall_plot, short_titles
from made_up import COMMENTS, experiment
from runs_on_disk import runs_of

LONG = "An article whose title\ngoes on, and on {{datum.x}} and on"
THREADS = np.array([LONG, LONG + "!", "short", "few"])[np.minimum(np.arange(COMMENTS) % 4, 3)]
TITLES = {"stratified-10": "4-fold cross-validation (stratified-10)"}
THREADS[48:][THREADS[48:] == "few"] = "short"


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Runs:
    return main_runs(runs_of(experiment(), tmp_path_factory.mktemp("runs")))


def test_calibration_shows_every_bin_and_leaves_constants_out(runs, tmp_path):
    table = calibration_table(runs)
    shown, spec = save_and_read(calibration_plot(table, TITLES), tmp_path)
    assert {"lstm|`odd`<b>", "tfidf-logistic", "probability", "share hateful", "comments in the bin"} <= set(shown)
    assert "always-hateful" not in shown
    assert any(text.startswith("Calibration under 4-fold cross-validation (stratified-10):") for text in shown)
    found = {(row["name"], row["bin"]): row for row in rows_with(spec, "bin", "n")}
    expected = table[table["model"] != "always-hateful"]
    assert len(found) == len(expected)
    for _, row in expected.iterrows():
        mark = found[row["model"], f"{row['bin'] / 10:.1f} to {(row['bin'] + 1) / 10:.1f}"]
        for field in ("n", "mean_probability", "share_hateful", "share_hateful_low", "share_hateful_high"):
            assert mark[field] == pytest.approx(row[field], abs=1e-4)


def test_precision_against_recall_has_a_band_and_both_baselines(runs, tmp_path):
    table = precision_recall_table(runs, 20, 0)
    shown, spec = save_and_read(precision_recall_plot(table, TITLES), tmp_path)
    assert {"lstm|`odd`<b>", "tfidf-logistic", "recall", "precision"} <= set(shown)
    assert "always-hateful" not in shown
    assert "Precision against recall under 4-fold cross-validation (stratified-10), folds pooled" in shown
    band = rows_with(spec, "recall", "precision_low", "precision_high")
    expected = table[table["model"] != "always-hateful"]
    assert len(band) == len(expected) == 300
    assert sum(row["precision_low"] for row in band) == pytest.approx(expected["precision_low"].sum(), abs=0.1)
    assert {round(row["precision"], 4) for row in rows_with(spec, "precision") if len(row) == 1} == {0.3333}
    # TF-IDF stands beside the two others.
    assert sum(len(data) == 100 and set(data[0]) == {"recall", "precision"} for data in spec["datasets"].values()) == 1


def test_the_heat_map_prints_every_f1_and_marks_articles_with_few_hateful_comments(runs, tmp_path):
    table = article_table(runs, THREADS)
    shown, spec = save_and_read(article_plot(table, TITLES, "article"), tmp_path)
    assert "F1 at .5 by article under 4-fold cross-validation (stratified-10)" in shown
    cells = rows_with(spec, "model", "article", "text")
    assert len(cells) == len(table) == 4 * 4
    for cell in cells:
        (row,) = table[
            (table["model"] == cell["model"]) & (table["thread"].str.replace("\n", " ") == cell["title"])
        ].to_dict("records")
        assert cell["f1"] == row["f1"]
        assert cell["text"].endswith("*") == cell["few"] == (row["hateful"] < 10)
        assert cell["text"] in shown
        assert float(cell["text"].rstrip("*")) == round(row["f1"], 2)
        assert cell["interval"] == with_interval(row["f1"], row["f1_low"], row["f1_high"])
    assert {cell["few"] for cell in cells} == {True, False}
    models = [text for text in shown if text in {cell["model"] for cell in cells}]
    assert models == ["always-hateful", "tfidf-logistic", "lstm-bert-bidirectional-attention", "lstm|`odd`<b>"]


def test_of_many_articles_the_largest_are_shown(runs, tmp_path):
    table = article_table(runs, THREADS)
    many = pd.concat([table.assign(thread=table["thread"] + str(number), n=table["n"] + number) for number in range(5)])
    shown, spec = save_and_read(article_plot(many, TITLES, "thread"), tmp_path)
    assert len({cell["thread"] for cell in rows_with(spec, "thread")}) == 12
    ours = [text for text in shown if "An article whose" not in text]
    assert any("by thread" in text for text in ours) and not [text for text in ours if re.search(r"\barticle", text)]
    assert any("8 more left out" in text for text in shown)


def test_where_all_comments_are_on_one_article_there_is_nothing_to_compare(runs, tmp_path):
    table = article_table(runs, np.array(["one"] * len(THREADS)))
    shown, _ = save_and_read(article_plot(table, TITLES, "thread"), tmp_path)
    assert shown == ["No model was scored thread by thread."]


def test_short_titles_stay_different():
    titles = short_titles([LONG, LONG + "!", "short"], 20)
    assert list(titles.values()) == ["An article whose ti…", "An article whose ti… (2)", "short"]


def test_titles_are_never_part_of_an_expression(runs, tmp_path):
    _, spec = save_and_read(article_plot(article_table(runs, THREADS), TITLES, "article"), tmp_path)
    for key in ("expr", "signal", "filter", "test", "calculate"):
        assert not [text for text in strings_under(spec, key) if "An article" in text]


def test_pictures_of_nothing_say_so(tmp_path):
    tables = [calibration_table({}), precision_recall_table({}, 5, 0), article_table({}, THREADS)]
    of_articles = partial(article_plot, group="article")
    for plot, table in zip((calibration_plot, precision_recall_plot, of_articles), tables, strict=True):
        shown, _ = save_and_read(plot(table, TITLES), tmp_path)
        assert len(shown) == 1
        assert shown[0].startswith("No model ")
