import numpy as np
import pandas as pd
from foxhound.evaluation.score_views import over_seeds
from foxhound.report.leak_sections import leak_sections
from made_up import IDS, LABELS, guesses, predictions, scored
from made_up_report import LEAKS, SCORES, tables


def test_near_duplicates_are_counted_over_folds_and_averaged_over_draws():
    sections = leak_sections(over_seeds(SCORES), LEAKS)
    assert sections[0] == "## Data leakage"
    rows = {row[0]: row for row in tables(sections[2])[0]}
    assert rows["stratified-10, test"][-2:] == ["2 (1.7 %)", "1 (0.8 %)"]
    assert rows["balanced-first-700, test"][-2:] == ["none", "1 (1.2 %)"]
    assert rows["balanced-random-700, test"][-2:] == ["none", "none"]


def test_a_few_pairs_are_named_the_most_similar_first():
    sections = leak_sections(over_seeds(SCORES), LEAKS)
    assert sections[-1] == (
        f"Near-duplicates on both sides of a split: {IDS[0]} and {IDS[1]} (same); {IDS[6]} and {IDS[9]} (.900); "
        f"{IDS[5]} and {IDS[9]} (.850)."
    )
    more = pd.concat([LEAKS, LEAKS.iloc[[-1]].assign(id=IDS[7], similarity=0.81)])
    assert leak_sections(over_seeds(SCORES), more)[-1].endswith("(.850) and 1 more pairs in leaks.parquet.")
    assert len(leak_sections(over_seeds(SCORES), LEAKS.iloc[:0])) == 3


def test_there_is_an_alarm_where_the_article_reveals_the_label():
    frame = predictions(np.where(LABELS == 1, 0.9, 0.1).astype(np.float32), "article-only")
    other = predictions(guesses(1, skill=0), "user-only")
    rows = over_seeds(scored(pd.concat([frame, other]), 50))
    row = tables("\n\n".join(leak_sections(rows, LEAKS)))[0][1]
    assert row[1:3] == [".667", "1.000 [1.000, 1.000]"]
    assert row[4] == "article-only"
    silent = over_seeds(scored(other, 50))
    assert tables("\n\n".join(leak_sections(silent, LEAKS)))[0][1][4] == "none"
