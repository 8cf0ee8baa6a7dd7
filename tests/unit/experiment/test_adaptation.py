"""What a small corpus, or one without titles, articles or users, leaves of the shipped experiment."""

import copy
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from foxhound.corpus.loading import load_comments
from foxhound.corpus.split_sizes import SMALLEST_PART, draw_sizes
from foxhound.corpus.splits import draw_partition, fold_assignment
from foxhound.corpus.state import CorpusState
from foxhound.errors import FoxhoundError
from foxhound.evaluation.generalisation import BY_ARTICLE, BY_USER, RANDOM, fold_protocols, hardest_protocol
from foxhound.experiment.adaptation import adapt_to_corpus, warnings
from foxhound.experiment.configuration import check_config
from foxhound.experiment.plan import Plan
from foxhound.experiment.protocols import describe_protocols
from foxhound.experiment.selections import final_predictions
from foxhound.workflow.code_digests import code_digests
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from shipped_config import CONFIG, merged

ROOT = Path(__file__).parents[3]
WHOLE = merged(CONFIG, yaml.safe_load((ROOT / "experiments" / "whole-grid.yaml").read_text()))


def comments(number: int, hateful: int, articles: int = 10, users: int = 20) -> pd.DataFrame:
    rows = range(number)
    return pd.DataFrame(
        {
            "id": [f"c{row}" for row in rows],
            "text": [f"text {row}" for row in rows],
            "label": [int(row < hateful) for row in rows],
            "title": [f"title {row % articles}" for row in rows],
            "thread": [f"thread {row % articles}" for row in rows],
            "user": [f"user {row % users}" for row in rows],
        }
    )


def adapted(
    frame: pd.DataFrame | None, shipped: dict[str, Any] = CONFIG, **corpus: Any
) -> tuple[dict[str, Any], list[str]]:
    config = copy.deepcopy(shipped)
    config["corpus"] |= corpus
    changed, lines = adapt_to_corpus(config, frame)
    config |= changed
    check_config(config, ROOT / "schemas/config.yaml", ["config.yaml"])
    Plan(config).predictions()
    return config, lines


def test_a_corpus_that_is_large_enough_changes_nothing():
    config, lines = adapted(comments(1600, 440, users=600))
    assert (config, lines) == (CONFIG, [])
    demo = load_comments(ROOT / CONFIG["corpus"]["fallback"], CONFIG["corpus"])
    config, lines = adapted(demo)
    assert config == CONFIG
    assert all("comments to divide" in line for line in lines)
    assert adapted(None) == (CONFIG, [])


def test_without_columns_what_needs_them_is_left_out_and_said():
    for frame in (None, comments(1600, 440)):  # before the corpus is at hand, and after
        config, lines = adapted(frame, WHOLE, title=None, group=None, user=None)
        assert "leave-one-article-out" not in config["protocols"]
        assert "user-grouped" not in config["protocols"]
        assert config["baselines"]["protocols"] == ["as-published"]
        assert not {"article-only", "user-only"} & set(config["baselines"]["models"])
        assert "lstm-title" not in config["sweeps"]
        assert set(config["stacks"]) == {"stack"}
        said = "\n".join(lines)
        assert (
            "lstm-bert-bidirectional-attention-title: left out: the comments have no title (config key `corpus.title`)"
            in said
        )
        assert "article-only: left out: the comments have no group (config key `corpus.group`)" in said
        assert "user-grouped: left out: the comments have no user (config key `corpus.user`)" in said
        assert "stack-with-user: left out with its member user-only" in said


KINDS = {RANDOM: "stratified-3", BY_USER: "users-3", BY_ARTICLE: "articles-5"}


@pytest.mark.parametrize(
    ("lacking", "kinds"),
    [
        ((), [RANDOM, BY_USER, BY_ARTICLE]),
        (("user",), [RANDOM, BY_ARTICLE]),
        (("title", "group"), [RANDOM, BY_USER]),
        (("title", "group", "user"), [RANDOM]),
    ],
)
@pytest.mark.parametrize("at_hand", [True, False])
def test_what_is_shown_runs_under_the_hardest_folds_that_the_corpus_allows(lacking, kinds, at_hand):
    config, _ = adapted(comments(1600, 440) if at_hand else None, **dict.fromkeys(lacking))
    plan = Plan(config)
    facts = describe_protocols({name: config["protocols"][name] for name in plan.protocols})
    scores = pd.DataFrame([{"protocol": name, "part": "test", "model": "m"} | fact for name, fact in facts.items()])
    assert fold_protocols(scores) == {kind: KINDS[kind] for kind in kinds}
    assert hardest_protocol(scores) == KINDS[kinds[-1]]
    made, final = {path.partition("fold")[0] for path in plan.predictions()}, config["final"]
    for protocol in fold_protocols(scores).values():
        # The settings of the final model, the best LSTM, and what is made of them.
        plan.config["final"] = final | {"protocol": protocol}
        assert len(final_predictions(plan)) >= 3
        for model in ("lstm/lstm-bert-bidirectional-attention", "ensembles/ensemble", "ensembles/stack"):
            assert f"<results>/{model}/{protocol}/" in made


def test_a_title_stands_in_for_the_group():
    config, lines = adapted(None, group=None)
    assert "articles-5" in config["protocols"]
    assert lines == []


def test_a_column_in_which_nothing_stands_is_none():
    empty = comments(1600, 440).assign(user=None)
    assert "users-3" not in adapted(empty)[0]["protocols"]


def test_folds_and_splits_shrink_with_the_corpus():
    config, lines = adapted(comments(60, 7, articles=3, users=5), WHOLE)
    assert config["protocols"]["stratified-10"]["folds"] == 7
    assert config["protocols"]["leave-one-article-out"]["folds"] == 3
    assert config["protocols"]["user-grouped"]["folds"] == 5
    said = "\n".join(lines)
    assert "stratified-10: 7 folds instead of 10: as many as there are comments of the smaller class" in said
    assert "leave-one-article-out: 3 folds instead of 10: as many as there are different values of thread" in said
    assert "balanced-random-700: left out: of 14 comments to divide, a part would get fewer than 4" in said
    assert config["sweeps"].get("finetune-balanced") is None
    assert "finetune-balanced" not in config["run"]
    assert "finetune-folds" in config["run"]


def test_where_nothing_is_left_that_is_an_error():
    with pytest.raises(
        FoxhoundError, match=r"too small for every model(.|\n)*stratified-3: left out(.|\n)*under `run`"
    ):
        adapt_to_corpus(CONFIG, comments(20, 1, articles=20))


@settings(deadline=None, max_examples=25, phases=[Phase.explicit, Phase.generate])
@given(st.integers(4, 90), st.integers(2, 45), st.integers(1, 12), st.integers(1, 12), st.integers(0, 3))
@example(4, 2, 1, 3, 0)
@example(60, 30, 2, 2, 0)
def test_every_partition_of_what_is_left_can_be_made(number, hateful, articles, users, seed):
    frame = comments(number, min(hateful, number - 2), articles, users)
    try:
        config, _ = adapt_to_corpus(CONFIG, frame)
    except FoxhoundError as error:
        assert "left out" in str(error)
        return
    for definition in config["protocols"].values():
        if "folds" in definition:
            found = fold_assignment(frame, definition)
            assert set(found) - {-1} <= set(range(definition["folds"]))
            assert definition.get("group") or set(found) - {-1} == set(range(definition["folds"]))
        else:
            parts = draw_partition(frame, definition, seed)
            assert parts["id"].is_unique
            assert parts["part"].value_counts().min() >= SMALLEST_PART


@given(st.integers(1, 2000), st.integers(1, 900), st.integers(0, 900), st.integers(1, 900))
def test_parts_shrink_in_proportion_and_never_grow(kept, train, validation, test):
    definition = {"train": train, "validation": validation, "test": test}
    sizes, asked = draw_sizes(definition, kept)
    assert asked == train + validation + test
    assert sum(sizes.values()) <= min(kept, asked)
    assert all(size <= definition[part] for part, size in sizes.items())
    if asked <= kept:
        assert sizes == {part: size for part, size in definition.items() if size}


def test_how_a_corpus_is_read_makes_no_partition_stale():
    assert not {"foxhound/corpus/loading.py", "foxhound/corpus/readers.py", "foxhound/experiment/adaptation.py"} & set(
        code_digests(ROOT / "scripts/partition.py")
    )


def test_the_console_says_what_is_in_doubt_about_the_file():
    facts = {"fallback": False, "doubts": ["line 2: a quotation mark opens"]}
    state = CorpusState("my.tsv", None, comments(3, 1), facts, {})
    assert warnings(state, [], "private") == ["my.tsv: line 2: a quotation mark opens"]
    assert warnings(CorpusState("my.tsv", None, comments(3, 1), {"fallback": False}, {}), [], "private") == []
