"""Tell which words for a class clearly mean hateful, and which clearly do not; of others, the owner has to say."""

import re

HATE = {"hate", "hateful", "hatespeech", "hs", "hof", "yes", "y", "true", "t"}
PLAIN = {"not", "no", "n", "false", "f", "none", "neither", "normal", "neutral", "clean", "benign", "harmless", "ok"}
PLAIN |= {"okay", "acceptable", "safe", "nothing"}
TRUE, FALSE = {"yes", "y", "true", "t", "1"}, {"no", "n", "false", "f", "0"}
FILLERS = {"speech", "content", "comment", "tweet", "text", "is"}
NEGATIONS = ("not", "non", "no")
PLAINLY_WRITTEN = re.compile(r"[\[\('\"]*[0-9A-Za-z][0-9A-Za-z _.,:/&-]*[\]\)'\"]*")
ABUSE = {"hate", "hateful", "hatespeech", "hs", "hof", "offensive", "offence", "offense", "off", "toxic", "toxicity"}
ABUSE |= {"abusive", "abuse", "insult", "insulting", "obscene", "racist", "racism", "sexist", "sexism", "misogyny"}
ABUSE |= {"misogynous", "harassment", "threat", "threatening", "profane", "profanity", "aggressive", "aggression"}
ABUSE |= {"cyberbullying", "bullying", "vulgar", "homophobic", "homophobia"}
"""Words for what is hateful in some corpora and not in others."""


def snake_case(name: str) -> str:
    """Return `Comment ID` and `commentId` as `comment_id`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[^0-9A-Za-z]+", "_", name).strip("_").lower()


def side_of(word: str) -> int | None:
    """Return 1 where a word for a class clearly means hateful, 0 where it clearly does not, else None."""
    if not PLAINLY_WRITTEN.fullmatch(word):  # `!hate`, `hate?`, or letters that `snake_case` would leave out
        return None
    parts = snake_case(word).split("_")
    telling = [part for part in parts if part not in FILLERS]
    if not telling or not parts[0]:
        return None
    if len(telling) == 1 and telling[0] in PLAIN:
        return 0
    if telling[0] in NEGATIONS and telling[1:] and set(telling[1:]) <= ABUSE:
        return 0
    if len(telling) == 1 and any(telling[0].removeprefix(negation) in ABUSE - {telling[0]} for negation in NEGATIONS):
        return 0
    return 1 if set(telling) <= HATE else None


def sides(words: list[str]) -> dict[str, int | None]:
    """Return the side of each of these classes, which are all that there are.

    Of two classes, a word for abuse beside one that clearly is none (`OFF` beside `NOT`) means hateful; among more
    classes (`hate`, `offensive`, `neither`) its owner has to say.
    """
    found = {word: side_of(word) for word in words}
    others = {word.lower() for word in words if word.lower() != "none"}
    if others and others <= TRUE | FALSE:  # there, Python's word for what is missing
        found |= {word: None for word in words if word.lower() == "none"}
    if len(words) == 2 and sorted(map(str, found.values())) == ["0", "None"]:
        other = next(word for word, side in found.items() if side is None)
        if set(snake_case(other).split("_")) <= ABUSE | FILLERS:
            found[other] = 1
    return found
