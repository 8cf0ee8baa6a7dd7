import numpy as np
import pandas as pd
from foxhound.evaluation.score_views import over_seeds
from foxhound.report.leak_sections import leak_sections
from made_up import COMMENTS, IDS, LABELS, guesses, predictions, scored
from made_up_report import DUPLICATES, LEAKS, SCORES, tables

NONE = DUPLICATES.iloc[:0]


def row_of(frame: pd.DataFrame) -> list[str]:
    """Return the row of the only protocol."""
    rows = over_seeds(scored(frame, 300))
    return tables("\n\n".join(leak_sections(rows, LEAKS, DUPLICATES)))[0][1]


def test_near_duplicates_are_counted_over_folds_and_averaged_over_draws():
    sections = leak_sections(over_seeds(SCORES), LEAKS, DUPLICATES)
    assert sections[0] == "## Data leakage"
    rows = {row[0]: row for row in tables(sections[2])[0]}
    assert rows["stratified-10, test"][-2:] == ["2 (1.7 %)", "1 (0.8 %)"]
    assert rows["balanced-first-700, test"][-2:] == ["none", "1 (1.2 %)"]
    assert rows["balanced-random-700, test"][-2:] == ["none", "none"]


def test_a_few_pairs_are_named_the_most_similar_first():
    sections = leak_sections(over_seeds(SCORES), LEAKS, DUPLICATES)
    assert sections[-2] == (
        f"Near-duplicates on both sides of a split: {IDS[0]} and {IDS[1]} (same); {IDS[6]} and {IDS[9]} (.900); "
        f"{IDS[5]} and {IDS[9]} (.850)."
    )
    more = pd.concat([LEAKS, LEAKS.iloc[[-1]].assign(id=IDS[7], similarity=0.81)])
    found = leak_sections(over_seeds(SCORES), more, DUPLICATES)[-2]
    assert found.endswith("(.850) and 1 more pairs in leaks.parquet.")
    assert len(leak_sections(over_seeds(SCORES), LEAKS.iloc[:0], NONE)) == 4


def test_contradicting_labels_are_counted_and_listed_the_most_similar_first():
    found = leak_sections(over_seeds(SCORES), LEAKS, DUPLICATES)[-1]
    assert found.startswith(
        "In the whole corpus 4 pairs of comments are equal or nearly so (2 with the same text); 3 of them (1 with the "
        "same text) have contradicting labels"
    )
    assert (
        f"right: {IDS[2]} and {IDS[3]} (same); {IDS[6]} and {IDS[9]} (.900); {IDS[5]} and {IDS[9]} (.850). Look"
        in found
    )
    agreeing = DUPLICATES.assign(other_label=DUPLICATES["label"])
    assert leak_sections(over_seeds(SCORES), LEAKS, agreeing)[-1].endswith("none of them has contradicting labels.")


def test_there_is_an_alarm_where_a_baseline_that_reads_nothing_ranks_comments_though_it_never_crosses_a_half():
    """User-only on Fox News: it calls next to nothing hateful, so that its accuracy is that of the larger class."""
    frame = predictions((0.3 * guesses(1, skill=0.4)).astype(np.float32), "user-only")
    other = predictions(np.full(COMMENTS, 0.2, np.float32), "article-only")
    row = row_of(pd.concat([frame, other]))
    assert (frame["p_hateful"] < 0.5).all()
    assert row[1] == ".500 [.500, .500]" and float(row[2][:4]) > 0.8
    assert row[3] == "user-only"


def test_the_levels_of_folds_are_no_alarm():
    """Whoever knows nothing but the fold ranks pooled folds, in either direction, and no fold."""
    fold = np.arange(COMMENTS) % 4
    labels = (np.random.default_rng(0).random(COMMENTS) < np.array([0.1, 0.3, 0.5, 0.7])[fold]).astype(np.int8)
    for level in (0.1 + 0.1 * fold, 0.5 - 0.1 * fold):
        both = [predictions(level.astype(np.float32), name, label=labels) for name in ("article-only", "user-only")]
        assert row_of(pd.concat(both))[1:4] == [*[".500 [.500, .500]"] * 2, "none"]


def test_a_baseline_that_did_not_run_was_not_checked_which_is_not_silence():
    silent = predictions(guesses(1, skill=0), "user-only")
    assert row_of(silent)[3] == "not checked: article-only"
    raised = predictions(np.where(LABELS == 1, 0.9, 0.1).astype(np.float32), "article-only")
    assert row_of(raised)[1] == "1.000 [1.000, 1.000]"
    assert row_of(raised)[3] == "article-only, not checked: user-only"
    assert row_of(predictions(guesses(1)))[1:4] == ["–", "–", "not checked: article-only, not checked: user-only"]
    assert row_of(pd.concat([silent, silent.assign(model="article-only")]))[3] == "none"
