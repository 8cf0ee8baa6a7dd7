"""Write the README's headline: what a finished report opens with, between two marks."""

import re

from foxhound.errors import FoxhoundError
from foxhound.report import answer_sections, leaderboard

START, END = "<!-- headline: made by `make headline` -->", "<!-- end of headline -->"
SECTIONS = (answer_sections.TITLE, leaderboard.TITLE)


def headline(report: str, picture: str) -> str:
    """Return the facts of the corpus, the recommendation, the picture and the leaderboard of a report.

    Args:
        report: as Markdown.
        picture: of every model, as Markdown.

    Raises:
        FoxhoundError: the report has no such sections, as one of an earlier version.
    """
    _, *parts = re.split(r"^## ", report, flags=re.MULTILINE)
    found = {title: text.strip() for title, _, text in (part.partition("\n") for part in parts)}
    lacking = [title for title in SECTIONS if title not in found]
    if lacking:
        raise FoxhoundError(f"The report has no section {lacking[0]!r}. Make it again: foxhound report")
    facts = report.partition("\n# ")[2] if not report.startswith("# ") else report
    first = facts.split("\n\n")[1]
    answer, board = (found[title] for title in SECTIONS)
    return "\n\n".join([first, answer, picture, board])


def insert(readme: str, text: str) -> str:
    """Return the README with `text` between its two marks.

    Raises:
        FoxhoundError: it lacks a mark.
    """
    before, start, rest = readme.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise FoxhoundError(f"README.md: the headline goes between {START!r} and {END!r}; add both.")
    return f"{before}{START}\n\n{text}\n\n{END}{after}"
