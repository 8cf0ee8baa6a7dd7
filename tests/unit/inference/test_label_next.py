from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from foxhound.corpus.texts import Texts
from foxhound.evaluation.near_duplicates import NearTexts
from foxhound.inference.kept_model import KeptModel
from foxhound.inference.label_next import (
    SPARE,
    WINDOW,
    Candidate,
    asked,
    by_chance,
    by_uncertainty,
    first_of_clusters,
    known_texts,
    lowest,
    unsure_and_different,
)
from hypothesis import given
from hypothesis import strategies as st

NOTHING = NearTexts({})


class Lengths(KeptModel):
    """A model whose log-odds are the number of letters, less ten; it finds nothing in a dot."""

    threshold = 0.5

    def log_odds(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([len(text) - 10.0 for text in texts])

    def finds_nothing(self, text: str) -> bool:
        return text == "."

    def end_of_reading(self, text: str) -> int:
        return len(text)


def candidates(keys: Sequence[float], texts: Sequence[str] = ()) -> Iterator[Candidate]:
    for row, key in enumerate(keys):
        yield Candidate(key, row, texts[row] if texts else f"w{row}", (), None)


@given(st.lists(st.floats(0, 9), max_size=60), st.integers(1, 5))
def test_the_lowest_come_first_and_among_equals_the_earlier_row(keys: list[float], number: int) -> None:
    chosen = lowest(candidates(keys), number, NOTHING)
    assert [one.row for one in chosen] == np.argsort(keys, kind="stable")[:number].tolist()


def test_the_lowest_are_found_wherever_in_a_long_file_they_stand() -> None:
    keys = np.random.default_rng(0).permutation(5 * WINDOW + 7).astype(float)
    chosen = lowest(candidates(keys.tolist()), 20, NOTHING)
    assert [one.key for one in chosen] == list(range(20))


def test_no_more_than_a_window_is_read_ahead_and_no_more_than_twice_the_number_held() -> None:
    alive, most = set(), 0

    class Text(str):
        def __del__(self) -> None:
            alive.discard(id(self))

    def source() -> Iterator[Candidate]:
        nonlocal most
        for row in range(10 * WINDOW):
            text = Text(f"w{row}")
            alive.add(id(text))
            most = max(most, len(alive))
            yield Candidate(float(-row), row, text, (), None)  # each better than all before: the worst case

    assert len(lowest(source(), 5, NOTHING)) == 5
    assert most <= 2 * WINDOW + SPARE * 5 + 5


def test_a_flood_of_one_text_in_many_spellings_leaves_room_for_others() -> None:
    flood = [f"buy our very fine new cheap boots today at shop number{row}" for row in range(3 * WINDOW)]
    emoji = ["😀"] * (2 * WINDOW)
    others = [f"another thing {row}" for row in range(10)]
    texts = [*flood, *emoji, *others]
    chosen = lowest(candidates([0.1] * len(flood) + [0.2] * len(emoji) + [0.3] * len(others), texts), 6, NOTHING)
    assert [one.text for one in chosen] == [flood[0], emoji[0], *others[:4]]


def test_where_one_comes_that_two_are_near_to_the_next_best_is_still_held() -> None:
    words = [f"word{number}" for number in range(10)]
    one, other, both = (" ".join(words[part]) for part in (slice(8), slice(2, 10), slice(10)))
    texts = [one, other, "third", *(f"far{row}" for row in range(WINDOW)), both]
    chosen = lowest(candidates([0.1, 0.2, 0.3, *[9.0] * WINDOW, 0.05], texts), 2, NOTHING)
    assert [one.text for one in chosen] == [both, "third"]


def test_what_is_known_or_nearly_is_left_out(tmp_path) -> None:
    (tmp_path / "known.csv").write_text('said,label\n"They came back, and nobody wants them here.",1\n"",0\n😀,0\n')
    (tmp_path / "more.txt").write_text("a second file\n")
    known = known_texts([(str(tmp_path / "known.csv"), "said"), (str(tmp_path / "more.txt"), "text")])
    texts = ["they came back and nobody wants them here today", "😀", "A second file!", "something else"]
    assert [one.text for one in lowest(candidates([1, 2, 3, 4], texts), 4, known)] == ["something else"]


def answer(row: int, p: float | None, **kept: object) -> dict[str, object]:
    return {"row": row, "text": None if p is None else f"w{row}", "p_hateful": p, "reason": p is None, **kept}


def test_the_nearest_to_the_threshold_in_log_odds_come_first() -> None:
    """.04 is nearer to .02 than .009 is: ratios count, and not differences."""
    answers = [answer(0, 0.5), answer(1, 0.04), answer(2, 0.009), answer(3, None), answer(4, 0.021), answer(5, 1.0)]
    chosen = lowest(by_uncertainty(answers, [], 0.02), 9, NOTHING)
    assert [one.row for one in chosen] == [4, 1, 2, 0, 5]
    assert chosen[1].key == pytest.approx(np.log(0.04 / 0.96) - np.log(0.02 / 0.98))
    assert chosen[0].p_hateful == 0.021


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_a_threshold_at_the_end_has_nearest_comments_too(threshold: float) -> None:
    chosen = lowest(by_uncertainty([answer(0, 0.3), answer(1, 0.7)], [], threshold), 2, NOTHING)
    assert [one.row for one in chosen] == ([0, 1] if threshold == 0 else [1, 0])


def test_kept_columns_stay_in_the_order_that_is_asked_for() -> None:
    (one,) = by_uncertainty([answer(0, 0.5, user="u", thread=3)], ["thread", "user"], 0.5)
    assert one.kept == (3, "u")


def texts(values: Sequence[object]) -> Texts:
    return Texts(((value, []) for value in values), len(values))


def test_chance_draws_evenly_and_does_not_see_order_repeats_or_what_cannot_be_scored() -> None:
    values = [f"comment{row}" for row in range(4000)]
    drawn = [one.text for one in lowest(by_chance(texts(values), Lengths()), 200, NOTHING)]
    again = by_chance(texts([None, "", *reversed(values), *values[:2000]]), Lengths())
    assert [one.text for one in lowest(again, 200, NOTHING)] == drawn
    assert [one.text for one in by_chance(texts(["x", ".", "y"]), Lengths())] == ["x", "y"]
    halves = sum(int(text.removeprefix("comment")) < 2000 for text in drawn)
    assert 70 <= halves <= 130  # 100 expected, standard deviation 7


def test_what_was_drawn_is_asked_about_afterwards() -> None:
    drawn = [Candidate(0.1, 0, "x" * 10, (), None), Candidate(0.2, 1, "x" * 12, (), None)]
    assert [one.p_hateful for one in asked(drawn, Lengths())] == pytest.approx([0.5, 1 / (1 + np.exp(-2))])
    assert asked([], Lengths()) == []


def test_of_comments_in_the_same_words_the_nearest_is_chosen() -> None:
    kinds = ("they came back today", "build us a wall now", "who reads these letters")
    texts = [f"{kinds[number % 3]} {'really ' * (number // 3)}".strip() for number in range(9)]
    assert first_of_clusters(texts, 3) == [0, 1, 2]
    assert first_of_clusters(texts[::-1], 3) == [0, 1, 2]


@pytest.mark.filterwarnings("error")
def test_the_same_words_in_another_order_are_one_kind_and_warn_of_nothing() -> None:
    assert first_of_clusters(["out now", "now out", "out  now", "who reads"], 3) == [0, 1, 3]


def test_of_no_more_texts_than_are_asked_for_all_are_chosen() -> None:
    assert first_of_clusters(["one", "two"], 2) == [0, 1]
    assert first_of_clusters([], 2) == []


@pytest.mark.filterwarnings("error")
@given(st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=20), st.integers(1, 6))
def test_as_many_are_chosen_as_are_asked_for_whatever_they_hold(texts: list[str], number: int) -> None:
    chosen = first_of_clusters(texts, number)
    assert len(chosen) == min(number, len(texts)) and chosen == sorted({*chosen})


def test_the_clusters_are_of_three_times_as_many_as_are_asked_for() -> None:
    texts = ["they came back", "they came back again", "they came back once more", "build us a wall", "a wall we want"]
    chosen = unsure_and_different(candidates(range(5), texts), 1, NOTHING)
    assert [one.row for one in chosen] == [0]
    chosen = unsure_and_different(candidates(range(5), texts), 2, NOTHING)
    assert [one.row for one in chosen] == [0, 3]
