import pytest
from foxhound.features.cleaning import CLEANERS, NEGATIONS, classic, classic_negations, minimal
from gensim.parsing.preprocessing import STOPWORDS
from hypothesis import example, given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The CATS are here!", ["cats"]),
        ("@Bob_1 you are NOT welcome, never", ["welcome"]),
        ("42 b4 vote2016", ["vote"]),
        ("snow_flake naïve", ["snow", "flake", "naïve"]),
        ("x y z", []),
        ("", []),
    ],
)
def test_classic_drops_mentions_digits_punctuation_and_stop_words(text, words):
    assert classic(text) == words


@given(st.text(alphabet="not nevercadogx"))
def test_classic_with_negations_adds_negations_and_nothing_else(text):
    assert [word for word in classic_negations(text) if word not in NEGATIONS] == [
        word for word in classic(text) if word not in NEGATIONS
    ]


def test_classic_with_negations_splits_contractions():
    assert classic_negations("The cats don't, won’t and NEVER did; no!") == ["cats", "not", "not", "never", "no"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The CATS are here!", ["the", "cats", "are", "here"]),
        ("@Bob_1 you are NOT welcome", ["@user", "you", "are", "not", "welcome"]),
        ("Don't! I won’t 'quote'", ["don't", "i", "won't", "quote"]),
        ("See https://Example.org/a?b=1#c now", ["see", "<url>", "now"]),
        ("42 b4 x", ["42", "b4", "x"]),
        ("snow_flake naïve", ["snow", "flake", "naïve"]),
        ("...", []),
    ],
)
def test_minimal_keeps_negations_and_contractions(text, words):
    assert minimal(text) == words


@given(st.text(st.characters(exclude_categories=["No", "Nl", "Cs"])))
@example("@not not @")
def test_classic_words_are_letters_and_no_stop_words(text):
    for word in classic(text):
        assert word.isalpha()
        assert len(word) > 1
        assert word not in STOPWORDS


@given(st.text(alphabet="abAB @'’.,12é_\n"))
def test_cleaning_does_not_depend_on_case_or_spacing(text):
    for clean in CLEANERS.values():
        assert clean(text) == clean(text.upper()) == clean(f"  {text}\n")


@given(st.lists(st.sampled_from(["not", "no", "never", "don't", "the", "vote"])))
def test_minimal_loses_no_word(words):
    assert minimal(" ".join(words)) == words


def test_a_word_about_the_web_is_not_a_link():
    assert minimal("http is a protocol") == ["http", "is", "a", "protocol"]


def test_a_link_with_a_mention_in_it_is_one_link():
    assert minimal("see https://example.org/@bob/1 now") == ["see", "<url>", "now"]
