import pytest
from foxhound.corpus.class_words import side_of, sides


@pytest.mark.parametrize(
    "word", ["hate", "Hateful", "hate speech", "HATE_SPEECH", "HOF", "HS", "yes", "Y", "hateSpeech"]
)
def test_clearly_hateful(word):
    assert side_of(word) == 1


@pytest.mark.parametrize(
    "word",
    [
        "none",
        "NOT",
        "not hate",
        "nothate",
        "non-hateful",
        "no_hate_speech",
        "not_offensive",
        "normal",
        "N",
        "neither",
        "nontoxic",
    ],
)
def test_clearly_not(word):
    assert side_of(word) == 0


@pytest.mark.parametrize(
    "word",
    [
        "threat",
        "both",
        "obscene",
        "unsure",
        "counter-hate",
        "anti hate",
        "offensive",
        "insult",
        "not sure",
        "other",
        "2",
        "",
        "hate?maybe",
        "!hate",
        "hate?",
        "\\N",
        "n\u00f6",
    ],
)
def test_of_anything_else_the_owner_has_to_say(word):
    assert side_of(word) is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["OFF", "NOT"], [1, 0]),
        (["racism", "none"], [1, 0]),
        (["unsure", "none"], [None, 0]),
        (["offensive", "hate"], [None, 1]),
        (["hate", "offensive", "neither"], [1, None, 0]),
    ],
)
def test_one_of_two_classes_can_be_clear_by_the_other(words, expected):
    assert [*sides(words).values()] == expected


@pytest.mark.parametrize("words", [["True", "False", "None"], ["yes", "no", "none"], ["0", "1", "None"]])
def test_none_beside_yes_and_no_is_no_class(words):
    assert sides(words)[words[2]] is None and sides(["hate", "None"])["None"] == 0
