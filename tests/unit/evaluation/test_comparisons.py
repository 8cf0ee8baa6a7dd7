from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from foxhound.evaluation.comparisons import COLUMNS, KNOW_NOTHING, MODELS, collapsed_models, compare, letters
from foxhound.evaluation.paired_tests import LEVEL
from foxhound.evaluation.power import comments_needed, count_cells
from foxhound.experiment.protocols import describe_protocols
from foxhound.names import AT_HALF, AUROC, TUNED
from hypothesis import given
from hypothesis import strategies as st
from made_up import experiment, scored
from sklearn.metrics import f1_score, roc_auc_score

DRAW = {"train": 80, "validation": 0, "test": 20}
PROTOCOLS = describe_protocols(
    {
        "folds": {"folds": 4, "seed": 0},
        "articles": {"folds": 4, "group": "thread", "seed": 0},
        "balanced": {"rebalance": "random", **DRAW},
        "whole": {"rebalance": "none", **DRAW},
    }
)


@given(
    st.integers(1, 7).flatmap(
        lambda n: st.tuples(st.just(n), st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1))))
    )
)
def test_models_share_a_letter_exactly_where_they_do_not_differ(case):
    number, drawn = case
    names = [f"m{place}" for place in range(number)]
    different = {frozenset((names[a], names[b])) for a, b in drawn if a != b}
    shown = letters(names, different)
    for a, b in combinations(names, 2):
        assert bool(set(shown[a]) & set(shown[b])) == (frozenset((a, b)) not in different)
    assert all(shown.values())
    assert shown[names[0]][0] == "a"


def test_letters_by_hand():
    assert letters(["x", "y", "z"], {frozenset("xz")}) == {"x": "a", "y": "ab", "z": "b"}
    assert letters(["x", "y"], set()) == {"x": "a", "y": "a"}


def ids(number: int) -> list[str]:
    return [f"c{row:03d}" for row in range(number)]


def frame(model: str, decisions: np.ndarray, labels: np.ndarray, **columns) -> pd.DataFrame:
    folds = [f"folds/fold-{row % 4 + 1:02d}" for row in range(len(labels))]
    values = {
        "id": ids(len(labels)), "label": labels, "p_hateful": 0.2 + 0.6 * decisions, "model": model,
        "protocol": "folds", "fold_or_split": folds, "part": "test", "seed": 1, "epoch": 0, "learning_rate": np.nan,
    }  # fmt: skip
    return pd.DataFrame(values | columns)


def drawn(
    model: str, p: np.ndarray, labels: np.ndarray, seed: int, protocol: str = "balanced", **columns
) -> pd.DataFrame:
    where = {"protocol": protocol, "fold_or_split": f"{protocol}/draw-{seed}", "seed": seed, "p_hateful": p}
    return frame(model, p, labels, **where, **columns)


def table(*frames: pd.DataFrame, users: list[str] | None = None, collapsed: set | None = None, draws: int = 200):
    """Compare the models of these frames, which share a corpus."""
    everything = pd.concat(frames)
    comments = everything.drop_duplicates("id")[["id", "label"]].sort_values("id").reset_index(drop=True)
    threads = [f"article {row % 5}" for row in range(len(comments))]
    comments = comments.assign(thread=threads, user=users)
    return compare(everything, comments, PROTOCOLS, collapsed or set(), draws, 0)


def random_decisions(number: int, skill: float, labels: np.ndarray, seed: int) -> np.ndarray:
    return np.where(np.random.default_rng(seed).random(number) < skill, labels, 1 - labels)


LABELS = (np.random.default_rng(1).random(120) < 0.4).astype(int)
GOOD, POOR = random_decisions(120, 0.95, LABELS, 2), random_decisions(120, 0.75, LABELS, 3)


def test_every_pair_is_compared_at_its_last_epoch_and_on_shared_comments():
    found = table(
        frame("poor", POOR, LABELS),
        frame("good", POOR, LABELS, epoch=2, learning_rate=1e-4),
        frame("good", GOOD, LABELS, epoch=3, learning_rate=1e-4),
        frame("good", GOOD, LABELS, epoch=3, learning_rate=2e-5),
        frame("elsewhere", GOOD[:60], LABELS[:60], seed=9),
    )
    assert tuple(found.columns) == COLUMNS
    assert set(zip(found["model_a"], found["model_b"], strict=True)) == {
        ("good, rate 1e-4", "good, rate 2e-5"), ("good, rate 1e-4", "poor"), ("good, rate 2e-5", "poor"),
    }  # fmt: skip
    row = found[(found["model_a"] == "good, rate 1e-4") & (found["model_b"] == "poor")].iloc[0]
    assert (row["epoch_a"], row["epoch_b"], row["seeds"], row["comments"], row["units"]) == (3, 0, 1, 120, 120)
    assert (row["measure"], row["unit"], row["draws"]) == (TUNED, "comment", "")
    assert row["difference"] == pytest.approx(f1_score(LABELS, POOR) - f1_score(LABELS, GOOD))
    assert row["difference_low"] < row["difference"] < row["difference_high"] < 0
    assert row["p"] <= 0.01
    same = found[found["model_b"] == "good, rate 2e-5"].iloc[0]
    assert (same["difference"], same["p"], same["p_adjusted"]) == (0, 1, 1)


def test_a_model_that_is_sure_of_everything_is_no_better_than_its_twin_that_is_not():
    """Ranked alike, the two differ in what .5 means only: at .5 one of them calls nothing hateful."""
    ranked = np.clip(0.5 * LABELS + np.random.default_rng(5).normal(0.3, 0.2, 120), 0.01, 0.99)
    low = table(frame("plain", LABELS, LABELS, p_hateful=ranked), frame("low", LABELS, LABELS, p_hateful=ranked / 4))
    assert abs(low["difference"].item()) < 0.05
    assert f1_score(LABELS, ranked >= 0.5) - f1_score(LABELS, ranked / 4 >= 0.5, zero_division=0) > 0.5


def needed(skills: dict[str, float], **options) -> pd.DataFrame:
    labels = (np.random.default_rng(11).random(150) < 0.4).astype(int)
    runs = {name: random_decisions(150, skill, labels, place) for place, (name, skill) in enumerate(skills.items(), 8)}
    return table(*(frame(name, run, labels) for name, run in runs.items()), draws=400, **options)


def test_an_undecided_pair_stands_with_the_comments_that_would_decide_it():
    skills = {"a": 0.7, "b": 0.78, "c": 0.99}
    found = needed(skills)
    assert (found["p_adjusted"] <= LEVEL).tolist() == found["needed"].isna().tolist() == [False, True, True]
    row = found.iloc[0]
    assert row["needed_low"] < row["needed"] > 150
    # The two other pairs are more extreme, and so the last of three is tested at the whole level.
    labels = (np.random.default_rng(11).random(150) < 0.4).astype(int)
    cells = count_cells([(np.arange(150), labels, *(random_decisions(150, skills[name], labels, place)
                                                    for place, name in enumerate("ab", 8)))])  # fmt: skip
    assert row["needed"] == pytest.approx(comments_needed(cells, row["difference"], LEVEL, 15_000, 0), rel=0.05)


def test_alike_comments_of_a_user_ask_for_as_many_more():
    """Every comment twice, by the same user: half of the comments say nothing new."""
    labels = (np.random.default_rng(11).random(150) < 0.4).astype(int)
    skills = {"a": 0.7, "b": 0.76}
    runs = {name: random_decisions(150, skill, labels, place) for place, (name, skill) in enumerate(skills.items(), 8)}
    once = table(*(frame(name, run, labels) for name, run in runs.items()))
    twice = table(*(frame(name, np.repeat(run, 2), np.repeat(labels, 2)) for name, run in runs.items()),
                  users=[f"user {row // 2}" for row in range(300)])  # fmt: skip
    assert (once["needed"].notna() & twice["needed"].notna()).all()
    assert twice["p"].item() == pytest.approx(once["p"].item(), abs=0.03)
    assert twice["needed"].item() == pytest.approx(2 * once["needed"].item(), rel=0.15)


def test_no_pairs_are_an_empty_table():
    assert list(table(frame("alone", LABELS, LABELS)).columns) == list(COLUMNS)


def test_a_clear_difference_shows_among_many_models():
    labels = (np.random.default_rng(2).random(200) < 0.4).astype(int)
    frames = [frame("best", labels, labels)]
    frames += [frame(f"m{place:02d}", random_decisions(200, 0.6, labels, place), labels) for place in range(17)]
    found = table(*frames)
    assert len(found) == 153
    assert (found[found["model_a"] == "best"]["p_adjusted"] < 0.05).all()


def test_a_baseline_that_ran_once_is_compared_with_every_seed():
    runs = [random_decisions(120, 0.8, LABELS, seed) for seed in range(4)]
    seeds = [frame("model", run, LABELS, seed=seed) for seed, run in zip((2, 3, 5), runs[1:], strict=True)]
    row = table(frame("baseline", runs[0], LABELS), *seeds).iloc[0]
    assert row["seeds"] == 3
    expected = np.mean([f1_score(LABELS, run) for run in runs[1:]]) - f1_score(LABELS, runs[0])
    assert row["difference"] == pytest.approx(expected)


def verdicts(found: pd.DataFrame) -> dict[tuple[str, str], tuple[float, float]]:
    real = found[found["family"] == MODELS]
    return {(row.model_a, row.model_b): (row.p, row.p_adjusted) for row in real.itertuples()}


def test_what_knows_nothing_changes_no_verdict_on_two_models():
    """Adding dummies, alarms and collapsed runs once changed which models share a letter."""
    models = [frame(f"m{place}", random_decisions(120, 0.7 + place / 20, LABELS, place), LABELS) for place in range(5)]
    outsiders = [frame(name, random_decisions(120, 0.5, LABELS, 50), LABELS)
                 for name in ("always-hateful", "never-hateful", "article-only", "user-only", "flat")]  # fmt: skip
    alone, among = table(*models), table(*models, *outsiders, collapsed={("folds", "test", "flat")})
    assert verdicts(alone) == verdicts(among)
    assert any(adjusted <= 0.05 for _, adjusted in verdicts(alone).values())
    assert len(among) == 45
    others = among[among["family"] == KNOW_NOTHING]
    assert {"flat", "user-only"} <= {*others["model_a"], *others["model_b"]}
    # A collapsed model that counted would make the family larger.
    assert len(verdicts(table(*models, outsiders[-1]))) == 15


def test_a_model_has_collapsed_if_it_has_under_all_seeds():
    scores = scored(experiment())
    assert collapsed_models(scores) == {
        (protocol, "test", "always-hateful")
        for protocol in ("stratified-10", "balanced-random-700", "balanced-first-700")
    } | collapsed_rows(scores)


def collapsed_rows(scores: pd.DataFrame) -> set[tuple[str, str, str]]:
    """Return what the scores say of the made-up LSTMs, whose skill is small."""
    over = scores[scores["seed"].isna() & scores["collapsed"] & scores["epoch"].isin([0, 30])]
    return {(row.protocol, row.part, row.model) for row in over.itertuples() if row.model != "finetune-bert"}


def test_users_are_swapped_together_and_articles_where_they_are_held_out():
    users = [f"user {row // 4}" for row in range(120)]
    found = table(frame("a", GOOD, LABELS), frame("b", POOR, LABELS), users=users)
    assert (found["unit"].item(), found["units"].item()) == ("user", 30)
    held = [one.assign(protocol="articles") for one in (frame("a", GOOD, LABELS), frame("b", POOR, LABELS))]
    found = table(*held, users=users)
    assert (found["unit"].item(), found["units"].item()) == ("thread", 5)
    assert found["p"].item() >= 2 / 2**5 - 0.02  # five articles can be swapped in 32 ways


def test_draws_are_compared_by_a_half_where_it_means_the_same_and_else_by_auroc():
    p = [np.clip(0.3 * LABELS + np.random.default_rng(place).normal(0.3, 0.2, 120), 0, 1) for place in (1, 2)]
    row = table(drawn("a", p[0], LABELS, 1), drawn("b", p[1], LABELS, 1)).iloc[0]
    assert row["measure"] == AT_HALF
    assert row["difference"] == pytest.approx(f1_score(LABELS, p[1] >= 0.5) - f1_score(LABELS, p[0] >= 0.5))
    row = table(drawn("a", p[0], LABELS, 1, "whole"), drawn("b", p[1], LABELS, 1, "whole")).iloc[0]
    assert row["measure"] == AUROC and pd.isna(row["needed"])
    assert row["difference"] == pytest.approx(roc_auc_score(LABELS, p[1]) - roc_auc_score(LABELS, p[0]))
    assert row["difference_low"] < row["difference"] < row["difference_high"]


def test_models_are_compared_on_the_draws_that_all_of_them_share():
    """`long` is bad on draws 3 and 4, which `short` never met: over its own draws it would look the worse model."""
    frames = [drawn("short", POOR, LABELS, seed) for seed in (1, 2)]
    frames += [drawn("long", GOOD if seed < 3 else 1 - LABELS, LABELS, seed) for seed in (1, 2, 3, 4)]
    frames += [drawn("baseline", POOR, LABELS, seed) for seed in (1, 2, 3, 4)]
    found = table(*frames)
    assert {(row.draws, row.model_a, row.model_b, row.seeds) for row in found.itertuples()} == {
        ("1, 2", "baseline", "long", 2), ("1, 2", "baseline", "short", 2), ("1, 2", "long", "short", 2),
        ("1 to 4", "baseline", "long", 4),
    }  # fmt: skip
    shared = found[(found["model_a"] == "long") & (found["model_b"] == "short")].iloc[0]
    assert shared["difference"] == pytest.approx(f1_score(LABELS, POOR) - f1_score(LABELS, GOOD))
